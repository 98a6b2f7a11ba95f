package httpapi

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

type requestIDKey struct{}

// ContextLog adds the request id of a context to each line of a handler.
type ContextLog struct{ slog.Handler }

// Handle implements slog.Handler.
func (c ContextLog) Handle(ctx context.Context, record slog.Record) error {
	if id, known := ctx.Value(requestIDKey{}).(string); known {
		record.AddAttrs(slog.String("request_id", id))
	}
	if span := trace.SpanContextFromContext(ctx); span.HasTraceID() {
		record.AddAttrs(slog.String("trace_id", span.TraceID().String()))
	}
	return c.Handler.Handle(ctx, record)
}

// WithAttrs implements slog.Handler.
func (c ContextLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return ContextLog{c.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (c ContextLog) WithGroup(name string) slog.Handler {
	return ContextLog{c.Handler.WithGroup(name)}
}

// bodySlack lets a request's own time-out end it before the connection's does.
const bodySlack = 250 * time.Millisecond

// unreadBodyWait is how long the rest of a body is waited for that nobody will read.
const unreadBodyWait = 100 * time.Millisecond

// observed gives every request, whoever answers it, its id and its time-out,
// and logs and counts its answer. The log has the route and not the path, which
// may hold anything.
func (a *API) observed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		answered := a.Metrics.Started()
		id := requestID(r)
		w.Header().Set("X-Request-Id", id)
		incoming := &incomingBody{ReadCloser: r.Body, received: func() { a.Received(r.Context()) }}
		recorder := &recorder{ResponseWriter: w, incoming: incoming}
		attended, answeredOrGone := a.attended(r, recorder)
		defer answeredOrGone()
		ctx, cancel := context.WithTimeout(context.WithValue(attended, requestIDKey{}, id), a.RequestTimeout)
		defer cancel()
		r = r.WithContext(ctx)
		if r.ContentLength == 0 {
			incoming.end()
		}
		r.Body = incoming
		// An error means that the connection cannot have a deadline, as in a test's recorder.
		_ = http.NewResponseController(w).SetReadDeadline(start.Add(a.RequestTimeout + bodySlack))
		select {
		case <-a.Draining:
			// Clients that keep connections alive are told to come back elsewhere.
			w.Header().Set("Connection", "close")
		default:
		}
		defer func() {
			if fault := recover(); fault != nil {
				a.Log.ErrorContext(ctx, "a handler panicked", "fault", fault, "stack", string(debug.Stack()))
				if recorder.status == 0 {
					writeError(recorder, http.StatusInternalServerError, "the service failed; its log says why")
				}
			}
			took := time.Since(start)
			route := routeOf(r.Pattern)
			answered(route, method(r.Method), recorder.status, took, traced(ctx, method(r.Method), route))
			level := slog.LevelInfo
			if quiet[route] {
				level = slog.LevelDebug
			}
			if a.Log.Enabled(ctx, level) {
				a.Log.LogAttrs(ctx, level, "request", slog.String("method", method(r.Method)), slog.String("route", route),
					slog.Int("status", recorder.status), slog.Float64("duration_ms", float64(took.Microseconds())/1000), slog.Int("bytes", recorder.bytes),
					slog.String("client", clientAddress(r, a.TrustedProxies).String()))
			}
		}()
		next.ServeHTTP(recorder, r)
	})
}

// traced names the span of a request, if it has one that is kept, and is the id of its trace.
func traced(ctx context.Context, method, route string) (id string) {
	span := trace.SpanFromContext(ctx)
	if !span.IsRecording() {
		return ""
	}
	span.SetName(method + " " + route)
	span.SetAttributes(attribute.String("http.route", route))
	return span.SpanContext().TraceID().String()
}

// quiet are the routes of probes and scrapes, which come every few seconds.
var quiet = map[string]bool{"/healthz": true, "/readyz": true, "/metrics": true, "/openapi.yaml": true}

// routeOf bounds the values of a metric's label. The pattern of what ServeMux
// answers itself, such as a redirect, is the client's own path.
func routeOf(pattern string) string {
	_, route, hasMethod := strings.Cut(pattern, " ")
	if !hasMethod {
		route = pattern
	}
	if quiet[route] || route == "/register" || route == "/login" {
		return route
	}
	return "unknown"
}

var safeID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// requestID is the client's own if it is fit for a log, else a new one.
func requestID(r *http.Request) string {
	if id := r.Header.Get("X-Request-Id"); id != "" && safeID.MatchString(id) {
		return id
	}
	var id [12]byte
	_, _ = rand.Read(id[:]) // never fails, says crypto/rand
	return hex.EncodeToString(id[:])
}

// method bounds the values of a metric's label: a client can send any word.
func method(sent string) string {
	switch sent {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodOptions, http.MethodTrace, http.MethodConnect:
		return sent
	}
	return "other"
}

// incomingBody knows whether a request has been read to its end.
type incomingBody struct {
	io.ReadCloser
	ended    atomic.Bool
	received func()
}

func (b *incomingBody) Read(into []byte) (int, error) {
	read, err := b.ReadCloser.Read(into)
	if errors.Is(err, io.EOF) {
		b.end()
	}
	return read, err
}

func (b *incomingBody) end() {
	if !b.ended.Swap(true) {
		b.received()
	}
}

// recorder remembers the status and size of an answer.
type recorder struct {
	http.ResponseWriter
	incoming      *incomingBody
	begun         sync.Mutex // of status
	status, bytes int
}

// interim sends an interim response on the request's connection, past net/http,
// which has no way to do so beside the handler; false when it is too late.
func (r *recorder) interim(conn net.Conn) bool {
	r.begun.Lock()
	defer r.begun.Unlock()
	if r.status != 0 {
		return false
	}
	_, err := conn.Write([]byte(processing))
	return err == nil
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.begun.Lock()
		r.status = status
		r.begun.Unlock()
		if !r.incoming.ended.Load() {
			// net/http waits for the rest of the body before it answers or
			// closes, so that what is on its way is not reset.
			r.Header().Set("Connection", "close")
			_ = http.NewResponseController(r.ResponseWriter).SetReadDeadline(time.Now().Add(unreadBodyWait))
		}
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(content []byte) (int, error) {
	if r.status == 0 {
		r.WriteHeader(http.StatusOK)
	}
	written, err := r.ResponseWriter.Write(content)
	r.bytes += written
	return written, err
}

// Unwrap is for http.ResponseController.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

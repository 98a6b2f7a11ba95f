package httpapi

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"time"
)

type requestIDKey struct{}

// ContextLog adds the request id of a context to each line of a handler.
type ContextLog struct{ slog.Handler }

// Handle implements slog.Handler.
func (c ContextLog) Handle(ctx context.Context, record slog.Record) error {
	if id, known := ctx.Value(requestIDKey{}).(string); known {
		record.AddAttrs(slog.String("request_id", id))
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

// observed gives a request its id and its time-out, and logs and counts its
// answer. The log has the route and not the path, which may hold anything.
func (a *API) observed(route string, next http.Handler) http.Handler {
	level := slog.LevelInfo
	if route != "/register" && route != "/login" && route != "unknown" {
		level = slog.LevelDebug // probes and scrapes come every few seconds
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		answered := a.Metrics.Started()
		id := requestID(r)
		w.Header().Set("X-Request-Id", id)
		ctx, cancel := context.WithTimeout(context.WithValue(r.Context(), requestIDKey{}, id), a.RequestTimeout)
		defer cancel()
		r = r.WithContext(ctx)
		recorder := &recorder{ResponseWriter: w}
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
			answered(route, method(r.Method), recorder.status, took)
			if a.Log.Enabled(ctx, level) {
				a.Log.LogAttrs(ctx, level, "request", slog.String("method", method(r.Method)), slog.String("route", route),
					slog.Int("status", recorder.status), slog.Duration("duration", took), slog.Int("bytes", recorder.bytes),
					slog.String("client", clientAddress(r, a.TrustedProxies).String()))
			}
		}()
		next.ServeHTTP(recorder, r)
	})
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

// recorder remembers the status and size of an answer.
type recorder struct {
	http.ResponseWriter
	status, bytes int
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(content []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	written, err := r.ResponseWriter.Write(content)
	r.bytes += written
	return written, err
}

// Unwrap is for http.ResponseController.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

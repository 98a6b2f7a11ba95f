// Package httpapi is the service's HTTP interface, as openapi.yaml beside it says.
package httpapi

import (
	"context"
	_ "embed"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"user/internal/account"
	"user/internal/metrics"
)

// Accounts is what the handlers ask for; *account.Service is one.
type Accounts interface {
	Register(ctx context.Context, registration account.Registration, address netip.Addr) (account.User, error)
	Login(ctx context.Context, credentials account.Credentials, address netip.Addr) (account.User, error)
}

// API answers requests.
type API struct {
	Accounts       Accounts
	Metrics        *metrics.Metrics
	Log            *slog.Logger
	RequestTimeout time.Duration
	TrustedProxies []netip.Prefix
	// MySQL and Redis are nil when the store serves, else why not.
	MySQL, Redis func() error
	// MySQLReadOnly is whether MySQL serves reads alone.
	MySQLReadOnly func() bool
	// Received is told of each request that has been read to its end.
	Received func(request context.Context)
	// Connection is the one that a request came by.
	Connection func(request context.Context) net.Conn
	// AdminApart leaves the probes and the metrics to Admin.
	AdminApart bool
	// Draining is closed once the service is told to end.
	Draining <-chan struct{}

	bodies *bodies
}

//go:embed openapi.yaml
var openapi []byte

// Handler is the API with logging, metrics, time-outs and request ids.
func (a *API) Handler() http.Handler {
	a.bodies = newBodies()
	mux := http.NewServeMux()
	route(mux, http.MethodPost, "/register", a.answering(a.register))
	route(mux, http.MethodPost, "/login", a.answering(a.login))
	if a.AdminApart {
		route(mux, http.MethodGet, "/openapi.yaml", http.HandlerFunc(specification))
	} else {
		a.adminRoutes(mux)
	}
	mux.HandleFunc("/", notFound)
	return a.observed(wholeServer(mux))
}

func route(mux *http.ServeMux, method, path string, handler http.Handler) {
	mux.Handle(method+" "+path, handler)
	allowed := method
	if method == http.MethodGet {
		allowed = "GET, HEAD"
	}
	mux.Handle(path, notAllowed(allowed))
}

func specification(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = w.Write(openapi)
}

func notFound(w http.ResponseWriter, _ *http.Request) {
	writeError(w, http.StatusNotFound, "there is nothing at this path; see /openapi.yaml")
}

// wholeServer answers OPTIONS * (RFC 9110 section 9.3.7), which ServeMux calls a bad request.
func wholeServer(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodOptions && r.RequestURI == "*" {
			w.WriteHeader(http.StatusOK)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func notAllowed(allowed string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Allow", allowed)
		writeError(w, http.StatusMethodNotAllowed, "this path does not take this method; use "+allowed)
	})
}

// answering runs a handler that returns what to answer or an error.
func (a *API) answering(handle func(r *http.Request) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, bodyLimit)
		answer, err := handle(r)
		if err != nil {
			a.fail(w, r, err)
			return
		}
		writeJSON(w, http.StatusOK, answer)
	})
}

type userAnswer struct {
	UserInfo userInfo `json:"user_info"`
}

type userInfo struct {
	ID       int64  `json:"id"`
	Username string `json:"username"`
	Email    string `json:"email"`
}

func answerOf(user account.User) userAnswer {
	return userAnswer{userInfo{ID: user.ID, Username: user.Username, Email: user.Email}}
}

func (a *API) register(r *http.Request) (any, error) {
	fields, err := a.bodies.decode(r)
	if err != nil {
		return nil, err
	}
	user, err := a.Accounts.Register(r.Context(), account.Registration{
		Username: fields["username"], Email: fields["email"], Password: account.Password(fields["password"]),
	}, clientAddress(r, a.TrustedProxies))
	return answerOf(user), err
}

func (a *API) login(r *http.Request) (any, error) {
	fields, err := a.bodies.decode(r)
	if err != nil {
		return nil, err
	}
	user, err := a.Accounts.Login(r.Context(), account.Credentials{
		Email: fields["email"], Password: account.Password(fields["password"]),
	}, clientAddress(r, a.TrustedProxies))
	return answerOf(user), err
}

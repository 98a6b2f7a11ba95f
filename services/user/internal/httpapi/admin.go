package httpapi

import (
	"net/http"
	"net/http/pprof"
)

// Admin is what operators ask for: the probes and the metrics, and profiles if
// they are wanted. Handler serves all but the profiles too, unless AdminApart.
func (a *API) Admin(profiles bool) http.Handler {
	mux := http.NewServeMux()
	a.adminRoutes(mux)
	mux.HandleFunc("/", notFound)
	if !profiles {
		return a.observed(mux)
	}
	// A profile takes as long as it is asked to, whatever the time of a request.
	outer := http.NewServeMux()
	outer.HandleFunc("/debug/pprof/", pprof.Index)
	outer.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	outer.HandleFunc("/debug/pprof/profile", pprof.Profile)
	outer.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	outer.HandleFunc("/debug/pprof/trace", pprof.Trace)
	outer.Handle("/", a.observed(mux))
	return outer
}

func (a *API) adminRoutes(mux *http.ServeMux) {
	route(mux, http.MethodGet, "/healthz", http.HandlerFunc(a.healthz))
	route(mux, http.MethodGet, "/readyz", http.HandlerFunc(a.readyz))
	route(mux, http.MethodGet, "/metrics", a.Metrics.Handler())
	route(mux, http.MethodGet, "/openapi.yaml", http.HandlerFunc(specification))
}

package httpapi

import "net/http"

type healthAnswer struct {
	Status string `json:"status"`
}

type readyAnswer struct {
	Status string `json:"status"` // ready, degraded, unavailable or draining
	MySQL  string `json:"mysql"`  // ok, read-only or unavailable
	Redis  string `json:"redis"`  // ok or unavailable
}

// healthz says only that the process answers.
func (a *API) healthz(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, healthAnswer{"ok"})
}

// readyz fails while MySQL is away or the service is ending. Redis being away
// or MySQL being read-only is degraded, which is ready.
func (a *API) readyz(w http.ResponseWriter, _ *http.Request) {
	mysql, redis := a.MySQL(), a.Redis()
	answer := readyAnswer{Status: "ready", MySQL: word(mysql), Redis: word(redis)}
	status := http.StatusOK
	if mysql == nil && a.MySQLReadOnly() {
		answer.Status, answer.MySQL = "degraded", "read-only"
	}
	if redis != nil {
		answer.Status = "degraded"
	}
	if mysql != nil {
		answer.Status, status = "unavailable", http.StatusServiceUnavailable
	}
	select {
	case <-a.Draining:
		answer.Status, status = "draining", http.StatusServiceUnavailable
	default:
	}
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	writeJSON(w, status, answer)
}

// word keeps addresses and accounts out of an answer that anybody may read; the
// log has the error itself.
func word(err error) string {
	if err != nil {
		return "unavailable"
	}
	return "ok"
}

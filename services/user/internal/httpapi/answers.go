package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"user/internal/account"
)

// statusOf is the one table from codes to statuses; requests that cannot be
// read carry their status themselves.
var statusOf = map[account.Code]int{
	account.Invalid:     http.StatusBadRequest,
	account.Mismatch:    http.StatusUnauthorized,
	account.Taken:       http.StatusConflict,
	account.Throttled:   http.StatusTooManyRequests,
	account.Unavailable: http.StatusServiceUnavailable,
}

// statusClientGone is logged when there is nobody left to answer. It is nginx's
// number; no RFC has one.
const statusClientGone = 499

type errorAnswer struct {
	Error string `json:"error"`
}

// fail answers err. What is not the client's to know is only logged.
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	var unreadable *requestError
	var known *account.Error
	switch {
	case errors.As(err, &unreadable):
		if unreadable.status == http.StatusRequestTimeout {
			w.Header().Set("Connection", "close")
		}
		writeError(w, unreadable.status, unreadable.message)
	case errors.Is(r.Context().Err(), context.Canceled):
		w.WriteHeader(statusClientGone)
	case errors.As(err, &known):
		if known.RetryAfter > 0 {
			w.Header().Set("Retry-After", seconds(known.RetryAfter))
		}
		if known.Code == account.Unavailable {
			a.Log.WarnContext(r.Context(), "a request was turned away", "error", err)
		}
		writeError(w, statusOf[known.Code], known.Message)
	default:
		a.Log.ErrorContext(r.Context(), "a request failed", "error", err)
		writeError(w, http.StatusInternalServerError, "the service failed; its log says why")
	}
}

// seconds rounds up, as Retry-After has whole seconds (RFC 9110 section 10.2.3).
func seconds(wait time.Duration) string {
	return strconv.Itoa(int(math.Ceil(wait.Seconds())))
}

func writeError(w http.ResponseWriter, status int, message string) {
	writeJSON(w, status, errorAnswer{message})
}

func writeJSON(w http.ResponseWriter, status int, answer any) {
	body, err := json.Marshal(answer)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"error":"the answer could not be encoded"}`)
	}
	header := w.Header()
	header.Set("Content-Type", "application/json; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n'))
}

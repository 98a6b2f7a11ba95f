package account

import (
	"context"
	"errors"
	"net/netip"
)

// Event is an attempt to register or to log in, for an audit: it has neither
// password nor email.
type Event struct {
	Action  string // register or login
	Outcome string // succeeded, cancelled, failed, or the Code of an Error
	// UserID is who registered or logged in, or whose password did not match;
	// 0 when nobody is known.
	UserID  int64
	Address netip.Addr
}

// Actions and Outcomes are all that Events have, for metrics.
var (
	Actions  = []string{"register", "login"}
	Outcomes = []string{"succeeded", string(Invalid), string(Mismatch), string(Taken), string(Throttled), string(Unavailable), "cancelled", "failed"}
)

func outcomeOf(err error) string {
	switch code := CodeOf(err); {
	case err == nil:
		return "succeeded"
	case code != "":
		return string(code)
	case errors.Is(err, context.Canceled):
		return "cancelled"
	}
	return "failed"
}

package mysql

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"time"

	driver "github.com/go-sql-driver/mysql"
)

const (
	mostTries  = 6
	firstPause = 10 * time.Millisecond
)

// again is why a statement that failed may be sent again at once, else "".
func again(err error) string {
	switch {
	case isNumber(err, deadlock):
		return "conflict" // also of two nodes of a cluster
	case isNumber(err, lockWait):
		return "lock_wait"
	case isNumber(err, notPrimary):
		return "not_primary"
	case cut(err):
		return "connection"
	}
	return ""
}

// cut is whether the connection was lost, so that nobody knows whether the
// statement was done. A dial that fails is something else.
func cut(err error) bool {
	return errors.Is(err, driver.ErrInvalidConn) || errors.Is(err, io.ErrUnexpectedEOF)
}

// retrying sends a statement again that another transaction or a node that left
// its cluster stopped, later and later, within the time of ctx and a second.
func (s *Store) retrying(ctx context.Context, send func() error) error {
	for try, pause := 1, firstPause; ; try, pause = try+1, 2*pause {
		err := send()
		reason := again(err)
		if reason == "" || try == mostTries || ctx.Err() != nil || s.Status() != nil {
			return err
		}
		if reason == "not_primary" || reason == "connection" {
			s.nudge()
		}
		s.hooks.Retried(reason)
		// Two that hinder each other do not come back together.
		wait(ctx, pause/2+rand.N(pause))
	}
}

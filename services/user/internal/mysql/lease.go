package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	driver "github.com/go-sql-driver/mysql"
	"github.com/pressly/goose/v3/lock"
)

const (
	leaseTime      = 30 * time.Second
	leaseHeartbeat = 5 * time.Second
	// leaseWait is how long one try waits for another replica, and leaseAnswer
	// for one answer of the server.
	leaseWait   = 10 * time.Second
	leaseAnswer = 5 * time.Second
)

// lease lets one replica migrate at a time: a row with a time of expiry, which
// unlike GET_LOCK counts on every node of a cluster. It has connections of its
// own, which do not wait for ever as those of a migration may.
type lease struct {
	locker lock.Locker
	db     *sql.DB
}

func (s *Store) openLease() (*lease, error) {
	locker, err := lock.NewMySQLTableLocker(
		lock.WithTableLeaseDuration(leaseTime), lock.WithTableHeartbeatInterval(leaseHeartbeat),
		lock.WithTableLockTimeout(time.Second, uint64(leaseWait.Seconds())), lock.WithTableUnlockTimeout(time.Second, 3),
		lock.WithTableLogger(slog.New(slog.DiscardHandler))) // its errors come back
	if err != nil {
		return nil, err
	}
	return &lease{locker, s.openMigrating(func(options *driver.Config) error {
		options.ReadTimeout, options.WriteTimeout = leaseAnswer, leaseAnswer
		return nil
	})}, nil
}

func (l *lease) close() error { return l.db.Close() }

func (l *lease) lock(ctx context.Context) error {
	if err := l.locker.Lock(ctx, l.db); err != nil {
		return fmt.Errorf("another replica migrates, or died less than %s ago while it did: %w", leaseTime, err)
	}
	return nil
}

func (l *lease) unlock(ctx context.Context) error { return l.locker.Unlock(ctx, l.db) }

var errLeaseLost = errors.New("the server has not answered for as long as the lease lasts")

// watch ends ctx when the server has not answered for the time of the lease, so
// that another replica may have begun to migrate.
func (l *lease) watch(ctx context.Context, end context.CancelCauseFunc) {
	ticker := time.NewTicker(leaseHeartbeat)
	defer ticker.Stop()
	for answered := time.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if l.db.PingContext(ctx) == nil {
			answered = time.Now()
		} else if time.Since(answered) > leaseTime {
			end(errLeaseLost)
			return
		}
	}
}

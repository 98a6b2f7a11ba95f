// Package mysql keeps users in MySQL or MariaDB.
package mysql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"user/internal/config"
)

const (
	connectTimeout = 3 * time.Second
	nextTimeout    = time.Second // for one of several addresses
	pingTimeout    = 2 * time.Second
	pingEvery      = time.Second
	firstRetry     = 50 * time.Millisecond
	lastRetry      = 2 * time.Second
)

// Store is the table user. It is made without a connection and becomes ready
// once Keep has reached the server and migrated the schema.
type Store struct {
	settings config.MySQL
	logins   *logins
	pooled   *connections
	pool     *sql.DB
	// control is one connection apart from the pool: a ping must not wait
	// behind requests, nor a migration hold up the pool.
	single   *connections
	control  *sql.DB
	log      *slog.Logger
	status   atomic.Pointer[error]
	readOnly atomic.Bool
	// clustered is whether other nodes write too, whose rows come later.
	clustered atomic.Bool
	schema    atomic.Int64 // its version
	nudged    chan struct{}
	hooks     Hooks
}

var errStarting = errors.New("not reached yet")

// Hooks are called by a Store.
type Hooks struct {
	// Retried is told why a statement is sent again: conflict, lock_wait,
	// not_primary or connection.
	Retried func(reason string)
	// Migrated is told of a try to migrate.
	Migrated func(took time.Duration, err error)
	// OpenDB makes the pool of requests.
	OpenDB func(driver.Connector) *sql.DB
}

// NoHooks are for those who do not look on.
var NoHooks = Hooks{Retried: func(string) {}, Migrated: func(time.Duration, error) {}, OpenDB: sql.OpenDB}

// Open makes a Store; it does not connect.
func Open(settings config.MySQL, log *slog.Logger, hooks Hooks) (*Store, error) {
	logins, err := newLogins(settings, log)
	if err != nil {
		return nil, err
	}
	pooled := newConnections(logins, log, settings.Database)
	// No database is named, so that an empty server can be given one.
	single := newConnections(logins, log, "")
	store := &Store{settings: settings, log: log, nudged: make(chan struct{}, 1), logins: logins, hooks: hooks,
		pooled: pooled, pool: hooks.OpenDB(pooled), single: single, control: sql.OpenDB(single)}
	store.pool.SetMaxOpenConns(settings.MaxConnections)
	store.pool.SetMaxIdleConns(settings.MaxConnections)
	store.pool.SetConnMaxIdleTime(5 * time.Minute)
	store.pool.SetConnMaxLifetime(settings.ConnMaxLifetime)
	store.control.SetMaxOpenConns(1)
	store.setStatus(errStarting)
	return store, nil
}

// driverLog passes the driver's remarks on at level debug: what matters of them
// comes back as an error.
type driverLog struct{ log *slog.Logger }

func (d driverLog) Print(values ...any) { d.log.Debug("mysql driver", "remark", fmt.Sprint(values...)) }

// Close closes every connection.
func (s *Store) Close() error { return errors.Join(s.pool.Close(), s.control.Close()) }

// Pool is the connection pool, for metrics.
func (s *Store) Pool() *sql.DB { return s.pool }

// Status is nil when the store serves, else why not.
func (s *Store) Status() error { return *s.status.Load() }

// ReadOnly is whether the server takes no writes, as one that was demoted.
func (s *Store) ReadOnly() bool { return s.readOnly.Load() }

func (s *Store) setStatus(err error) { s.status.Store(&err) }

// Keep prepares the server (database, schema), watches it, and prepares it
// again whenever it was away, until ctx ends. It returns an error only for what
// waiting cannot mend: emails that are in the table twice.
func (s *Store) Keep(ctx context.Context) error {
	retry := firstRetry
	for ctx.Err() == nil {
		err := s.prepare(ctx)
		if err == nil {
			err = s.findCluster(ctx)
		}
		var duplicates *DuplicateEmailsError
		if errors.As(err, &duplicates) {
			s.setStatus(err)
			return err
		}
		if err != nil {
			s.setStatus(err)
			s.log.WarnContext(ctx, "MySQL is not available; trying again", "retry_in", retry.String(), "error", err)
			s.elsewhere()
			wait(ctx, retry)
			retry = min(2*retry, lastRetry)
			continue
		}
		retry = firstRetry
		s.setStatus(nil)
		s.log.InfoContext(ctx, "MySQL is ready")
		if err := s.watch(ctx); err != nil && ctx.Err() == nil {
			s.setStatus(err)
			s.log.WarnContext(ctx, "MySQL went away", "error", err)
		}
	}
	return nil
}

// watch pings until a ping fails or the schema has to be looked at again.
func (s *Store) watch(ctx context.Context) error {
	ticker := time.NewTicker(pingEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		case <-s.nudged:
		}
		s.followLogin(ctx)
		if err := s.probe(ctx); err != nil {
			return err
		}
	}
}

// probe asks the server for what requests ask it for.
func (s *Store) probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	readOnly, err := s.readTable(ctx)
	for range len(s.settings.Addresses) {
		if err == nil && !readOnly {
			break
		}
		s.elsewhere()
		readOnly, err = s.readTable(ctx)
	}
	if err == nil && readOnly {
		// Perhaps a proxy or a name leads to another server by now.
		s.renew()
		readOnly, err = s.readTable(ctx)
	}
	if err != nil {
		return err
	}
	if s.readOnly.Swap(readOnly) != readOnly {
		if readOnly {
			s.log.WarnContext(ctx, "MySQL is read-only: users log in, and registrations are turned away")
		} else {
			s.log.InfoContext(ctx, "MySQL takes writes again")
		}
	}
	return nil
}

// readTable reads the table itself: a server that came back empty answers a
// ping, but has to be migrated again.
func (s *Store) readTable(ctx context.Context) (readOnly bool, err error) {
	var rows int
	var value string // 0 or 1, and newer MariaDB's are words
	query := "SELECT @@global.read_only, (SELECT COUNT(*) FROM (SELECT account_key FROM `" + s.settings.Database + "`.user LIMIT 1) AS one)"
	err = s.control.QueryRowContext(ctx, query).Scan(&value, &rows)
	return value != "0" && value != "OFF", err
}

// renew leaves every connection for a new one.
func (s *Store) renew() {
	s.pooled.renew(s.pool, s.settings.MaxConnections)
	s.single.renew(s.control, 1)
}

// followLogin has all connections made anew once the files say another login.
func (s *Store) followLogin(ctx context.Context) {
	if _, changed := s.logins.refresh(ctx, s.logins.current(), s.single.dial); changed {
		s.renew()
	}
}

// elsewhere leaves a node for the next of several.
func (s *Store) elsewhere() {
	if len(s.settings.Addresses) > 1 {
		s.logins.address.Add(1)
		s.renew()
	}
}

// nudge asks Keep to look at the server now rather than at its next tick.
func (s *Store) nudge() {
	select {
	case s.nudged <- struct{}{}:
	default:
	}
}

func wait(ctx context.Context, pause time.Duration) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

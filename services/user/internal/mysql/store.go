// Package mysql keeps users in MySQL or MariaDB.
package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"user/internal/config"
)

const (
	dialTimeout = 2 * time.Second
	pingTimeout = 2 * time.Second
	pingEvery   = time.Second
	firstRetry  = 50 * time.Millisecond
	lastRetry   = 2 * time.Second
)

// Store is the table user. It is made without a connection and becomes ready
// once Keep has reached the server and migrated the schema.
type Store struct {
	pool *sql.DB
	// control is one connection apart from the pool: a ping must not wait
	// behind requests, nor a migration hold up the pool.
	control  *sql.DB
	database string
	log      *slog.Logger
	status   atomic.Pointer[error]
	nudged   chan struct{}
}

var errStarting = errors.New("not reached yet")

// Open makes a Store; it does not connect.
func Open(settings config.MySQL, log *slog.Logger) (*Store, error) {
	pool, err := connector(settings, settings.Database, log)
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(settings.MaxConnections)
	pool.SetMaxIdleConns(settings.MaxConnections)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	// No database is named, so that an empty server can be given one.
	control, err := connector(settings, "", log)
	if err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	control.SetMaxOpenConns(1)
	store := &Store{pool: pool, control: control, database: settings.Database, log: log, nudged: make(chan struct{}, 1)}
	store.setStatus(errStarting)
	return store, nil
}

func connector(settings config.MySQL, database string, log *slog.Logger) (*sql.DB, error) {
	options := driver.NewConfig()
	options.Net, options.Addr = "tcp", settings.Addr()
	options.User, options.Passwd, options.DBName = settings.User, settings.Password, database
	options.Timeout = dialTimeout
	// One round trip for each query; sound because the connection is utf8mb4.
	options.InterpolateParams = true
	options.Logger = driverLog{log}
	connector, err := driver.NewConnector(options)
	if err != nil {
		return nil, fmt.Errorf("MySQL settings: %w", err)
	}
	return sql.OpenDB(connector), nil
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

func (s *Store) setStatus(err error) { s.status.Store(&err) }

// Keep prepares the server (database, schema), watches it, and prepares it
// again whenever it was away, until ctx ends. It returns an error only for what
// waiting cannot mend: emails that are in the table twice.
func (s *Store) Keep(ctx context.Context) error {
	retry := firstRetry
	for ctx.Err() == nil {
		err := s.prepare(ctx)
		var duplicates *DuplicateEmailsError
		if errors.As(err, &duplicates) {
			s.setStatus(err)
			return err
		}
		if err != nil {
			s.setStatus(err)
			s.log.WarnContext(ctx, "MySQL is not available; trying again", "retry_in", retry.String(), "error", err)
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
		if err := s.probe(ctx); err != nil {
			return err
		}
	}
}

// probe also reads the schema's version: a server that came back empty answers
// a ping, but has to be migrated again.
func (s *Store) probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	var present int
	query := "SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = 'user' AND COLUMN_NAME = 'email_key'"
	if err := s.control.QueryRowContext(ctx, query, s.database).Scan(&present); err != nil {
		return err
	}
	if present == 0 {
		return errors.New("the table user is gone")
	}
	return nil
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

// Package redis holds what the service asks of Redis: a lock against double
// registration and the counts of the throttle. Neither is needed: while Redis
// is away the lock lets everybody pass and the process's own counts stand.
package redis

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"user/internal/config"
	"user/internal/credentials"
)

const (
	// budget is how long a request waits for one answer of Redis before it goes
	// on without.
	budget      = 100 * time.Millisecond
	dialTimeout = 500 * time.Millisecond
	pingEvery   = time.Second
	firstRetry  = 50 * time.Millisecond
	poolSize    = 20
)

// Observe is told of each use: of what ("lock", "login_throttle",
// "register_throttle") and how it ended.
type Observe func(use, outcome string)

// Client is a connection to Redis that knows whether Redis is there.
type Client struct {
	settings config.Redis
	session  atomic.Pointer[session]
	log      *slog.Logger
	observe  Observe
	status   atomic.Pointer[error]
	refusing atomic.Bool
	nudged   chan struct{}
	// rejected is what the files say if Redis does not take it; Keep alone uses it.
	rejected  *credentials.Credentials
	rejecting atomic.Bool
}

var (
	errStarting = errors.New("not reached yet")
	errSlow     = fmt.Errorf("no answer within %s", budget)
)

// Open makes a Client; it does not connect.
func Open(settings config.Redis, log *slog.Logger, observe Observe) (*Client, error) {
	login, err := settings.Login.Read()
	if err != nil {
		return nil, fmt.Errorf("credentials of Redis: %w", err)
	}
	client := &Client{settings: settings, log: log, observe: observe, nudged: make(chan struct{}, 1)}
	client.session.Store(newSession(settings, login))
	client.setStatus(errStarting)
	return client, nil
}

// SetLog has go-redis log to log instead of standard error; it is the whole
// process's, so main calls it once before anything is opened.
func SetLog(log *slog.Logger) { goredis.SetLogger(driverLog{log}) }

// driverLog passes the client's remarks on at level debug: what matters of them
// comes back as an error.
type driverLog struct{ log *slog.Logger }

func (d driverLog) Printf(ctx context.Context, format string, values ...any) {
	d.log.DebugContext(ctx, "redis client", "remark", fmt.Sprintf(format, values...))
}

// Close closes every connection.
func (c *Client) Close() error { return c.session.Load().close() }

// PoolStats is the connection pool's state, for metrics.
func (c *Client) PoolStats() *goredis.PoolStats { return c.session.Load().redis.PoolStats() }

// Login is which credentials connections use: the account, since when, and
// whether the files have others that Redis does not take.
func (c *Client) Login() (account string, since time.Time, rejected bool) {
	login := c.session.Load().login
	return cmp.Or(login.User, "default"), login.Read, c.rejecting.Load()
}

// Status is nil when Redis answers in time, else why not.
func (c *Client) Status() error { return *c.status.Load() }

func (c *Client) setStatus(err error) { c.status.Store(&err) }

// Keep pings Redis until ctx ends, so that requests need not find out by
// waiting for it.
func (c *Client) Keep(ctx context.Context) {
	retry := firstRetry
	for ctx.Err() == nil {
		c.followLogin(ctx)
		err := c.ping(ctx)
		if ctx.Err() != nil {
			return
		}
		c.became(ctx, err)
		pause := pingEvery
		if err != nil {
			pause, retry = retry, min(2*retry, pingEvery)
		} else {
			retry = firstRetry
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-c.nudged:
		}
		timer.Stop()
	}
}

// ping succeeds when Redis answers within the budget of a request. It waits
// longer, so that a slow Redis is not dialled again and again.
func (c *Client) ping(ctx context.Context) error {
	begun := time.Now()
	if err := c.session.Load().pings.Ping(ctx).Err(); err != nil {
		return err
	}
	if time.Since(begun) > budget {
		return errSlow
	}
	return nil
}

// became notes Redis' status, and logs when it changes.
func (c *Client) became(ctx context.Context, err error) {
	before := *c.status.Swap(&err)
	switch {
	case err == nil && before != nil:
		c.log.InfoContext(ctx, "Redis is ready")
	case err != nil && (before == nil || errors.Is(before, errStarting)):
		c.log.WarnContext(ctx, "Redis is not available; going on without lock, and with each process's own throttle", "error", err)
	}
}

// use runs a command within the budget. An error says that there is no answer:
// Redis is away, refuses, or is too busy to answer in time.
func (c *Client) use(ctx context.Context, command func(ctx context.Context) error) error {
	if err := c.Status(); err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, budget)
	defer cancel()
	err := command(limited)
	var refusal goredis.Error
	switch {
	case err == nil:
		if c.refusing.Swap(false) {
			c.log.InfoContext(ctx, "Redis takes commands again")
		}
	case ctx.Err() != nil:
		// The request ended; that says nothing about Redis.
	case errors.As(err, &refusal):
		// It is there: a ping would succeed.
		if !c.refusing.Swap(true) {
			c.log.WarnContext(ctx, "Redis refuses commands; going on without lock, and with each process's own throttle", "error", err)
		}
	case errors.Is(err, goredis.ErrPoolTimeout), limited.Err() != nil:
		c.nudge() // busy, or slow: a ping tells
	default:
		c.became(ctx, err)
		c.nudge()
	}
	return err
}

// nudge asks Keep to ping now rather than at its next tick.
func (c *Client) nudge() {
	select {
	case c.nudged <- struct{}{}:
	default:
	}
}

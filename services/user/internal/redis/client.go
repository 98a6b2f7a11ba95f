// Package redis holds what the service asks of Redis: a lock against double
// registration and the counts of the throttle. Neither is needed: while Redis
// is away both let everything pass at once, and say so in the metrics.
package redis

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"user/internal/config"
)

const (
	// A request waits for Redis no longer than this before it goes on without.
	answerTimeout = 500 * time.Millisecond
	pingEvery     = time.Second
	firstRetry    = 50 * time.Millisecond
	poolSize      = 20
)

// Observe is told of each use: of what ("lock", "login_throttle",
// "register_throttle") and how it ended.
type Observe func(use, outcome string)

// Client is a connection to Redis that knows whether Redis is there.
type Client struct {
	redis   *goredis.Client
	log     *slog.Logger
	observe Observe
	status  atomic.Pointer[error]
	nudged  chan struct{}
}

var errStarting = errors.New("not reached yet")

// Open makes a Client; it does not connect.
func Open(settings config.Redis, log *slog.Logger, observe Observe) *Client {
	client := &Client{
		redis: goredis.NewClient(&goredis.Options{
			Addr:                  settings.Addr(),
			Password:              settings.Password,
			DialTimeout:           answerTimeout,
			ReadTimeout:           answerTimeout,
			WriteTimeout:          answerTimeout,
			PoolTimeout:           answerTimeout,
			ContextTimeoutEnabled: true,
			MaxRetries:            -1,
			DialerRetries:         1,
			PoolSize:              poolSize,
			ConnMaxIdleTime:       5 * time.Minute,
			// Commands that Redis 5.0 does not know and nothing here needs.
			DisableIdentity:          true,
			MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
		}),
		log: log, observe: observe, nudged: make(chan struct{}, 1),
	}
	client.setStatus(errStarting)
	return client
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
func (c *Client) Close() error { return c.redis.Close() }

// PoolStats is the connection pool's state, for metrics.
func (c *Client) PoolStats() *goredis.PoolStats { return c.redis.PoolStats() }

// Status is nil when Redis answers, else why not.
func (c *Client) Status() error { return *c.status.Load() }

func (c *Client) setStatus(err error) { c.status.Store(&err) }

// Keep pings Redis until ctx ends, so that requests need not find out by
// waiting for it.
func (c *Client) Keep(ctx context.Context) {
	retry := firstRetry
	for ctx.Err() == nil {
		before := c.Status()
		err := c.redis.Ping(ctx).Err()
		if ctx.Err() != nil {
			return
		}
		c.setStatus(err)
		switch {
		case err == nil && before != nil:
			c.log.InfoContext(ctx, "Redis is ready")
		case err != nil && (before == nil || errors.Is(before, errStarting)):
			c.log.WarnContext(ctx, "Redis is not available; going on without lock and throttle", "error", err)
		}
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

// failed takes Redis off the path of requests until a ping succeeds.
func (c *Client) failed(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return // the request ended; that says nothing about Redis
	}
	var refusal goredis.Error
	if errors.As(err, &refusal) {
		c.log.WarnContext(ctx, "Redis refuses a command; going on without it", "error", err)
		return // it is there: a ping would succeed
	}
	if c.Status() == nil {
		c.setStatus(err)
		c.log.WarnContext(ctx, "Redis does not answer; going on without lock and throttle", "error", err)
	}
	select {
	case c.nudged <- struct{}{}:
	default:
	}
}

package redis

import (
	"context"
	"errors"
	"time"

	"github.com/go-redsync/redsync/v4"
	"github.com/go-redsync/redsync/v4/redis/goredis/v9"

	"user/internal/account"
)

var _ account.Locker = (*Lock)(nil)

// Lock is the lock on an email that is being registered, by the digest of its key.
type Lock struct {
	client *Client
	sync   *redsync.Redsync
	ttl    time.Duration
}

// NewLock makes a Lock that frees itself after ttl, should its holder be gone.
func NewLock(client *Client, ttl time.Duration) *Lock {
	return &Lock{client: client, sync: redsync.New(goredis.NewPool(client.redis)), ttl: ttl}
}

// TryLock implements account.Locker. Outcomes observed: acquired, contended,
// released, expired (the holder took longer than the ttl), bypassed (Redis is away).
func (l *Lock) TryLock(ctx context.Context, key string) (unlock func(), held bool) {
	if l.client.Status() != nil {
		l.client.observe("lock", "bypassed")
		return func() {}, true
	}
	mutex := l.sync.NewMutex("user:lock:"+account.KeyDigest(key),
		redsync.WithExpiry(l.ttl), redsync.WithTries(1), redsync.WithTimeoutFactor(0.5))
	err := mutex.TryLockContext(ctx)
	var taken *redsync.ErrTaken
	switch {
	case err == nil:
		l.client.observe("lock", "acquired")
		return func() { l.unlock(ctx, mutex) }, true
	case errors.As(err, &taken):
		l.client.observe("lock", "contended")
		return nil, false
	}
	l.client.failed(ctx, err)
	l.client.observe("lock", "bypassed")
	return func() {}, true
}

func (l *Lock) unlock(ctx context.Context, mutex *redsync.Mutex) {
	// The lock is freed also when the request has been given up.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerTimeout)
	defer cancel()
	freed, err := mutex.UnlockContext(ctx)
	switch {
	case freed:
		l.client.observe("lock", "released")
	case err == nil, errors.Is(err, redsync.ErrLockAlreadyExpired), errors.As(err, new(*redsync.ErrTaken)):
		l.client.observe("lock", "expired")
	default:
		l.client.failed(ctx, err)
		l.client.observe("lock", "bypassed")
	}
}

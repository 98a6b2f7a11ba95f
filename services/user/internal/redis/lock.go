package redis

import (
	"context"
	"errors"
	"time"

	"github.com/go-redsync/redsync/v4"

	"user/internal/account"
)

var _ account.Locker = (*Lock)(nil)

// Lock is the lock on an email that is being registered, by the digest of its key.
type Lock struct {
	client *Client
	ttl    time.Duration
}

// NewLock makes a Lock that frees itself after ttl, should its holder be gone.
func NewLock(client *Client, ttl time.Duration) *Lock {
	return &Lock{client: client, ttl: ttl}
}

// TryLock implements account.Locker. Outcomes observed: acquired, contended,
// released, expired (the holder took longer than the ttl), bypassed (Redis is
// away or too busy).
func (l *Lock) TryLock(ctx context.Context, key string) (unlock func(), held bool) {
	mutex := l.client.session.Load().sync.NewMutex("user:lock:"+account.KeyDigest(key), redsync.WithExpiry(l.ttl), redsync.WithTries(1), redsync.WithTimeoutFactor(0.5))
	contended := false
	err := l.client.use(ctx, func(ctx context.Context) error {
		err := mutex.TryLockContext(ctx)
		contended = errors.As(err, new(*redsync.ErrTaken))
		if contended {
			return nil
		}
		return err
	})
	switch {
	case contended:
		l.client.observe("lock", "contended")
		return nil, false
	case err != nil:
		l.client.observe("lock", "bypassed")
		return func() {}, true
	}
	l.client.observe("lock", "acquired")
	return func() { l.unlock(ctx, mutex) }, true
}

func (l *Lock) unlock(ctx context.Context, mutex *redsync.Mutex) {
	freed := false
	// The lock is freed also when the request has been given up.
	err := l.client.use(context.WithoutCancel(ctx), func(ctx context.Context) (err error) {
		freed, err = mutex.UnlockContext(ctx)
		if errors.Is(err, redsync.ErrLockAlreadyExpired) || errors.As(err, new(*redsync.ErrTaken)) {
			return nil
		}
		return err
	})
	switch {
	case err != nil:
		l.client.observe("lock", "bypassed")
	case freed:
		l.client.observe("lock", "released")
	default:
		l.client.observe("lock", "expired")
	}
}

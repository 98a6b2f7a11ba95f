package throttle

import (
	"context"
	"net/netip"
	"time"

	"user/internal/account"
)

var _ account.Throttle = (*Throttle)(nil)

// Shared counts for all replicas, and limits its own time. An error says that
// it did not, and then the process's own count stands.
type Shared interface {
	Take(ctx context.Context, buckets []Bucket) (*Refusal, error)
	GiveBack(ctx context.Context, buckets []Bucket) error
}

// Observer is told of each use.
type Observer interface {
	// RedisUsed says how a use of Redis ended: passed, refused, or bypassed when
	// Redis did not answer and the process's own count stood.
	RedisUsed(use, outcome string)
	// Throttled says that an attempt was refused, by which limit.
	Throttled(limit string)
}

// Throttle is the limits on logins and registrations.
//
// A login's limit is on failures of a pair of address and email, so that a
// guesser locks out no user at another address; ten times that on failures of
// an address, so that going through many emails is slowed too; and, if it is
// set, one on failures at an email from all addresses together.
type Throttle struct {
	pair, address, account, register Limit

	local    *Local
	shared   Shared
	observer Observer
}

// addressFactor is how many times more failures an address may have than one
// of its pairs with an email: several people may share an address.
const addressFactor = 10

// Limits are numbers of attempts; 0 is off.
type Limits struct {
	LoginPerMinute    int // failures for a pair of address and email
	AccountPerHour    int // failures for an email
	RegisterPerMinute int // registrations for an address
}

// New makes a Throttle.
func New(limits Limits, shared Shared, observer Observer) *Throttle {
	return &Throttle{
		pair:     Per(limits.LoginPerMinute, time.Minute),
		address:  Per(limits.LoginPerMinute*addressFactor, time.Minute),
		account:  Per(limits.AccountPerHour, time.Hour),
		register: Per(limits.RegisterPerMinute, time.Minute),
		local:    NewLocal(), shared: shared, observer: observer,
	}
}

// TakeLogin implements account.Throttle.
func (t *Throttle) TakeLogin(ctx context.Context, attempt account.Attempt) (giveBack func(), wait time.Duration) {
	from, digest := network(attempt.Address).String(), account.KeyDigest(attempt.Key)
	buckets := limited(
		Bucket{"pair", "user:throttle:pair:" + from + ":" + digest, t.pair},
		Bucket{"address", "user:throttle:address:" + from, t.address},
		Bucket{"account", "user:throttle:account:" + digest, t.account})
	return t.take(ctx, "login_throttle", buckets)
}

// TakeRegistration implements account.Throttle.
func (t *Throttle) TakeRegistration(ctx context.Context, attempt account.Attempt) (wait time.Duration) {
	buckets := limited(Bucket{"register", "user:throttle:register:" + network(attempt.Address).String(), t.register})
	_, wait = t.take(ctx, "register_throttle", buckets)
	return wait
}

// take asks the process's own count first: what it refuses costs Redis nothing,
// and it never refuses what Redis would let pass, as it counts a part of the same.
func (t *Throttle) take(ctx context.Context, use string, buckets []Bucket) (giveBack func(), wait time.Duration) {
	if len(buckets) == 0 {
		return func() {}, 0
	}
	if refusal := t.local.Take(buckets); refusal != nil {
		t.observer.Throttled(refusal.Bucket.Name)
		return nil, refusal.Wait
	}
	refusal, err := t.shared.Take(ctx, buckets)
	switch {
	case err != nil:
		t.observer.RedisUsed(use, "bypassed")
		return func() { t.local.GiveBack(buckets) }, 0
	case refusal != nil:
		t.local.GiveBack(buckets)
		t.observer.RedisUsed(use, "refused")
		t.observer.Throttled(refusal.Bucket.Name)
		return nil, refusal.Wait
	}
	t.observer.RedisUsed(use, "passed")
	return func() {
		t.local.GiveBack(buckets)
		// Also when the client has hung up: the attempt was not a failure.
		_ = t.shared.GiveBack(context.WithoutCancel(ctx), buckets) // else the bucket leaks it
	}, 0
}

// limited is the buckets whose limit is not off.
func limited(buckets ...Bucket) []Bucket {
	kept := buckets[:0]
	for _, bucket := range buckets {
		if bucket.Limit.Burst > 0 {
			kept = append(kept, bucket)
		}
	}
	return kept
}

// network is an IPv4 address itself and the /64 of an IPv6 address: one
// customer has all of a /64 to guess from (RFC 6177).
func network(address netip.Addr) netip.Prefix {
	bits := 32
	if address.Is6() && !address.Is4In6() {
		bits = 64
	}
	prefix, err := address.Unmap().WithZone("").Prefix(bits)
	if err != nil {
		return netip.PrefixFrom(address, 0)
	}
	return prefix
}

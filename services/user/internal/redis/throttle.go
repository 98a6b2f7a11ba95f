package redis

import (
	"context"
	"net/netip"
	"time"

	"github.com/go-redis/redis_rate/v10"

	"user/internal/account"
)

var _ account.Throttle = (*Throttle)(nil)

// addressFactor is how many times more failures an address may have than one
// of its pairs with an email: several people may share an address.
const addressFactor = 10

// Throttle counts by the leaky bucket of redis_rate (GCRA): a limit of n per
// minute lets n through at once and then one each 60/n seconds.
//
// A login's limit is on failures of a pair of address and email, so that a
// guesser locks out no user at another address, and ten times that on failures
// of an address, so that going through many emails is slowed too.
type Throttle struct {
	client   *Client
	limiter  *redis_rate.Limiter
	login    redis_rate.Limit
	address  redis_rate.Limit
	register redis_rate.Limit
}

// NewThrottle makes a Throttle; a limit of 0 per minute is off.
func NewThrottle(client *Client, loginPerMinute, registerPerMinute int) *Throttle {
	return &Throttle{
		client:   client,
		limiter:  redis_rate.NewLimiter(client.redis),
		login:    redis_rate.PerMinute(loginPerMinute),
		address:  redis_rate.PerMinute(loginPerMinute * addressFactor),
		register: redis_rate.PerMinute(registerPerMinute),
	}
}

// LoginBlocked implements account.Throttle.
func (t *Throttle) LoginBlocked(ctx context.Context, attempt account.Attempt) time.Duration {
	if t.login.Rate == 0 {
		return 0
	}
	if wait := t.spent(ctx, pairKey(attempt), t.login); wait > 0 {
		return wait
	}
	return t.spent(ctx, addressKey("login", attempt.Address), t.address)
}

// LoginFailed implements account.Throttle.
func (t *Throttle) LoginFailed(ctx context.Context, attempt account.Attempt) {
	if t.login.Rate == 0 {
		return
	}
	// Counted even if the client has hung up: hanging up early must not be free.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerTimeout)
	defer cancel()
	t.take(ctx, "login_throttle", pairKey(attempt), t.login, 1)
	t.take(ctx, "login_throttle", addressKey("login", attempt.Address), t.address, 1)
}

// TakeRegistration implements account.Throttle.
func (t *Throttle) TakeRegistration(ctx context.Context, attempt account.Attempt) time.Duration {
	if t.register.Rate == 0 {
		return 0
	}
	result := t.take(ctx, "register_throttle", addressKey("register", attempt.Address), t.register, 1)
	if result == nil {
		return 0
	}
	if result.Allowed == 0 {
		t.client.observe("register_throttle", "refused")
		return result.RetryAfter
	}
	t.client.observe("register_throttle", "passed")
	return 0
}

// spent is how long to wait until the key's limit has room for one more, 0 when it has.
func (t *Throttle) spent(ctx context.Context, key string, limit redis_rate.Limit) time.Duration {
	result := t.take(ctx, "login_throttle", key, limit, 0)
	if result == nil {
		return 0
	}
	if result.Allowed == 0 && result.Remaining == 0 {
		t.client.observe("login_throttle", "refused")
		interval := limit.Period / time.Duration(limit.Rate)
		// ResetAfter counts down to an empty bucket; room for one comes a whole
		// number of intervals before that.
		return max(result.ResetAfter-time.Duration(limit.Burst-1)*interval, time.Millisecond)
	}
	t.client.observe("login_throttle", "passed")
	return 0
}

// take is nil when Redis is away.
func (t *Throttle) take(ctx context.Context, use, key string, limit redis_rate.Limit, count int) *redis_rate.Result {
	if t.client.Status() != nil {
		t.client.observe(use, "bypassed")
		return nil
	}
	result, err := t.limiter.AllowN(ctx, key, limit, count)
	if err != nil {
		t.client.failed(ctx, err)
		t.client.observe(use, "bypassed")
		return nil
	}
	return result
}

func addressKey(of string, address netip.Addr) string {
	return "user:" + of + ":" + network(address).String()
}

// pairKey holds a digest instead of the email, which is nobody's business in Redis.
func pairKey(attempt account.Attempt) string {
	return addressKey("login", attempt.Address) + ":" + account.KeyDigest(attempt.Key)
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

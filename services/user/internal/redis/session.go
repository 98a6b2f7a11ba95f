package redis

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"time"

	"github.com/go-redsync/redsync/v4"
	syncredis "github.com/go-redsync/redsync/v4/redis/goredis/v9"
	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"user/internal/config"
	"user/internal/credentials"
)

// session is the connections of one login.
type session struct {
	redis *goredis.Client
	// pings go by a connection of their own: they must not wait behind requests.
	pings *goredis.Client
	sync  *redsync.Redsync
	login credentials.Credentials
}

func newSession(settings config.Redis, login credentials.Credentials) *session {
	client := open(settings, login, poolSize)
	return &session{client, open(settings, login, 1), redsync.New(syncredis.NewPool(client)), login}
}

func (s *session) close() error { return errors.Join(s.redis.Close(), s.pings.Close()) }

func open(settings config.Redis, login credentials.Credentials, connections int) *goredis.Client {
	return goredis.NewClient(&goredis.Options{
		Addr:                  settings.Addr(),
		Username:              login.User,
		Password:              login.Password,
		Dialer:                dialer(login.TLS),
		DialTimeout:           dialTimeout,
		ReadTimeout:           dialTimeout,
		WriteTimeout:          dialTimeout,
		PoolTimeout:           budget,
		ContextTimeoutEnabled: true,
		MaxRetries:            -1,
		DialerRetries:         1,
		PoolSize:              connections,
		ConnMaxIdleTime:       5 * time.Minute,
		// Commands that Redis 5.0 does not know and nothing here needs.
		DisableIdentity:          true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
}

// dialer dials with TLS, unless config is nil. A server is held to the name it
// is dialled by if config has none.
func dialer(config *tls.Config) func(ctx context.Context, network, address string) (net.Conn, error) {
	plain := &net.Dialer{Timeout: dialTimeout, KeepAlive: 5 * time.Minute}
	if config == nil {
		return plain.DialContext
	}
	return (&tls.Dialer{NetDialer: plain, Config: config}).DialContext
}

// followLogin makes all connections anew once the files say another login and
// Redis takes it, so that files that are ahead of Redis cut nobody off.
func (c *Client) followLogin(ctx context.Context) {
	before := c.session.Load()
	read, err := c.settings.Login.Read()
	if err == nil && read.Equal(before.login) {
		c.rejected = nil
		c.rejecting.Store(false)
		return
	}
	var after *session
	if err == nil {
		after = newSession(c.settings, read)
		err = after.pings.Ping(ctx).Err()
	}
	if err != nil {
		if c.rejected == nil || !c.rejected.Equal(read) {
			c.log.WarnContext(ctx, "new credentials of Redis do not work; the ones before stay", "account", read.User, "error", err)
		}
		c.rejected = &read
		c.rejecting.Store(true)
		if after != nil {
			_ = after.close()
		}
		return
	}
	c.session.Store(after)
	c.rejected = nil
	c.rejecting.Store(false)
	c.log.InfoContext(ctx, "new credentials of Redis", "account", read.User)
	// A command lasts no longer than the budget.
	time.AfterFunc(dialTimeout, func() { _ = before.close() })
}

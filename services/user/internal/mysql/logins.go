package mysql

import (
	"context"
	"database/sql/driver"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"user/internal/config"
	"user/internal/credentials"
)

const askAgain = 5 * time.Second

// logins knows the credentials of all connections, of now and of before.
type logins struct {
	settings config.MySQL
	log      *slog.Logger

	mutex sync.Mutex
	now   credentials.Credentials
	// refused is what the files say if the server does not take it, and asked
	// when it was asked: it may lock an account that fails too often.
	refused *credentials.Credentials
	asked   time.Time
	open    map[string]int // connections by account

	refreshing sync.Mutex
}

func newLogins(settings config.MySQL, log *slog.Logger) (*logins, error) {
	read, err := settings.Login.Read()
	if err != nil {
		return nil, fmt.Errorf("credentials of MySQL: %w", err)
	}
	return &logins{settings: settings, log: log, now: read, open: map[string]int{read.User: 0}}, nil
}

func (l *logins) current() credentials.Credentials {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.now
}

// refresh reads the files again, and says whether there is something else than
// before. What has changed counts once the server takes it, so that files that
// are ahead of the server cut nobody off.
func (l *logins) refresh(ctx context.Context, before credentials.Credentials, dial func(context.Context, credentials.Credentials) (driver.Conn, error)) (now credentials.Credentials, changed bool) {
	l.refreshing.Lock()
	defer l.refreshing.Unlock()
	if now := l.current(); !now.Equal(before) {
		return now, true // seen by another connection
	}
	read, err := l.settings.Login.Read()
	if err == nil && read.Equal(before) {
		l.mutex.Lock()
		l.refused = nil
		l.mutex.Unlock()
		return before, false
	}
	if err == nil && l.refused != nil && l.refused.Equal(read) && time.Since(l.asked) < askAgain {
		return before, false
	}
	if err == nil {
		var conn driver.Conn
		ctx, cancel := context.WithTimeout(ctx, connectTimeout)
		defer cancel()
		if conn, err = dial(ctx, read); err == nil {
			_ = conn.Close() // it was only to see
		}
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if err != nil {
		if l.refused == nil || !l.refused.Equal(read) {
			l.log.WarnContext(ctx, "new credentials of MySQL do not work; the ones before stay", "account", read.User, "error", err)
		}
		l.refused, l.asked = &read, time.Time{}
		if denied(err) {
			l.asked = time.Now()
		}
		return before, false
	}
	if before.User != read.User && l.open[before.User] == 0 {
		delete(l.open, before.User)
	}
	l.now, l.refused = read, nil
	l.open[read.User] += 0 // shows that none is open yet
	l.log.InfoContext(ctx, "new credentials of MySQL", "account", read.User)
	return read, true
}

// opened counts a connection in; left counts it out, and may be called again.
func (l *logins) opened(account string) (left func()) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.open[account]++
	return sync.OnceFunc(func() {
		l.mutex.Lock()
		defer l.mutex.Unlock()
		if l.open[account]--; l.open[account] == 0 && account != l.now.User {
			delete(l.open, account)
		}
	})
}

// Login is which credentials new connections use: the account, since when, and
// whether the files have others that the server does not take.
func (s *Store) Login() (account string, since time.Time, refused bool) {
	s.logins.mutex.Lock()
	defer s.logins.mutex.Unlock()
	return s.logins.now.User, s.logins.now.Read, s.logins.refused != nil
}

// ConnectionsByAccount is how many connections are open, as each account that
// has any or is used for new ones.
func (s *Store) ConnectionsByAccount() map[string]int {
	s.logins.mutex.Lock()
	defer s.logins.mutex.Unlock()
	return maps.Clone(s.logins.open)
}

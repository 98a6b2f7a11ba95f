package main

import (
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// untilRefused sends logins until the port is closed, which a client sees as a
// connect that is refused or, in the midst of closing, reset. Whatever else goes
// wrong is a request that was accepted and dropped.
func untilRefused(t *testing.T, service client, email string, answered *atomic.Int64) {
	for {
		got, err := service.login(email, "pass")
		var failed *net.OpError
		if errors.As(err, &failed) && failed.Op == "dial" && (errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ECONNRESET)) {
			return
		}
		if err != nil {
			t.Errorf("dropped: %v", err)
			return
		}
		if got.status != http.StatusOK {
			t.Errorf("answered %s while draining", got)
		}
		answered.Add(1)
	}
}

func TestDropsNothingThatItAcceptedWhenItIsToldToEnd(t *testing.T) {
	env := servers(t)
	t.Run("after a wait", func(t *testing.T) {
		during := endUnderLoad(t, env.with("DRAIN_DELAY", "700ms"), func(service *program) {
			service.awaitReady(t, "draining")
		})
		if during < 50 {
			t.Errorf("%d requests were answered while draining: too few to show anything", during)
		}
	})
	t.Run("at once", func(t *testing.T) {
		endUnderLoad(t, env.with("DRAIN_DELAY", "0s"), func(*program) {})
	})
}

// endUnderLoad sends SIGTERM under load and is how many requests were answered after it.
func endUnderLoad(t *testing.T, env environment, draining func(*program)) int64 {
	t.Helper()
	service := launch(t, env)
	service.awaitReady(t, "ready")
	email := unique()
	service.mustRegister(t, email, "pass")

	newConnections := service.client
	newConnections.http = &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	var answered atomic.Int64
	var senders sync.WaitGroup
	for range 8 {
		senders.Go(func() { untilRefused(t, service.client, email, &answered) })
		senders.Go(func() { untilRefused(t, newConnections, email, &answered) })
	}
	eventually(t, 30*time.Second, func() string {
		if answered.Load() < 200 {
			return "too few requests are answered"
		}
		return ""
	})
	service.signal(t, syscall.SIGTERM)
	before := answered.Load()
	draining(service)
	senders.Wait()
	if code := service.exit(t, 20*time.Second); code != 0 {
		t.Errorf("ended with %d; promised 0", code)
	}
	during := answered.Load() - before
	t.Logf("%d requests answered, %d of them after SIGTERM", answered.Load(), during)
	return during
}

func TestAnswersWhatIsInFlightWhenItClosesAtOnce(t *testing.T) {
	// Each hash takes long enough to be in flight when the signal comes.
	service := launch(t, servers(t).with("ARGON2_MEMORY_KIB", "65536", "ARGON2_TIME", "4", "DRAIN_DELAY", "0s", "HASH_QUEUE_MAX_WAIT", "1m"))
	service.awaitReady(t, "ready")
	const count = 6
	answers := make(chan answer, count)
	for range count {
		go func() {
			got, err := service.register(unique(), "pass")
			if err != nil {
				t.Errorf("dropped: %v", err)
			}
			answers <- got
		}()
	}
	eventually(t, 10*time.Second, func() string {
		if service.metric(t, "user_http_requests_in_flight") < count+1 { // and /metrics itself
			return "the registrations are not in flight"
		}
		return ""
	})
	service.signal(t, syscall.SIGTERM)
	for range count {
		if got := <-answers; got.status != http.StatusOK {
			t.Errorf("answered %s; promised 200", got)
		}
	}
	if code := service.exit(t, 20*time.Second); code != 0 {
		t.Errorf("ended with %d; promised 0", code)
	}
}

func TestEndsAtOnceByASecondSignal(t *testing.T) {
	service := launch(t, servers(t).with("DRAIN_DELAY", "5m"))
	service.awaitReady(t, "ready")
	service.signal(t, syscall.SIGTERM)
	service.awaitReady(t, "draining")
	service.signal(t, syscall.SIGTERM)
	if code := service.exit(t, 5*time.Second); code != exitFault {
		t.Errorf("ended with %d; promised %d", code, exitFault)
	}
}

func TestEndsBeforeItsStoresAreThere(t *testing.T) {
	env := servers(t)
	service := launch(t, env.with("MYSQL_PORT", nowhere(t), "REDIS_PORT", nowhere(t)))
	service.awaitReady(t, "unavailable")
	service.signal(t, syscall.SIGTERM)
	if code := service.exit(t, 5*time.Second); code != 0 {
		t.Errorf("ended with %d; promised 0", code)
	}
}

package main

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"user/internal/testservers"
)

// pair is two servers of MySQL that hold the same schema, behind a proxy that
// leads to the first; the service has no administrator's rights on either.
func pair(t *testing.T) (env environment, proxy *testservers.Proxy, first, second *testservers.Server) {
	t.Helper()
	first, second = testservers.StartMySQL(t), testservers.StartMySQL(t)
	redis := testservers.Redis(t)
	for _, server := range []*testservers.Server{first, second} {
		prepared := startReady(t, environmentOf(server, redis, "user"))
		prepared.stop()
		<-prepared.done
		server.Grant(t, "app", "app", "user")
	}
	proxy = testservers.NewProxy(t, first.Addr())
	env = environmentOf(first, redis, "user").with("MYSQL_PORT", strconv.Itoa(proxy.Port), "MYSQL_USER", "app", "MYSQL_PASSWORD", "app")
	return env, proxy, first, second
}

func setReadOnly(t *testing.T, server *testservers.Server, on string) {
	t.Helper()
	if _, err := server.Open(t, "").Exec("SET GLOBAL read_only = " + on); err != nil {
		t.Fatal(err)
	}
}

func TestFollowsTheWriterWhenItsServerIsDemoted(t *testing.T) {
	env, proxy, first, second := pair(t)
	service := startReady(t, env)
	for range 30 { // so that the pool has connections to the first
		service.mustRegister(t, unique(), "pass")
	}
	proxy.Lead(second.Addr())
	setReadOnly(t, first, "ON")
	for range 60 {
		email := unique()
		got, err := service.register(email, "pass")
		if err != nil || got.status != http.StatusOK {
			t.Fatalf("a registration after the failover: %s %v; promised 200", got, err)
		}
		service.mustLogin(t, email, "pass")
	}
}

func TestReadsNothingStaleFromADemotedServer(t *testing.T) {
	env, proxy, first, second := pair(t)
	service := startReady(t, env)
	for range 30 {
		service.mustRegister(t, unique(), "pass")
	}
	proxy.Lead(second.Addr())
	setReadOnly(t, first, "ON")
	// Registered at the new writer by somebody else: nothing of this service was rejected.
	email := unique()
	startReady(t, environmentOf(second, testservers.Redis(t), "user")).mustRegister(t, email, "pass")
	eventually(t, 5*time.Second, func() string {
		got, err := service.login(email, "pass")
		if err != nil || got.status != http.StatusOK {
			return got.String()
		}
		return ""
	})
	for range 30 {
		service.mustLogin(t, email, "pass")
	}
}

func TestSaysThatItsDatabaseIsReadOnlyAndLogsUsersIn(t *testing.T) {
	env, _, first, _ := pair(t)
	service := startReady(t, env)
	email := unique()
	service.mustRegister(t, email, "pass")
	setReadOnly(t, first, "ON")
	service.awaitReady(t, "degraded")
	if got := service.mustSend(t, "GET", "/readyz", "", ""); !strings.Contains(got.body, `"mysql":"read-only"`) {
		t.Errorf("/readyz says %s", got)
	}
	service.mustLogin(t, email, "pass")
	if got, err := service.register(unique(), "pass"); err != nil || got.status != http.StatusServiceUnavailable {
		t.Errorf("a registration: %s %v; promised 503", got, err)
	}
	if readOnly := service.metric(t, `user_mysql_read_only`); readOnly != 1 {
		t.Errorf("user_mysql_read_only is %v", readOnly)
	}
	setReadOnly(t, first, "OFF")
	service.awaitReady(t, "ready")
	service.mustRegister(t, unique(), "pass")
}

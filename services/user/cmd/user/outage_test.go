package main

import (
	"context"
	"database/sql"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"user/internal/testservers"
)

// load registers new emails from several clients until it is stopped.
type load struct {
	acknowledged atomic.Int64
	turnedAway   atomic.Int64
	mutex        sync.Mutex
	emails       []string
	clients      sync.WaitGroup
	stop         context.CancelFunc
}

const loadTimeout = 2 * time.Second // the service's REQUEST_TIMEOUT under load

func startLoad(t *testing.T, service client, clients int) *load {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	running := &load{stop: stop}
	for range clients {
		running.clients.Go(func() {
			for ctx.Err() == nil {
				running.registerOne(t, service)
			}
		})
	}
	t.Cleanup(running.end)
	return running
}

func (l *load) registerOne(t *testing.T, service client) {
	email, begun := unique(), time.Now()
	got, err := service.register(email, "password of "+email)
	took := time.Since(begun)
	switch {
	case err != nil:
		t.Errorf("a registration had no answer: %v", err)
	case took > loadTimeout+time.Second:
		t.Errorf("a registration took %s; promised at most %s", took, loadTimeout)
	case got.status == http.StatusOK:
		l.mutex.Lock()
		l.emails = append(l.emails, email)
		l.mutex.Unlock()
		l.acknowledged.Add(1)
	case got.status == http.StatusServiceUnavailable:
		l.turnedAway.Add(1)
		time.Sleep(5 * time.Millisecond) // a client that is told to come back does not spin
	default:
		t.Errorf("a registration was answered %s; promised 200 or 503", got)
	}
}

func (l *load) await(t *testing.T, acknowledged int64) {
	t.Helper()
	eventually(t, 90*time.Second, func() string {
		if got := l.acknowledged.Load(); got < acknowledged {
			return "too few registrations are acknowledged"
		}
		return ""
	})
}

func (l *load) end() {
	l.stop()
	l.clients.Wait()
}

func (l *load) everyoneLogsIn(t *testing.T, service client) {
	t.Helper()
	for _, email := range l.emails {
		if got, err := service.login(email, "password of "+email); err != nil || got.status != http.StatusOK {
			t.Errorf("%s was acknowledged and cannot log in: %s %v", email, got, err)
		}
	}
	t.Logf("%d registrations acknowledged, %d turned away", len(l.emails), l.turnedAway.Load())
}

func TestLosesNoAcknowledgedRegistrationWhenMySQLIsKilled(t *testing.T) {
	mysql, redis := testservers.StartMySQL(t), testservers.Redis(t)
	service := startReady(t, environmentOf(mysql, redis, "user").with("REQUEST_TIMEOUT", loadTimeout.String()))
	running := startLoad(t, service.client, 8)
	running.await(t, 500)
	mysql.Kill(t)
	away := running.turnedAway.Load()
	eventually(t, 10*time.Second, func() string {
		if running.turnedAway.Load() < away+20 {
			return "registrations are not turned away while MySQL is killed"
		}
		return ""
	})
	mysql.Restart(t)
	running.await(t, running.acknowledged.Load()+200)
	running.end()
	running.everyoneLogsIn(t, service.client)
}

func TestFailsNoRegistrationWhenRedisIsKilled(t *testing.T) {
	mysql, redis := testservers.MySQL(t), testservers.StartRedis(t)
	env := environmentOf(mysql, redis, mysql.NewName(t)).with("REQUEST_TIMEOUT", loadTimeout.String())
	service := startReady(t, env)
	running := startLoad(t, service.client, 8)
	running.await(t, 500)
	redis.Kill(t)
	service.awaitReady(t, "degraded")
	running.await(t, running.acknowledged.Load()+200)
	redis.Restart(t)
	service.awaitReady(t, "ready")
	running.await(t, running.acknowledged.Load()+200)
	running.end()
	if turnedAway := running.turnedAway.Load(); turnedAway > 0 {
		t.Errorf("%d registrations were turned away; promised none", turnedAway)
	}
	running.everyoneLogsIn(t, service.client)
}

func TestAnswersAFullDiskAsAnOutage(t *testing.T) {
	// Of two megabytes beyond what it has at its start.
	mysql := testservers.StartMySQL(t, "--innodb-file-per-table=0", "--innodb-data-file-path=ibdata1:12M:autoextend:max:14M")
	service := startReady(t, environmentOf(mysql, testservers.Redis(t), "user"))
	early := unique()
	service.mustRegister(t, early, "pass")
	filler := mysql.Open(t, "user")
	if _, err := filler.Exec("CREATE TABLE filler (content LONGBLOB)"); err != nil {
		t.Fatal(err)
	}
	for size := 512 << 10; size > 100; size /= 2 {
		for err := error(nil); err == nil; {
			_, err = filler.Exec("INSERT INTO filler VALUES (REPEAT('x', ?))", size)
		}
	}
	for range 2000 { // until the table's own pages are full as well
		got, err := service.register(unique(), "pass")
		if err == nil && got.status == http.StatusOK {
			continue
		}
		if err != nil || got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "" {
			t.Errorf("on a full disk: %s %v; promised 503", got, err)
		}
		service.mustLogin(t, early, "pass")
		return
	}
	t.Error("the disk was not full")
}

// holdMigrationLock is another replica that migrates, with a lease for an interval of SQL.
func holdMigrationLock(t *testing.T, mysql *testservers.Server, interval string) *sql.DB {
	t.Helper()
	pool := mysql.Open(t, "")
	if _, err := pool.Exec(`CREATE DATABASE user; CREATE TABLE user.goose_lock (lock_id BIGINT NOT NULL PRIMARY KEY, locked BOOLEAN NOT NULL DEFAULT 0,
		locked_at DATETIME(6) NULL, locked_by TEXT NULL, lease_expires_at DATETIME(6) NULL, updated_at DATETIME(6) NULL);
		INSERT INTO user.goose_lock VALUES (4097083626, 1, UTC_TIMESTAMP(6), 'another', UTC_TIMESTAMP(6) + INTERVAL ` + interval + `, UTC_TIMESTAMP(6))`); err != nil {
		t.Fatal(err)
	}
	return pool
}

func TestMigratesAlthoughItsConnectionsDieWhileItWaitsToMigrate(t *testing.T) {
	mysql, redis := testservers.StartMySQL(t), testservers.Redis(t)
	pool := holdMigrationLock(t, mysql, "1 HOUR")
	proxy := testservers.NewProxy(t, mysql.Addr())
	service := start(t, environmentOf(mysql, redis, "user").with("MYSQL_PORT", strconv.Itoa(proxy.Port)))
	eventually(t, 20*time.Second, func() string {
		var connections int
		if err := pool.QueryRow("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE DB = 'user'").Scan(&connections); err != nil {
			return err.Error()
		}
		if connections == 0 {
			return "the service has not come to migrate"
		}
		return ""
	})
	proxy.Strand()
	if _, err := pool.Exec("UPDATE user.goose_lock SET locked = 0"); err != nil {
		t.Fatal(err)
	}
	eventually(t, 40*time.Second, func() string {
		got, err := service.send("GET", "/readyz", "", "")
		if err != nil || got.status != http.StatusOK {
			return got.String()
		}
		return ""
	})
}

func TestSaysThatAnotherReplicaMigrates(t *testing.T) {
	mysql, redis := testservers.StartMySQL(t), testservers.Redis(t)
	holdMigrationLock(t, mysql, "14 SECOND")
	service := start(t, environmentOf(mysql, redis, "user"))
	eventually(t, 20*time.Second, func() string {
		if !strings.Contains(service.log.String(), "another replica migrates") {
			return "the log does not say why it is not ready"
		}
		return ""
	})
	service.awaitReady(t, "ready") // once the lease of the other, which died, has ended
}

func TestConnectsAgainWhenItsHandshakeIsNotAnswered(t *testing.T) {
	mysql, redis := testservers.MySQL(t), testservers.Redis(t)
	proxy := testservers.NewProxy(t, mysql.Addr())
	proxy.Freeze()
	service := start(t, environmentOf(mysql, redis, mysql.NewName(t)).with("MYSQL_PORT", strconv.Itoa(proxy.Port)))
	eventually(t, 10*time.Second, func() string {
		if !strings.Contains(service.log.String(), "MySQL is not available; trying again") {
			return "the log does not say that MySQL does not answer"
		}
		return ""
	})
	proxy.Strand()
	proxy.Thaw()
	service.awaitReady(t, "ready")
	email := unique()
	service.mustRegister(t, email, "pass")
	// The pool's connections die as well; requests must not wait for them for long.
	proxy.Strand()
	eventually(t, 20*time.Second, func() string {
		got, err := service.login(email, "pass")
		if err != nil || got.status != http.StatusOK {
			return got.String()
		}
		return ""
	})
	begun := time.Now()
	for range 30 {
		service.mustLogin(t, email, "pass")
	}
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("30 logins over new connections took %s", took)
	}
}

func TestMigratesWhenMySQLAppears(t *testing.T) {
	mysql, redis := testservers.StartMySQL(t), testservers.StartRedis(t)
	mysql.Kill(t)
	redis.Kill(t)
	service := start(t, environmentOf(mysql, redis, "user"))
	service.awaitReady(t, "unavailable")
	mysql.Restart(t)
	service.awaitReady(t, "degraded")
	service.mustRegister(t, unique(), "pass")
	redis.Restart(t)
	service.awaitReady(t, "ready")
}

func TestMigratesAgainWhenMySQLComesBackEmpty(t *testing.T) {
	mysql, redis := testservers.MySQL(t), testservers.Redis(t)
	database := mysql.NewName(t)
	service := startReady(t, environmentOf(mysql, redis, database))
	service.mustRegister(t, unique(), "pass")
	if _, err := mysql.Open(t, "").Exec("DROP DATABASE " + database); err != nil {
		t.Fatal(err)
	}
	eventually(t, 20*time.Second, func() string {
		got, err := service.register(unique(), "pass")
		switch {
		case err != nil:
			return err.Error()
		case got.status != http.StatusOK && got.status != http.StatusServiceUnavailable:
			t.Fatalf("answered %s; promised 200 or 503", got)
		case got.status != http.StatusOK:
			return got.String()
		}
		return ""
	})
}

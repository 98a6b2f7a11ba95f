package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"user/internal/testservers"
)

// A cluster takes seconds to start, so these share one; the last takes a node away.
func TestServesOnAClusterOfWriters(t *testing.T) {
	cluster := testservers.StartCluster(t, 3)
	redis := testservers.Redis(t)
	// Replicas without a common Redis, so that nothing but the cluster decides.
	replicas := make([]*instance, len(cluster.Nodes))
	for i, node := range cluster.Nodes {
		replicas[i] = start(t, environmentOf(node, redis, "user").with("REDIS_PORT", nowhere(t), "REQUEST_TIMEOUT", "20s"))
	}
	for _, replica := range replicas {
		replica.awaitReady(t, "degraded")
	}
	t.Run("which one replica migrates", func(t *testing.T) {
		for version := 1; version <= 5; version++ {
			var by int
			for _, replica := range replicas {
				by += strings.Count(replica.log.String(), fmt.Sprintf(`"msg":"migrated","version":%d`, version))
			}
			if by != 1 {
				t.Errorf("version %d was migrated %d times", version, by)
			}
		}
	})
	t.Run("where one of a thousand gets the email", func(t *testing.T) { oneOfAThousand(t, cluster, replicas) })
	t.Run("with ids of each node's own", func(t *testing.T) {
		seen := map[int64]bool{}
		for range 10 {
			for _, replica := range replicas {
				id := replica.mustRegister(t, unique(), "pass").ID
				if seen[id] {
					t.Errorf("id %d was given twice", id)
				}
				seen[id] = true
			}
		}
	})
	t.Run("where a login finds what a node has not read yet", func(t *testing.T) { loginBehindAStalledNode(t, cluster, replicas) })
	t.Run("which retries conflicts", func(t *testing.T) { retriesConflicts(t, cluster, replicas) })
	t.Run("and loses no registration with a node", func(t *testing.T) { losesNothingWithANode(t, cluster, redis) })
}

func oneOfAThousand(t *testing.T, cluster *testservers.Cluster, replicas []*instance) {
	email := unique()
	var mutex sync.Mutex
	statuses := map[int]int{}
	var runners sync.WaitGroup
	gate := make(chan struct{})
	for i := range racers {
		runners.Go(func() {
			<-gate
			got, err := replicas[i%len(replicas)].register(email, "pass")
			if err != nil {
				t.Error(err)
			}
			mutex.Lock()
			defer mutex.Unlock()
			statuses[got.status]++
		})
	}
	close(gate)
	runners.Wait()
	promiseOneOf(t, statuses, racers)
	for i, node := range cluster.Nodes {
		pool := node.Open(t, "user")
		eventually(t, 10*time.Second, func() string {
			var rows int
			if err := pool.QueryRow("SELECT COUNT(*) FROM user WHERE email = ?", email).Scan(&rows); err != nil || rows != 1 {
				return fmt.Sprintf("node %d has %d rows of the email; %v", i, rows, err)
			}
			return ""
		})
	}
}

// loginBehindAStalledNode logs in at a node that applies nothing for a while.
func loginBehindAStalledNode(t *testing.T, cluster *testservers.Cluster, replicas []*instance) {
	stalled, err := cluster.Nodes[1].Open(t, "").Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stalled.Close() }()
	if _, err := stalled.ExecContext(t.Context(), "FLUSH TABLES WITH READ LOCK"); err != nil {
		t.Fatal(err)
	}
	var runners sync.WaitGroup
	for range 15 {
		email := unique()
		replicas[0].mustRegister(t, email, "pass")
		runners.Go(func() {
			if got, err := replicas[1].login(email, "pass"); err != nil || got.status != http.StatusOK {
				t.Errorf("a login at the stalled node: %s %v; promised 200", got, err)
			}
		})
	}
	processes := cluster.Nodes[1].Open(t, "")
	eventually(t, 10*time.Second, func() string {
		var waiting int
		if err := processes.QueryRow("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SET STATEMENT wsrep_sync_wait%'").Scan(&waiting); err != nil || waiting < 15 {
			return fmt.Sprintf("%d logins wait for the node; %v", waiting, err)
		}
		return ""
	})
	if _, err := stalled.ExecContext(t.Context(), "UNLOCK TABLES"); err != nil {
		t.Fatal(err)
	}
	runners.Wait()
	for range 5 {
		if got, err := replicas[1].login(unique(), "pass"); err != nil || got.status != http.StatusUnauthorized {
			t.Errorf("an unknown email: %s %v; promised 401", got, err)
		}
	}
}

// retriesConflicts has other nodes write to the rows that a login rehashes, so
// that their transactions and the service's stop each other.
func retriesConflicts(t *testing.T, cluster *testservers.Cluster, replicas []*instance) {
	email := unique()
	replicas[0].mustRegister(t, email, "pass")
	// Else the node itself sends a statement again, once.
	if _, err := cluster.Nodes[0].Open(t, "").Exec("SET GLOBAL wsrep_retry_autocommit = 0"); err != nil {
		t.Fatal(err)
	}
	replicas[0].stop()
	<-replicas[0].done
	replica := startReady(t, environmentOf(cluster.Nodes[0], testservers.Redis(t), "user"))
	ctx, stop := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	for _, node := range cluster.Nodes[1:] {
		pool := node.Open(t, "user")
		writers.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				// Plain again, so that each login replaces it.
				_, _ = pool.ExecContext(ctx, "UPDATE user SET password = 'pass', username = ? WHERE email = ?", fmt.Sprint("ada ", i), email)
			}
		})
	}
	retries := func() (sum float64) {
		return replica.metric(t, `user_mysql_retries_total{reason="conflict"}`)
	}
	eventually(t, 60*time.Second, func() string {
		for range 20 {
			if got, err := replica.login(email, "pass"); err != nil || got.status != http.StatusOK {
				t.Fatalf("a login during conflicts: %s %v; promised 200", got, err)
			}
		}
		if retries() == 0 {
			return "no conflict was retried"
		}
		return ""
	})
	t.Logf("%v conflicts retried", retries())
	stop()
	writers.Wait()
}

// losesNothingWithANode kills the node that is written to.
func losesNothingWithANode(t *testing.T, cluster *testservers.Cluster, redis *testservers.Server) {
	var addresses []string
	for _, node := range cluster.Nodes {
		addresses = append(addresses, node.Addr())
	}
	service := startReady(t, environmentOf(cluster.Nodes[0], redis, "user").without("MYSQL_HOST", "MYSQL_PORT").
		with("MYSQL_ADDRS", strings.Join(addresses, ","), "REQUEST_TIMEOUT", "20s"))
	var mutex sync.Mutex
	var acknowledged []string
	ctx, stop := context.WithCancel(t.Context())
	var clients sync.WaitGroup
	var longest atomic.Int64
	for range 8 {
		clients.Go(func() {
			for ctx.Err() == nil {
				email, begun := unique(), time.Now()
				got, err := service.register(email, "pass")
				if err != nil || got.status != http.StatusOK {
					t.Errorf("a registration while a node went away: %s %v; promised 200", got, err)
					continue
				}
				longest.Store(max(longest.Load(), int64(time.Since(begun))))
				mutex.Lock()
				acknowledged = append(acknowledged, email)
				mutex.Unlock()
			}
		})
	}
	count := func() int {
		mutex.Lock()
		defer mutex.Unlock()
		return len(acknowledged)
	}
	more := func() {
		t.Helper()
		before := count()
		eventually(t, 30*time.Second, func() string {
			if count() < before+200 {
				return fmt.Sprintf("%d registrations more", count()-before)
			}
			return ""
		})
	}
	more()
	cluster.Nodes[0].Kill(t)
	more()
	stop()
	clients.Wait()
	service.awaitReady(t, "ready")
	rows, pool := 0, cluster.Nodes[2].Open(t, "user")
	for _, email := range acknowledged {
		var found int
		// The node may have yet to apply what it was sent.
		if err := pool.QueryRow("SET STATEMENT wsrep_sync_wait = 1 FOR SELECT COUNT(*) FROM user WHERE email = ?", email).Scan(&found); err != nil {
			t.Fatal(err)
		}
		rows += found
	}
	if rows != len(acknowledged) {
		t.Fatalf("%d of %d acknowledged registrations are stored", rows, len(acknowledged))
	}
	t.Logf("%d registrations, all stored; the longest took %s; %v retried for their connection", len(acknowledged),
		time.Duration(longest.Load()), service.metric(t, `user_mysql_retries_total{reason="connection"}`))
}

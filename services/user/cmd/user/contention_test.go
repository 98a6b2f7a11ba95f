package main

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
)

const (
	racers    = 1000
	races     = 5
	mostBytes = 300 << 20
)

// race sends registrations of one email all at once and is how often each status came.
func race(t *testing.T, service client, count int) map[int]int {
	t.Helper()
	email := unique()
	answers := make(chan answer, count)
	gate := make(chan struct{})
	var runners sync.WaitGroup
	for i := range count {
		runners.Go(func() {
			<-gate
			// Half of them write the email in capitals: it is the same email.
			sent := email
			if i%2 == 1 {
				sent = strings.ToUpper(email)
			}
			got, err := service.register(sent, fmt.Sprintf("password %d", i))
			if err != nil {
				t.Errorf("registration %d: %v", i, err)
				return
			}
			answers <- got
		})
	}
	close(gate)
	runners.Wait()
	close(answers)
	statuses := map[int]int{}
	for got := range answers {
		statuses[got.status]++
		if got.status != http.StatusOK && got.status != http.StatusConflict {
			t.Errorf("answered %s", got)
		}
	}
	return statuses
}

func promiseOneOf(t *testing.T, statuses map[int]int, count int) {
	t.Helper()
	if statuses[http.StatusOK] != 1 || statuses[http.StatusConflict] != count-1 {
		t.Errorf("answered %v; promised one 200 and %d of 409", statuses, count-1)
	}
}

// peakMemory is the most memory that a process has had resident, in bytes.
func peakMemory(t *testing.T, pid int) int {
	t.Helper()
	return statusBytes(t, pid, "VmHWM:")
}

func statusBytes(t *testing.T, pid int, field string) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, found := strings.CutPrefix(line, field); found {
			var kib int
			if _, err := fmt.Sscan(rest, &kib); err != nil {
				t.Fatal(err)
			}
			return kib << 10
		}
	}
	t.Fatalf("/proc/%d/status has no %s", pid, field)
	return 0
}

func TestRegistersOneOfAThousandConcurrentRegistrationsOfOneEmail(t *testing.T) {
	env := servers(t)
	full := env.with("ARGON2_MEMORY_KIB", "", "ARGON2_TIME", "") // the defaults
	for name, row := range map[string]struct {
		env    environment
		metric string
	}{
		"with Redis":                     {full, `user_redis_uses_total{outcome="acquired",use="lock"}`},
		"without Redis":                  {full.with("REDIS_PORT", nowhere(t)), `user_redis_uses_total{outcome="bypassed",use="lock"}`},
		"with a lock that ends too soon": {full.with("REGISTER_LOCK_TTL", "10ms"), `user_redis_uses_total{outcome="expired",use="lock"}`},
	} {
		t.Run(name, func(t *testing.T) {
			service := launch(t, row.env)
			if row.env["REDIS_PORT"] == env["REDIS_PORT"] {
				service.awaitReady(t, "ready")
			} else {
				service.awaitReady(t, "degraded")
			}
			for range races {
				promiseOneOf(t, race(t, service.client, racers), racers)
			}
			if service.metric(t, row.metric) < 1 {
				t.Errorf("%s is 0: the race was not what it is called", row.metric)
			}
			if peak := peakMemory(t, service.command.Process.Pid); peak > mostBytes {
				t.Errorf("took %d MB; promised at most %d", peak>>20, mostBytes>>20)
			} else {
				t.Logf("took %d MB at most", peak>>20)
			}
		})
	}
}

func TestRegistersOneOfManyWithoutDataRaces(t *testing.T) {
	const count = 200
	env := servers(t)
	first := startReady(t, env)
	promiseOneOf(t, race(t, first.client, count), count)
	withoutRedis := start(t, env.with("REDIS_PORT", nowhere(t)))
	withoutRedis.awaitReady(t, "degraded")
	promiseOneOf(t, race(t, withoutRedis.client, count), count)
}

func TestRegistersOneOfManyAcrossReplicas(t *testing.T) {
	const count = 100
	env := servers(t)
	replicas := []*instance{startReady(t, env), startReady(t, env), startReady(t, env)}
	email := unique()
	var mutex sync.Mutex
	statuses := map[int]int{}
	var runners sync.WaitGroup
	for _, replica := range replicas {
		for range count {
			runners.Go(func() {
				got, err := replica.register(email, "pass")
				if err != nil {
					t.Error(err)
				}
				mutex.Lock()
				defer mutex.Unlock()
				statuses[got.status]++
			})
		}
	}
	runners.Wait()
	promiseOneOf(t, statuses, len(replicas)*count)
}

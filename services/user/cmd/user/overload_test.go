package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// sample is how one of many logins went.
type sample struct {
	status int
	took   time.Duration
	retry  string
}

// burst sends so many logins at once, each over a connection of its own.
func burst(t *testing.T, service client, count int, email string) []sample {
	t.Helper()
	// Without the contract: holding each answer to it would be the load.
	bare := &http.Client{Transport: &http.Transport{MaxConnsPerHost: count, MaxIdleConnsPerHost: count}, Timeout: 60 * time.Second}
	defer bare.CloseIdleConnections()
	samples := make([]sample, count)
	var running sync.WaitGroup
	for i := range samples {
		running.Go(func() {
			begun := time.Now()
			response, err := bare.Post(service.url+"/login", formType, strings.NewReader(form("email", email, "password", "pass")))
			if err != nil {
				t.Errorf("no answer: %v", err)
				return
			}
			defer func() { _ = response.Body.Close() }()
			_, _ = io.Copy(io.Discard, response.Body)
			samples[i] = sample{response.StatusCode, time.Since(begun), response.Header.Get("Retry-After")}
		})
	}
	running.Wait()
	return samples
}

func TestTurnsAwayAtOnceWhatItCannotHashInTime(t *testing.T) {
	service := launch(t, servers(t).with("ARGON2_MEMORY_KIB", "", "ARGON2_TIME", "")) // the defaults
	service.awaitReady(t, "ready")
	email := unique()
	service.mustRegister(t, email, "pass")
	for range 20 { // so that it knows what a hash costs
		service.mustLogin(t, email, "pass")
	}
	samples := burst(t, service.client, 1500, email)
	took := map[int][]time.Duration{}
	for _, one := range samples {
		took[one.status] = append(took[one.status], one.took)
		if one.status == http.StatusServiceUnavailable && one.retry != "1" {
			t.Fatalf("a 503 has Retry-After %q; promised 1", one.retry)
		}
	}
	for status, durations := range took {
		slices.Sort(durations)
		t.Logf("%d: %d times, median %s, longest %s", status, len(durations), durations[len(durations)/2], durations[len(durations)-1])
	}
	served := took[http.StatusOK]
	if len(served) > 0 {
		measured(t, "%d served, the last after %.1f s", len(served), served[len(served)-1].Seconds())
	}
	if len(served)+len(took[http.StatusServiceUnavailable]) != len(samples) || len(served) < 5 {
		t.Fatalf("%d of %d are served; promised those of about a second, and 503 for the others", len(served), len(samples))
	}
	// The clients take their time as well, on the same processors.
	if longest := served[len(served)-1]; longest > 4*time.Second {
		t.Errorf("a login that was served took %s; promised about a second", longest)
	}
	if waited := service.metric(t, `user_password_hash_wait_seconds_count`); waited < float64(len(served)) {
		t.Errorf("%v waits are counted for %d logins", waited, len(served))
	}
	if refused := service.metric(t, `user_password_hashes_refused_total`); refused < 1 {
		t.Error("no refusal is counted")
	}
	begun := time.Now()
	service.mustLogin(t, email, "pass")
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("a login after the burst took %s", took)
	}
	if peak := peakMemory(t, service.command.Process.Pid); peak > 250<<20 {
		t.Errorf("took %d MB; promised at most 250", peak>>20)
	}
}

func TestKeepsToTheMemoryOfItsContainer(t *testing.T) {
	const limit = 256 << 20
	group := memoryGroup(t, limit)
	service := launchCommand(t, servers(t), exec.Command("sh", "-c", `echo $$ >"$0/cgroup.procs" && exec "$1"`, group, build(t)))
	service.awaitReady(t, "ready")
	if got := service.metric(t, "go_gc_gomemlimit_bytes"); got < limit/2 || got >= limit {
		t.Errorf("the garbage collector's limit is %.0f; promised somewhat below %d", got, limit)
	}
	own := launchCommand(t, servers(t).with("GOMEMLIMIT", "100MiB"), exec.Command("sh", "-c", `echo $$ >"$0/cgroup.procs" && exec "$1"`, group, build(t)))
	own.awaitReady(t, "ready")
	if got := own.metric(t, "go_gc_gomemlimit_bytes"); got != 100<<20 {
		t.Errorf("the limit is %.0f; promised that of GOMEMLIMIT", got)
	}
}

// memoryGroup makes a cgroup with a limit of memory; it skips the test where none can be made.
func memoryGroup(t *testing.T, bytes int) string {
	t.Helper()
	for _, try := range [][2]string{{"/sys/fs/cgroup/memory", "memory.limit_in_bytes"}, {"/sys/fs/cgroup", "memory.max"}} {
		group := filepath.Join(try[0], fmt.Sprintf("user-test-%d", os.Getpid()))
		if _, err := os.Stat(filepath.Join(try[0], "cgroup.procs")); err != nil || os.Mkdir(group, 0o755) != nil {
			continue
		}
		t.Cleanup(func() {
			eventually(t, 10*time.Second, func() string { // until the last process has left it
				if err := os.Remove(group); err != nil {
					return err.Error()
				}
				return ""
			})
		})
		if err := os.WriteFile(filepath.Join(group, try[1]), fmt.Append(nil, bytes), 0o644); err == nil {
			return group
		}
	}
	t.Skip("no cgroup can be made here, so that the memory limit of a container is not tried")
	return ""
}

package main

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestAnswersWhileNobodyReadsItsLog(t *testing.T) {
	reader, unread, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reader.Close() }()
	service := launchLogging(t, servers(t), unread)
	_ = unread.Close() // it is the service's
	service.awaitReady(t, "ready")
	email := unique()
	service.mustRegister(t, email, "pass")
	const logins = 600 // of more lines than a pipe holds
	begun := time.Now()
	for range logins {
		if got, err := service.login(email, "pass"); err != nil || got.status != http.StatusOK {
			t.Fatalf("while nobody reads the log: %s %v", got, err)
		}
	}
	measured(t, "%d logins in %d ms", logins, time.Since(begun).Milliseconds())
	begun = time.Now()
	service.signal(t, syscall.SIGTERM)
	if code := service.exit(t, 15*time.Second); code != 0 {
		t.Errorf("ended with %d; promised 0", code)
	}
	t.Logf("it ended after %s", time.Since(begun))
}

func TestServesOnWhenItsLogIsClosed(t *testing.T) {
	reader, unread, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	service := launchLogging(t, servers(t), unread)
	_ = unread.Close()
	service.awaitReady(t, "ready")
	_ = reader.Close()
	email := unique()
	service.mustRegister(t, email, "pass")
	for range 10 {
		service.mustLogin(t, email, "pass")
	}
}

func TestLogsHowLongARequestTookInMilliseconds(t *testing.T) {
	service := startReady(t, servers(t).with("ARGON2_MEMORY_KIB", "19456"))
	begun := time.Now()
	service.mustRegister(t, unique(), "pass")
	most := float64(time.Since(begun).Milliseconds())
	eventually(t, 5*time.Second, func() string {
		for line := range strings.Lines(service.log.String()) {
			var request struct {
				Route      string
				DurationMS float64 `json:"duration_ms"`
			}
			if err := json.Unmarshal([]byte(line), &request); err != nil {
				t.Fatalf("%v: %s", err, line)
			}
			if request.Route != "/register" {
				continue
			}
			if request.DurationMS < 1 || request.DurationMS > most+1 {
				t.Errorf("%s says %v ms of a request that took %v", line, request.DurationMS, most)
			}
			return ""
		}
		return "the request is not logged"
	})
}

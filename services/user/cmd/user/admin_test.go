package main

import (
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestServesOperatorsAtAnAddressOfTheirOwn(t *testing.T) {
	env := servers(t)
	admin := newClient(t, "http://127.0.0.1:"+nowhere(t))
	at := strings.TrimPrefix(admin.url, "http://")
	service := launch(t, env.with("ADMIN_ADDR", at, "PPROF", "on", "DRAIN_DELAY", "2s"))
	admin.awaitReady(t, "ready")
	service.mustRegister(t, unique(), "pass")
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/debug/pprof/heap"} {
		if got := service.mustSend(t, http.MethodGet, path, "", ""); got.status != http.StatusNotFound {
			t.Errorf("%s is at HTTP_ADDR too: %d", path, got.status)
		}
		if got := admin.mustSend(t, http.MethodGet, path, "", ""); got.status != http.StatusOK {
			t.Errorf("%s at ADMIN_ADDR: %d", path, got.status)
		}
	}
	response, err := http.Post(admin.url+"/login", formType, strings.NewReader(form("email", "a@b.c", "password", "p")))
	if err != nil {
		t.Fatal(err)
	}
	if _ = response.Body.Close(); response.StatusCode != http.StatusNotFound {
		t.Errorf("/login is at ADMIN_ADDR too: %d", response.StatusCode)
	}
	if code, _, said := capture(t, environment{"ADMIN_ADDR": at}, "--check"); code != exitOK {
		t.Errorf("--check ended with %d: %s", code, said)
	}
	service.signal(t, syscall.SIGTERM)
	eventually(t, 2*time.Second, func() string {
		if got, err := admin.send(http.MethodGet, "/readyz", "", ""); err != nil || got.status != http.StatusServiceUnavailable {
			return got.String()
		}
		return ""
	})
	if code := service.exit(t, 10*time.Second); code != exitOK {
		t.Errorf("ended with %d", code)
	}
}

func TestAnswersProbesAtTheAdminAddressWhateverClientsHold(t *testing.T) {
	env := servers(t)
	admin := newClient(t, "http://127.0.0.1:"+nowhere(t))
	service := launch(t, env.with("ADMIN_ADDR", strings.TrimPrefix(admin.url, "http://"), "MAX_CONNECTIONS", "4"))
	admin.awaitReady(t, "ready")
	for range 50 {
		conn := dial(t, service.client)
		if _, err := conn.Write([]byte("POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n")); err != nil {
			t.Fatal(err)
		}
	}
	if got := admin.mustSend(t, http.MethodGet, "/readyz", "", ""); got.status != http.StatusOK {
		t.Errorf("/readyz: %s", got)
	}
}

func TestShowsProfilesToOperatorsAlone(t *testing.T) {
	if code, _, said := capture(t, environment{"PPROF": "on"}); code != exitUsage || !strings.Contains(said, "PPROF must be off without ADMIN_ADDR") {
		t.Errorf("ended with %d: %s", code, said)
	}
	admin := newClient(t, "http://127.0.0.1:"+nowhere(t))
	launch(t, servers(t).with("ADMIN_ADDR", strings.TrimPrefix(admin.url, "http://")))
	admin.awaitReady(t, "ready")
	if got := admin.mustSend(t, http.MethodGet, "/debug/pprof/heap", "", ""); got.status != http.StatusNotFound {
		t.Errorf("without PPROF: %d", got.status)
	}
}

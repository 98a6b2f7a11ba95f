package main

import (
	"net/http"
	"testing"
	"time"

	"user/internal/testservers"
)

func TestIsNotReadyOnANodeWithoutAQuorum(t *testing.T) {
	cluster := testservers.StartCluster(t, 3)
	service := startReady(t, environmentOf(cluster.Nodes[0], testservers.Redis(t), "user"))
	email := unique()
	service.mustRegister(t, email, "pass")
	cluster.Isolate(t, 0)
	eventually(t, 10*time.Second, func() string {
		for _, send := range []func(string, string) (answer, error){service.login, service.register} {
			if got, err := send(email, "pass"); err != nil || got.status != http.StatusServiceUnavailable {
				t.Fatalf("without a quorum: %s %v; promised 503", got, err)
			}
		}
		if got := service.mustSend(t, "GET", "/readyz", "", ""); got.status != http.StatusServiceUnavailable {
			return got.String()
		}
		return ""
	})
	cluster.Rejoin(t, 0)
	service.awaitReady(t, "ready")
	service.mustLogin(t, email, "pass")
}

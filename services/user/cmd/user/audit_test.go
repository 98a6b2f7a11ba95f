package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// auditLine is what an audit has of an attempt.
type auditLine struct {
	Message   string `json:"msg"`
	Action    string `json:"action"`
	Outcome   string `json:"outcome"`
	Client    string `json:"client"`
	UserID    int64  `json:"user_id"`
	RequestID string `json:"request_id"`
}

func audited(t *testing.T, log string) (lines []auditLine) {
	t.Helper()
	for text := range strings.Lines(log) {
		var line auditLine
		if err := json.Unmarshal([]byte(text), &line); err == nil && line.Message == "audit" {
			lines = append(lines, line)
		}
	}
	return lines
}

func TestAuditsEachAttemptWithoutPasswordsAndEmails(t *testing.T) {
	// Audits are not a matter of the level.
	service := launch(t, servers(t).with("LOG_LEVEL", "error", "LOGIN_LIMIT_PER_MINUTE", "2", "TRUSTED_PROXIES", "127.0.0.1"))
	service.awaitReady(t, "ready")
	email, password := unique(), "a secret of somebody"
	n := 0
	send := func(path, body string) answer {
		n++
		return service.mustSend(t, http.MethodPost, path, formType, body, "X-Request-Id", fmt.Sprint("request-", n), "X-Forwarded-For", "192.0.2.7")
	}
	id := send("/register", form("username", "ada", "email", email, "password", password)).user(t).ID
	send("/register", form("username", "ada", "email", email, "password", password))
	send("/register", form("username", "ada", "email", "no email", "password", password))
	send("/login", form("email", email, "password", password))
	send("/login", form("email", email, "password", "not "+password))
	send("/login", form("email", unique(), "password", password))
	send("/login", form("email", email, "password", "not "+password))
	send("/login", form("email", email, "password", "not "+password))
	promised := []auditLine{
		{Action: "register", Outcome: "succeeded", UserID: id},
		{Action: "register", Outcome: "taken"},
		{Action: "register", Outcome: "invalid"},
		{Action: "login", Outcome: "succeeded", UserID: id},
		{Action: "login", Outcome: "mismatch", UserID: id},
		{Action: "login", Outcome: "mismatch"},
		{Action: "login", Outcome: "mismatch", UserID: id},
		{Action: "login", Outcome: "throttled"},
	}
	var got []auditLine
	eventually(t, loadTimeout, func() string { // what a process writes takes a moment
		if got = audited(t, service.log.String()); len(got) != len(promised) {
			return fmt.Sprintf("%d lines; promised %d: %+v", len(got), len(promised), got)
		}
		return ""
	})
	for i, line := range promised {
		line.Message, line.Client, line.RequestID = "audit", "192.0.2.7", fmt.Sprint("request-", i+1)
		if got[i] != line {
			t.Errorf("line %d is %+v; promised %+v", i+1, got[i], line)
		}
	}
	for _, secret := range []string{password, email, strings.Split(email, "@")[0]} {
		if strings.Contains(service.log.String(), secret) {
			t.Errorf("the log has %q", secret)
		}
	}
	if mismatches := service.metric(t, `user_attempts_total{action="login",outcome="mismatch"}`); mismatches != 3 {
		t.Errorf("%v mismatches are counted; promised 3", mismatches)
	}
}

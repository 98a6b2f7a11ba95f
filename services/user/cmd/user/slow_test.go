package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func dial(t *testing.T, service client) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(service.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return conn
}

const head = "POST /login HTTP/1.1\r\nHost: user\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\n"

func TestAnswersABodyThatComesTooSlowlyInTime(t *testing.T) {
	service := startReady(t, servers(t).with("REQUEST_TIMEOUT", "500ms"))
	conn, begun := dial(t, service.client), time.Now()
	fmt.Fprint(conn, head+"email=")
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusRequestTimeout || !response.Close {
		t.Errorf("answered %d, close %t; promised 408 and the end of the connection", response.StatusCode, response.Close)
	}
	if took := time.Since(begun); took > 3*time.Second {
		t.Errorf("answered after %s; promised 500ms and a little", took)
	}
}

func TestEndsConnectionsWhoseHeaderNeverEnds(t *testing.T) {
	service := startReady(t, servers(t))
	conn, begun := dial(t, service.client), time.Now()
	fmt.Fprint(conn, "POST /login HTTP/1.1\r\nHost: user\r\nX-")
	if _, err := io.Copy(io.Discard, conn); err != nil {
		t.Errorf("the connection did not end: %v", err)
	}
	if took := time.Since(begun); took > headerTimeout+5*time.Second {
		t.Errorf("the connection ended after %s; promised %s", took, headerTimeout)
	}
}

func TestServesOthersWhileClientsAreSlowOrBroken(t *testing.T) {
	service := startReady(t, servers(t))
	for range 50 {
		slow := dial(t, service.client)
		fmt.Fprint(slow, head+"email=a")
		broken := dial(t, service.client)
		fmt.Fprint(broken, head+"email=a")
		_ = broken.Close()
		garbled := dial(t, service.client)
		fmt.Fprint(garbled, "\x16\x03\x01\x00\xa5 not HTTP at all\r\n\r\n")
	}
	email, begun := unique(), time.Now()
	service.mustRegister(t, email, "p")
	service.mustLogin(t, email, "p")
	if took := time.Since(begun); took > 3*time.Second {
		t.Errorf("took %s beside slow clients", took)
	}
}

func TestGivesUpWorkWhoseClientIsGone(t *testing.T) {
	// One hash takes long; those of clients that have gone must not be made.
	service := startReady(t, servers(t).with("ARGON2_MEMORY_KIB", "16384", "ARGON2_TIME", "4"))
	body := form("email", unique(), "password", "p")
	request := strings.Replace(head, "100", fmt.Sprint(len(body)), 1) + body
	for range 100 {
		conn := dial(t, service.client)
		fmt.Fprint(conn, request)
		_ = conn.Close()
	}
	eventually(t, 10*time.Second, func() string {
		gone := service.metric(t, `user_http_requests_total{code="499",method="POST",route="/login"}`)
		if running := service.metric(t, "user_password_hashes_running"); running > 0 || gone < 50 {
			return fmt.Sprintf("%v hashes run, %v requests were given up", running, gone)
		}
		return ""
	})
}

func TestTurnsAwayWhoWaitsTooLongForASlot(t *testing.T) {
	service := startReady(t, servers(t).with("ARGON2_MEMORY_KIB", "65536", "ARGON2_TIME", "6", "REQUEST_TIMEOUT", "1s"))
	const count = 60
	answers := make(chan answer, count)
	begun := time.Now()
	for range count {
		go func() {
			got, err := service.login(unique(), "p")
			if err != nil {
				t.Errorf("no answer: %v", err)
			}
			answers <- got
		}()
	}
	statuses := map[int]int{}
	for range count {
		got := <-answers
		statuses[got.status]++
		if got.status == http.StatusServiceUnavailable && got.header.Get("Retry-After") == "" {
			t.Error("a 503 has no Retry-After")
		}
	}
	if statuses[503] == 0 || statuses[401]+statuses[503] != count {
		t.Errorf("answered %v; promised 401 for some and 503 for the others", statuses)
	}
	if took := time.Since(begun); took > 15*time.Second {
		t.Errorf("took %s; promised about the time-out", took)
	}
}

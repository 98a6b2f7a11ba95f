package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
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
	service.mustRegister(t, email, "pass")
	service.mustLogin(t, email, "pass")
	if took := time.Since(begun); took > 3*time.Second {
		t.Errorf("took %s beside slow clients", took)
	}
}

func TestGivesUpWorkWhoseClientIsGone(t *testing.T) {
	// One hash takes long; those of clients that have gone must not be made.
	service := startReady(t, servers(t).with("ARGON2_MEMORY_KIB", "16384", "ARGON2_TIME", "4"))
	body := form("email", unique(), "password", "pass")
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

func TestAnswersAClientThatHasClosedItsSide(t *testing.T) {
	service := startReady(t, servers(t).with("ARGON2_MEMORY_KIB", "16384"))
	email := unique()
	service.mustRegister(t, email, "pass")
	for password, status := range map[string]string{"pass": "200 OK", "wrong": "401 Unauthorized"} {
		for _, version := range []string{"HTTP/1.1", "HTTP/1.0"} {
			conn, _ := dial(t, service.client).(*net.TCPConn)
			body := form("email", email, "password", password)
			request := strings.Replace(strings.Replace(head, "100", fmt.Sprint(len(body)), 1), "HTTP/1.1", version, 1) + body
			fmt.Fprint(conn, request)
			if err := conn.CloseWrite(); err != nil {
				t.Fatal(err)
			}
			said, err := io.ReadAll(conn)
			answer := strings.TrimPrefix(string(said), "HTTP/1.1 102 Processing\r\n\r\n")
			if err != nil || !strings.HasPrefix(answer, version+" "+status) {
				t.Errorf("%s with the password %q: %q, %v; promised %s", version, password, said, err, status)
			}
		}
	}
}

func TestTurnsAwayWhoWaitsTooLongForASlot(t *testing.T) {
	service := startReady(t, servers(t).with("ARGON2_MEMORY_KIB", "65536", "ARGON2_TIME", "6", "REQUEST_TIMEOUT", "1s"))
	const count = 60
	answers := make(chan answer, count)
	begun := time.Now()
	for range count {
		go func() {
			got, err := service.login(unique(), "pass")
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

// refusals are requests that no handler of the service reads, each with a body that never comes.
var refusals = map[string]string{
	"a path to be cleaned":  "POST //login HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n",
	"a path with dots":      "POST /x/../login HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n",
	"the whole server":      "OPTIONS * HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n",
	"a tunnel":              "CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\nContent-Length: 9\r\n\r\n",
	"an unknown path":       "POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n",
	"another method":        "PUT /login HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n",
	"another media type":    "POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\n",
	"a body without length": "POST //login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
}

func TestWaitsForNoBodyThatItWillNotRead(t *testing.T) {
	service := startReady(t, servers(t))
	for name, request := range refusals {
		t.Run(name, func(t *testing.T) {
			conn, begun := dial(t, service.client), time.Now()
			fmt.Fprint(conn, request)
			said, err := io.ReadAll(conn)
			if took := time.Since(begun); err != nil || took > 3*time.Second {
				t.Errorf("the connection ended after %s, %v; promised at once", took, err)
			}
			if !strings.HasPrefix(string(said), "HTTP/1.1 ") {
				t.Errorf("answered %q", said)
			}
		})
	}
	counted := 0.0
	for line := range strings.Lines(service.mustSend(t, "GET", "/metrics", "", "").body) {
		if rest, isCount := strings.CutPrefix(line, "user_http_requests_total{"); isCount && !strings.Contains(rest, `route="/readyz"`) {
			var count float64
			_, _ = fmt.Sscan(rest[strings.LastIndex(rest, " ")+1:], &count)
			counted += count
		}
	}
	if logged := strings.Count(service.log.String(), `"msg":"request"`); int(counted) < len(refusals) || logged < len(refusals) {
		t.Errorf("%v requests are counted and %d logged; promised each of %d", counted, logged, len(refusals))
	}
}

func TestEndsInTimeBesideBodiesThatNeverCome(t *testing.T) {
	service := launch(t, servers(t).with("REQUEST_TIMEOUT", "1s"))
	service.awaitReady(t, "ready")
	for _, request := range refusals {
		fmt.Fprint(dial(t, service.client), request)
	}
	fmt.Fprint(dial(t, service.client), head+"email=a")
	eventually(t, 5*time.Second, func() string {
		if service.metric(t, "user_http_requests_in_flight") < 2 { // and /metrics itself
			return "the slow login is not in flight"
		}
		return ""
	})
	begun := time.Now()
	service.signal(t, syscall.SIGTERM)
	if code := service.exit(t, 15*time.Second); code != 0 {
		t.Errorf("ended with %d; promised 0", code)
	}
	took := time.Since(begun)
	measured(t, "ended after %.1f s", took.Seconds())
	if took > 4*time.Second {
		t.Errorf("ended after %s; promised REQUEST_TIMEOUT and a little", took)
	}
}

func TestServesOthersWhileSlowClientsHoldEveryConnectionThatItMayHave(t *testing.T) {
	service := launchLimited(t, servers(t), 128)
	service.awaitReady(t, "ready")
	for i := range 400 {
		conn := dial(t, service.client)
		switch i % 4 {
		case 0:
			fmt.Fprint(conn, "POST //login HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n")
		case 1:
			fmt.Fprint(conn, head+"email=a")
		case 2:
			fmt.Fprint(conn, "POST /login HT")
		}
	}
	begun := time.Now()
	if got, err := service.send("GET", "/readyz", "", ""); err != nil || got.status != 200 {
		t.Fatalf("/readyz beside 400 slow clients: %s %v", got, err)
	}
	email := unique()
	service.mustRegister(t, email, "pass")
	service.mustLogin(t, email, "pass")
	took := time.Since(begun)
	measured(t, "%d ms for three requests", took.Milliseconds())
	if took > 2*time.Second {
		t.Errorf("took %s beside slow clients", took)
	}
	if evicted := service.metric(t, `user_http_connections_closed_total{reason="evicted"}`); evicted < 200 {
		t.Errorf("%v connections are counted as evicted", evicted)
	}
}

func TestHoldsLittleOfBodiesThatNeverEnd(t *testing.T) {
	service := launch(t, servers(t))
	service.awaitReady(t, "ready")
	before := peakMemory(t, service.command.Process.Pid)
	const connections = 2000
	unfinished := "POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: " + formType + "\r\nContent-Length: 65000\r\n\r\nemail=" + strings.Repeat("a", 60_000)
	var senders sync.WaitGroup
	for range connections {
		senders.Go(func() { fmt.Fprint(dial(t, service.client), unfinished) })
	}
	senders.Wait()
	email, begun := unique(), time.Now()
	service.mustRegister(t, email, "pass")
	service.mustLogin(t, email, "pass")
	if took := time.Since(begun); took > 3*time.Second {
		t.Errorf("took %s beside %d bodies that do not end", took, connections)
	}
	eventually(t, 10*time.Second, func() string {
		if turnedAway := service.metric(t, `user_http_requests_total{code="503",method="POST",route="/login"}`); turnedAway < connections/2 {
			return fmt.Sprintf("%v of them are turned away", turnedAway)
		}
		return ""
	})
	taken := peakMemory(t, service.command.Process.Pid) - before
	measured(t, "%d MB", taken>>20)
	if taken > 100<<20 {
		t.Errorf("%d bodies of 60 KB that do not end take %d MB; promised at most 100", connections, taken>>20)
	}
}

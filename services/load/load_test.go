package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// userService answers as the user service does, with the accounts that it was told.
type userService struct {
	mutex    sync.Mutex
	accounts map[string]bool
	delay    time.Duration
	// forgetful is whether it registers an email that it has.
	forgetful bool
	// answers before it works.
	unavailable atomic.Int32
}

func (s *userService) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	time.Sleep(s.delay)
	if s.unavailable.Add(-1) >= 0 {
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	var fields map[string]string
	if err := json.NewDecoder(r.Body).Decode(&fields); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if r.URL.Path == "/register" {
		if s.accounts[fields["email"]] && !s.forgetful {
			w.WriteHeader(http.StatusConflict)
			return
		}
		s.accounts[fields["email"]] = true
	} else if !s.accounts[fields["email"]] {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	_, _ = fmt.Fprintf(w, `{"user_info": {"id": 1, "email": %q}}`, fields["email"])
}

func serve(t *testing.T, delay time.Duration) (*userService, *service) {
	t.Helper()
	users := &userService{accounts: map[string]bool{}, delay: delay}
	server := httptest.NewServer(users)
	t.Cleanup(server.Close)
	return users, newService(server.URL)
}

// attackFor holds a load for a while.
func attackFor(t *testing.T, service *service, rate int, period time.Duration) *Attack {
	t.Helper()
	input, end := io.Pipe()
	started, output := io.Pipe()
	go func() {
		_, _ = started.Read(make([]byte, 100))
		time.Sleep(period)
		_ = end.Close()
	}()
	result, err := attack(t.Context(), service, rate, time.Second, input, output)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func TestArrivalsDoNotWaitForAnswers(t *testing.T) {
	_, service := serve(t, 400*time.Millisecond)
	result := attackFor(t, service, 40, 2*time.Second)
	if got := len(result.Requests); got < 60 {
		t.Errorf("40 requests a second for 2 s were %d: they waited for those before", got)
	}
	fresh := 0
	for _, request := range result.Requests {
		if request.Status != http.StatusOK {
			t.Errorf("a request was not answered: %+v", request)
		}
		if request.Fresh {
			fresh++
		}
	}
	if share := float64(fresh) / float64(len(result.Requests)); share < 0.4 || share > 0.6 {
		t.Errorf("%.0f %% of the requests had a connection of their own", 100*share)
	}
}

func TestEveryAcknowledgedAccountIsSaid(t *testing.T) {
	users, service := serve(t, 0)
	result := attackFor(t, service, 100, time.Second)
	for email := range users.accounts {
		if !slices.Contains(result.Accounts, email) {
			t.Errorf("%s was acknowledged and is not among the accounts", email)
		}
	}
}

func TestARequestThatWasSentLateHasTakenLonger(t *testing.T) {
	due := time.Now()
	late := &vegeta.Result{Code: 200, Timestamp: due.Add(300 * time.Millisecond), Latency: 50 * time.Millisecond}
	if got := outcome(late, due, "/login", false).Milliseconds; got != 350 {
		t.Errorf("took %v ms from when it was due, not 350", got)
	}
	early := &vegeta.Result{Code: 200, Timestamp: due.Add(-time.Millisecond), Latency: 50 * time.Millisecond}
	if got := outcome(early, due, "/login", false).Milliseconds; got != 50 {
		t.Errorf("took %v ms, not 50", got)
	}
}

func TestAFailureSaysWhatHappened(t *testing.T) {
	refused := &vegeta.Result{Error: `Post "http://10.96.0.1/login": dial tcp 10.96.0.1:80: connect: connection refused`}
	if got := outcome(refused, time.Now(), "/login", true).Error; got != "connection refused" {
		t.Errorf("said %q", got)
	}
	if got := outcome(&vegeta.Result{Code: 200}, time.Now(), "/login", true).Error; got != "" {
		t.Errorf("said %q of an answer", got)
	}
}

func TestOnlyAnAccountThatCannotLogInIsLost(t *testing.T) {
	users, service := serve(t, 0)
	users.accounts["kept@example.com"] = true
	users.unavailable.Store(5)
	result, err := verify(t.Context(), service, strings.NewReader(`["kept@example.com", "lost@example.com"]`))
	if err != nil {
		t.Fatal(err)
	}
	if result.Checked != 2 || !slices.Equal(result.Lost, []string{"lost@example.com"}) {
		t.Errorf("found %+v", result)
	}
}

func TestWhatWasNotFoundOutIsSaidWithTheLastAnswer(t *testing.T) {
	users, service := serve(t, 0)
	users.unavailable.Store(1_000)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := verify(ctx, service, strings.NewReader(`["kept@example.com"]`))
	const want = "whether kept@example.com can log in was not found out: the last answer was 503 Service Unavailable"
	if err == nil || err.Error() != want {
		t.Fatalf("%v, want %s", err, want)
	}
}

func TestConnectTellsOpenFromClosed(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	address := server.Listener.Addr().String()
	found, err := connect(t.Context(), []string{address})
	if err != nil || found[address] != "open" {
		t.Errorf("found %v, %v", found, err)
	}
	server.Close()
	found, err = connect(t.Context(), []string{address})
	if err != nil || !strings.HasPrefix(found[address], "closed") {
		t.Errorf("found %v, %v", found, err)
	}
}

func TestOfManyRegistrationsThoseThatWereAcknowledgedAreCountedByEmail(t *testing.T) {
	users, service := serve(t, 0)
	users.unavailable.Store(3)
	result, err := contend(t.Context(), service, 2, 50, 8)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(result.Created, []int{1, 1}) || result.Conflicts != 98 || len(result.Others) != 0 || result.TurnedAway != 3 {
		t.Errorf("of twice 50 registrations: %+v", result)
	}
}

func TestAnEmailThatIsGivenTwiceIsCountedTwice(t *testing.T) {
	users, service := serve(t, 0)
	users.forgetful = true
	result, err := contend(t.Context(), service, 1, 50, 8)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(result.Created, []int{50}) {
		t.Errorf("of 50 registrations %v were acknowledged", result.Created)
	}
}

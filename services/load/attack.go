package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// Attack is what became of a load.
type Attack struct {
	Requests []Request `json:"requests"`
	// Accounts are the emails whose registration was acknowledged.
	Accounts []string `json:"accounts"`
}

// Request is one request.
type Request struct {
	// At is when it was due, in milliseconds since 1970.
	At int64 `json:"at"`
	// Milliseconds from when it was due to the end of its answer: also the time
	// that it waited because others before it were slow (coordinated omission).
	Milliseconds float64 `json:"ms"`
	Path         string  `json:"path"`
	// Fresh is whether it had a connection of its own.
	Fresh bool `json:"fresh,omitempty"`
	// Status is 0 where no whole answer came.
	Status     int  `json:"status"`
	RetryAfter bool `json:"retryAfter,omitempty"`
	// Error is why no answer came.
	Error string `json:"error,omitempty"`
}

// attack sends requests, whether or not those before are answered, until the
// input ends. It first says `started`.
func attack(ctx context.Context, service *service, rate int, timeout time.Duration, input io.Reader, output io.Writer) (*Attack, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, err
	}
	accounts := &accounts{prefix: fmt.Sprintf("%s-%d", host, time.Now().UnixNano())}
	first := accounts.next()
	if err := service.register(ctx, first); err != nil {
		return nil, err
	}
	accounts.acknowledge(first)

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, input)
		cancel()
	}()
	if _, err := fmt.Fprintln(output, "started"); err != nil {
		return nil, err
	}

	var mutex sync.Mutex
	var requests []Request
	var running sync.WaitGroup
	for _, half := range []struct {
		fresh bool
		rate  int
	}{{false, rate / 2}, {true, rate - rate/2}} {
		running.Go(func() {
			for result := range send(ctx, service, accounts, half.rate, half.fresh, timeout) {
				mutex.Lock()
				requests = append(requests, result)
				mutex.Unlock()
			}
		})
	}
	running.Wait()
	slices.SortFunc(requests, func(a, b Request) int { return cmp.Compare(a.At, b.At) })
	return &Attack{Requests: requests, Accounts: accounts.acknowledged}, nil
}

// send attacks with connections of one kind until the context is done.
func send(ctx context.Context, service *service, accounts *accounts, rate int, fresh bool, timeout time.Duration) <-chan Request {
	attacker := vegeta.NewAttacker(
		vegeta.KeepAlive(!fresh),
		vegeta.Timeout(timeout),
		vegeta.Redirects(vegeta.NoFollow),
	)
	stop := context.AfterFunc(ctx, func() { attacker.Stop() })
	targeter := func(target *vegeta.Target) error {
		target.Method = http.MethodPost
		target.Header = header()
		if rand.IntN(2) == 0 {
			target.URL = service.url + "/register"
			target.Body = registration(accounts.next())
		} else {
			target.URL = service.url + "/login"
			target.Body = login(accounts.any())
		}
		return nil
	}
	began := time.Now()
	interval := time.Second / time.Duration(rate)
	results := attacker.Attack(targeter, vegeta.Rate{Freq: rate, Per: time.Second}, 0, "")
	requests := make(chan Request)
	go func() {
		defer close(requests)
		defer stop()
		for result := range results {
			due := began.Add(time.Duration(result.Seq+1) * interval)
			requests <- outcome(result, due, strings.TrimPrefix(result.URL, service.url), fresh)
			if result.Code >= 200 && result.Code < 300 && strings.HasSuffix(result.URL, "/register") {
				accounts.acknowledge(registered(result.Body))
			}
		}
	}()
	return requests
}

func outcome(result *vegeta.Result, due time.Time, path string, fresh bool) Request {
	taken := max(result.Timestamp.Add(result.Latency).Sub(due), result.Latency)
	request := Request{
		At:           due.UnixMilli(),
		Milliseconds: float64(taken.Microseconds()) / 1000,
		Path:         path,
		Fresh:        fresh,
		Status:       int(result.Code),
		RetryAfter:   result.Headers.Get("Retry-After") != "",
	}
	if result.Code == 0 {
		request.Error = kindOf(result.Error)
	}
	return request
}

// kindOf shortens what Go's HTTP client says to what happened.
func kindOf(message string) string {
	for _, kind := range []struct{ sign, name string }{
		{"connection refused", "connection refused"},
		{"connection reset", "connection reset"},
		{"broken pipe", "connection reset"},
		{"Client.Timeout", "no answer in time"},
		{"i/o timeout", "no answer in time"},
		{"no route to host", "no route to host"},
		{"EOF", "connection closed"},
		{"server closed idle connection", "connection closed"},
	} {
		if strings.Contains(message, kind.sign) {
			return kind.name
		}
	}
	return message
}

// registered is the email that an answer to a registration names.
func registered(body []byte) string {
	var answer struct {
		UserInfo struct {
			Email string `json:"email"`
		} `json:"user_info"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return "" // found missing as no account has it
	}
	return answer.UserInfo.Email
}

// accounts are those that were made.
type accounts struct {
	prefix       string
	mutex        sync.Mutex
	made         int
	acknowledged []string
}

func (a *accounts) next() string {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.made++
	return fmt.Sprintf("%s-%d@example.com", a.prefix, a.made)
}

func (a *accounts) acknowledge(email string) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.acknowledged = append(a.acknowledged, email)
}

// any of those that were acknowledged.
func (a *accounts) any() string {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return a.acknowledged[rand.IntN(len(a.acknowledged))]
}

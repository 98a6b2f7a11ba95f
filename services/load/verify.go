package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Verified is what became of accounts.
type Verified struct {
	Checked int `json:"checked"`
	// Lost are those that the service says cannot log in.
	Lost []string `json:"lost"`
}

// verify logs each account in. One of which the service does not say whether
// it can log in is asked for again, up to two minutes.
func verify(ctx context.Context, service *service, input io.Reader) (*Verified, error) {
	var emails []string
	if err := json.NewDecoder(input).Decode(&emails); err != nil {
		return nil, fmt.Errorf("standard input must be a JSON array of emails: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	verified := &Verified{Checked: len(emails), Lost: []string{}}
	waiting := make(chan string)
	failures := make(chan error, 1)
	var mutex sync.Mutex
	var running sync.WaitGroup
	for range 8 {
		running.Go(func() {
			for email := range waiting {
				found, err := canLogIn(ctx, service, email)
				if err != nil {
					select {
					case failures <- err:
					default:
					}
					cancel()
					continue
				}
				if !found {
					mutex.Lock()
					verified.Lost = append(verified.Lost, email)
					mutex.Unlock()
				}
			}
		})
	}
	for _, email := range emails {
		waiting <- email
	}
	close(waiting)
	running.Wait()
	select {
	case err := <-failures:
		return nil, err
	default:
		return verified, nil
	}
}

func canLogIn(ctx context.Context, service *service, email string) (bool, error) {
	var last error
	for {
		status, err := service.post(ctx, "/login", login(email))
		if err == nil {
			switch status {
			case http.StatusOK:
				return true, nil
			case http.StatusUnauthorized, http.StatusNotFound, http.StatusBadRequest, http.StatusForbidden:
				return false, nil
			}
			err = fmt.Errorf("the last answer was %d %s", status, http.StatusText(status))
		}
		// That time is up says less than what came before.
		if last == nil || ctx.Err() == nil {
			last = err
		}
		select {
		case <-ctx.Done():
			return false, fmt.Errorf("whether %s can log in was not found out: %w", email, last)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Measured is a throughput.
type Measured struct {
	LoginsPerSecond float64 `json:"loginsPerSecond"`
}

// measure has some callers log in one after the other for a while.
func measure(ctx context.Context, service *service, callers int, period time.Duration) (*Measured, error) {
	email := fmt.Sprintf("measure-%d@example.com", time.Now().UnixNano())
	if err := service.register(ctx, email); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, period)
	defer cancel()
	var completed atomic.Int64
	var running sync.WaitGroup
	began := time.Now()
	for range callers {
		running.Go(func() {
			for ctx.Err() == nil {
				if status, err := service.post(ctx, "/login", login(email)); err == nil && status == http.StatusOK {
					completed.Add(1)
				}
			}
		})
	}
	running.Wait()
	return &Measured{LoginsPerSecond: float64(completed.Load()) / time.Since(began).Seconds()}, nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// Contended is what became of registrations that want emails which others want
// at the same time.
type Contended struct {
	// Created are the acknowledged registrations of each email, in the order of
	// the emails.
	Created []int `json:"created"`
	// Conflicts are those that were told that the email is taken.
	Conflicts int `json:"conflicts"`
	// Others are all other final answers, by status; 0 is no answer.
	Others map[int]int `json:"others"`
	// TurnedAway is how often a client was told to come back, and did.
	TurnedAway int `json:"turnedAway"`
}

// contend registers one email after the other, each so many times, from so many
// callers at once on connections of their own, so that they meet all Pods of the
// service. Who is turned away (429 or 503) comes back until there is an
// answer.
func contend(ctx context.Context, service *service, emails, count, callers int) (*Contended, error) {
	if emails < 1 || count < 1 || callers < 1 {
		return nil, errors.New("-emails, -count and -callers must be 1 or more")
	}
	alone := *service.client
	alone.Transport = &http.Transport{DisableKeepAlives: true}
	apart := newService(service.url)
	apart.client = &alone
	result := &Contended{Created: make([]int, emails), Others: map[int]int{}}
	run := time.Now().UnixNano()
	for i := range emails {
		result.of(ctx, apart, i, fmt.Sprintf("contended-%d-%d@example.com", run, i), count, callers)
	}
	return result, ctx.Err()
}

// of registers one email.
func (c *Contended) of(ctx context.Context, service *service, index int, email string, count, callers int) {
	waiting := make(chan struct{})
	var mutex sync.Mutex
	var running sync.WaitGroup
	for range callers {
		running.Go(func() {
			for range waiting {
				status, turnedAway := registerOnce(ctx, service, email)
				mutex.Lock()
				c.TurnedAway += turnedAway
				switch status {
				case http.StatusOK, http.StatusCreated:
					c.Created[index]++
				case http.StatusConflict:
					c.Conflicts++
				default:
					c.Others[status]++
				}
				mutex.Unlock()
			}
		})
	}
	for range count {
		waiting <- struct{}{}
	}
	close(waiting)
	running.Wait()
}

func registerOnce(ctx context.Context, service *service, email string) (status, turnedAway int) {
	for {
		status, err := service.post(ctx, "/register", registration(email))
		if err != nil {
			return 0, turnedAway
		}
		if status != http.StatusServiceUnavailable && status != http.StatusTooManyRequests {
			return status, turnedAway
		}
		turnedAway++
		select {
		case <-ctx.Done():
			return status, turnedAway
		case <-time.After(100 * time.Millisecond):
		}
	}
}

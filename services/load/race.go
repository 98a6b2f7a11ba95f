package main

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Raced is what became of emails that several clients registered at once.
type Raced struct {
	Emails int `json:"emails"`
	// Once is how many were given to one client, Twice to more than one.
	Once  int `json:"once"`
	Twice int `json:"twice"`
}

// race registers emails one after the other, each by some clients at once on
// connections of their own, so that they meet all Pods of the service.
func race(ctx context.Context, service *service, emails, clients int) (*Raced, error) {
	alone := *service.client
	alone.Transport = &http.Transport{DisableKeepAlives: true}
	apart := newService(service.url)
	apart.client = &alone
	result := &Raced{Emails: emails}
	for number := range emails {
		body := registration(fmt.Sprintf("race-%d-%d@example.com", time.Now().UnixNano(), number))
		var given atomic.Int64
		var running sync.WaitGroup
		start := make(chan struct{})
		for range clients {
			running.Go(func() {
				<-start
				if status, err := apart.post(ctx, "/register", body); err == nil && status >= 200 && status < 300 {
					given.Add(1)
				}
			})
		}
		close(start)
		running.Wait()
		switch given.Load() {
		case 0:
		case 1:
			result.Once++
		default:
			result.Twice++
		}
	}
	return result, nil
}

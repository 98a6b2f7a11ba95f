package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"time"
)

// secret is the password of every account.
const secret = "correct horse battery staple"

// service is the user service, called directly: outside of what is timed.
type service struct {
	url    string
	client *http.Client
}

func newService(url string) *service {
	return &service{url: url, client: &http.Client{Timeout: 10 * time.Second}}
}

func registration(email string) []byte {
	return encode(map[string]string{"username": "load", "email": email, "password": secret})
}

func login(email string) []byte {
	return encode(map[string]string{"email": email, "password": secret})
}

func encode(fields map[string]string) []byte {
	text, err := json.Marshal(fields)
	if err != nil {
		panic(err) // strings can be encoded
	}
	return text
}

// header is what a gateway sends: it says for whom it asks, as the service
// limits each client. The addresses are those set aside for benchmarks (RFC 2544).
func header() http.Header {
	return http.Header{
		"Content-Type":    {"application/json"},
		"X-Forwarded-For": {fmt.Sprintf("198.%d.%d.%d", 18+rand.IntN(2), rand.IntN(256), 1+rand.IntN(254))},
	}
}

// post returns the status of the answer.
func (s *service) post(ctx context.Context, path string, body []byte) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+path, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	request.Header = header()
	response, err := s.client.Do(request)
	if err != nil {
		return 0, err
	}
	defer func() { _ = response.Body.Close() }()
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, err
}

// register makes an account, and tries again for a while: the service may just be starting.
func (s *service) register(ctx context.Context, email string) error {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	for {
		status, err := s.post(ctx, "/register", registration(email))
		switch {
		case err == nil && (status == http.StatusOK || status == http.StatusCreated || status == http.StatusConflict):
			return nil
		case err == nil && status < 500 && status != http.StatusTooManyRequests:
			return fmt.Errorf("registering %s: status %d", email, status)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("registering %s: last status %d, error %w", email, status, err)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

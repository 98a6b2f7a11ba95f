package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"time"

	"user/internal/testservers"
)

// site is where services are started: the built program and its stores.
type site struct {
	program      string
	mysql, redis *testservers.Server
}

func build(output, folder string) error {
	out, err := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", output, folder).CombinedOutput()
	if err != nil {
		return fmt.Errorf("go build %s: %w: %s", folder, err, out)
	}
	return nil
}

// service is a running service.
type service struct {
	url     string
	process *os.Process
	ready   time.Duration // from its start
	ended   chan error
}

const (
	database = "user_bench"
	email    = "bench@example.com"
	secret   = "correct horse battery staple"
	minimal  = "ARGON2_MEMORY_KIB=8 ARGON2_TIME=1" // the least that the service takes
)

// start starts a service, with further variables parted by blanks, and waits until it is ready.
func (s site) start(variables string) (*service, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		return nil, err
	}
	command := exec.Command(s.program)
	command.Env = append(os.Environ(),
		"HTTP_ADDR="+address, "MYSQL_HOST="+s.mysql.Host, fmt.Sprintf("MYSQL_PORT=%d", s.mysql.Port), "MYSQL_USER="+s.mysql.User,
		"MYSQL_PASSWORD="+s.mysql.Password, "MYSQL_DATABASE="+database, "REDIS_HOST="+s.redis.Host,
		fmt.Sprintf("REDIS_PORT=%d", s.redis.Port), "REDIS_PASSWORD="+s.redis.Password)
	command.Env = append(command.Env, strings.Fields(variables)...)
	// The log is written as it would be in production, to a pipe that is read.
	command.Stdout = io.Writer(discard{})
	begun := time.Now()
	if err := command.Start(); err != nil {
		return nil, err
	}
	started := &service{url: "http://" + address, process: command.Process, ended: make(chan error, 1)}
	go func() { started.ended <- command.Wait() }()
	for time.Since(begun) < 30*time.Second {
		response, err := http.Get(started.url + "/readyz")
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				started.ready = time.Since(begun)
				return started, nil
			}
		}
		time.Sleep(2 * time.Millisecond)
	}
	return nil, errors.Join(errors.New("the service is not ready after 30 s"), started.stop())
}

// discard is not io.Discard, which os/exec would replace by /dev/null.
type discard struct{}

func (discard) Write(log []byte) (int, error) { return len(log), nil }

func (s *service) stop() error {
	if err := s.process.Signal(os.Interrupt); err != nil {
		return err
	}
	return <-s.ended
}

// register makes the user that logs in; that it is there already is fine.
func (s *service) register() error {
	response, err := http.PostForm(s.url+"/register", url.Values{"username": {"bench"}, "email": {email}, "password": {secret}})
	if err != nil {
		return err
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK && response.StatusCode != http.StatusConflict {
		return fmt.Errorf("register: %s", response.Status)
	}
	return nil
}

// caller sends one request again and again over kept-alive connections.
type caller struct {
	client *http.Client
	url    string
	body   string
}

func newCaller(address string) caller {
	return caller{
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256, DisableCompression: true}, Timeout: 30 * time.Second},
		url:    address,
		body:   url.Values{"email": {email}, "password": {secret}}.Encode(),
	}
}

func (c caller) call(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, strings.NewReader(c.body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := c.client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	switch response.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusServiceUnavailable:
		return errUnavailable
	}
	return fmt.Errorf("%s: %s", c.url, response.Status)
}

var errUnavailable = errors.New("answered 503")

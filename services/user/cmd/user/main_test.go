package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"user/internal/config"
	"user/internal/httpapi"
	"user/internal/redis"
	"user/internal/testservers"
)

func TestMain(m *testing.M) {
	redis.SetLog(slog.New(slog.DiscardHandler))
	code := testservers.Run(m)
	if binary.folder != "" {
		_ = os.RemoveAll(binary.folder)
	}
	os.Exit(code)
}

// environment is the service's environment in tests: hashing at its minimum,
// unless a test says otherwise, and a database of its own.
type environment map[string]string

func environmentOf(mysql, redis *testservers.Server, database string) environment {
	return environment{
		"HTTP_ADDR":         "127.0.0.1:0",
		"MYSQL_HOST":        mysql.Host,
		"MYSQL_PORT":        fmt.Sprint(mysql.Port),
		"MYSQL_USER":        mysql.User,
		"MYSQL_PASSWORD":    mysql.Password,
		"MYSQL_DATABASE":    database,
		"REDIS_HOST":        redis.Host,
		"REDIS_PORT":        fmt.Sprint(redis.Port),
		"REDIS_PASSWORD":    redis.Password,
		"ARGON2_MEMORY_KIB": "8",
		"ARGON2_TIME":       "1",
	}
}

func (e environment) with(pairs ...string) environment {
	changed := maps.Clone(e)
	for i := 0; i < len(pairs); i += 2 {
		changed[pairs[i]] = pairs[i+1]
	}
	return changed
}

func (e environment) lookup(name string) (string, bool) {
	value, set := e[name]
	return value, set
}

// servers are the shared servers and the environment for a new database on them.
func servers(t *testing.T) environment {
	t.Helper()
	mysql, redis := testservers.MySQL(t), testservers.Redis(t)
	return environmentOf(mysql, redis, mysql.NewName(t))
}

// nowhere is a port of 127.0.0.1 where nothing listens.
func nowhere(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return port
}

// journal is a log that may be read while it is written.
type journal struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (j *journal) Write(line []byte) (int, error) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	return j.text.Write(line)
}

func (j *journal) String() string {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	return j.text.String()
}

// instance is a service that runs in the test's process, under its race detector.
type instance struct {
	client
	log  *journal
	stop func()
	done chan struct{}
	err  error // once done is closed
}

// start runs the service without waiting for its stores.
func start(t *testing.T, env environment) *instance {
	t.Helper()
	settings, err := config.Load(env.lookup)
	if err != nil {
		t.Fatal(err)
	}
	log := &journal{}
	ctx, stop := context.WithCancel(context.Background())
	service := &instance{log: log, stop: stop, done: make(chan struct{})}
	bound := make(chan net.Addr, 1)
	go func() {
		defer close(service.done)
		logger := slog.New(httpapi.ContextLog{Handler: slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})})
		service.err = run(ctx, context.Background(), settings, logger, func(address net.Addr) { bound <- address })
	}()
	t.Cleanup(func() {
		stop()
		<-service.done
		if t.Failed() {
			t.Logf("end of the service's log:\n%s", lastLines(log.String(), 20))
		}
	})
	select {
	case address := <-bound:
		service.client = newClient(t, "http://"+address.String())
	case <-service.done:
		t.Fatalf("the service ended at once: %v", service.err)
	}
	return service
}

// startReady runs the service and waits until it is ready.
func startReady(t *testing.T, env environment) *instance {
	t.Helper()
	service := start(t, env)
	service.awaitReady(t, "ready")
	return service
}

// program is the service as its own process, built without the race detector.
type program struct {
	client
	log     *journal
	command *exec.Cmd
	ended   chan struct{}
	started time.Time
}

var binary struct {
	once   sync.Once
	folder string
	err    error
}

func build(t *testing.T) string {
	t.Helper()
	binary.once.Do(func() {
		if binary.folder, binary.err = os.MkdirTemp("", "user-binary-"); binary.err != nil {
			return
		}
		out, err := exec.Command("go", "build", "-o", filepath.Join(binary.folder, "user"), ".").CombinedOutput()
		if err != nil {
			binary.err = fmt.Errorf("go build: %w: %s", err, out)
		}
	})
	if binary.err != nil {
		t.Fatal(binary.err)
	}
	return filepath.Join(binary.folder, "user")
}

func launch(t *testing.T, env environment) *program {
	t.Helper()
	return launchCommand(t, env, exec.Command(build(t)))
}

// launchLimited runs the service with so many file descriptors.
func launchLimited(t *testing.T, env environment, descriptors int) *program {
	t.Helper()
	return launchCommand(t, env, exec.Command("sh", "-c", fmt.Sprintf(`ulimit -n %d && exec "$0"`, descriptors), build(t)))
}

// launchLogging runs the service with its log going to a file of the test's.
func launchLogging(t *testing.T, env environment, log *os.File) *program {
	t.Helper()
	command := exec.Command(build(t))
	command.Stdout = log
	return launchCommand(t, env, command)
}

func launchCommand(t *testing.T, env environment, command *exec.Cmd) *program {
	t.Helper()
	env = env.with("HTTP_ADDR", "127.0.0.1:"+nowhere(t))
	p := &program{log: &journal{}, command: command, ended: make(chan struct{}), client: newClient(t, "http://"+env["HTTP_ADDR"])}
	p.command.Env = os.Environ()
	for name, value := range env {
		p.command.Env = append(p.command.Env, name+"="+value)
	}
	p.command.Stderr = p.log
	if p.command.Stdout == nil {
		p.command.Stdout = p.log
	}
	p.started = time.Now()
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.command.Wait() // the test reads ProcessState
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = p.command.Process.Kill()
		<-p.ended
		if t.Failed() {
			t.Logf("end of the service's log:\n%s", lastLines(p.log.String(), 20))
		}
	})
	return p
}

// exit waits for the process to end and is its exit code.
func (p *program) exit(t *testing.T, within time.Duration) int {
	t.Helper()
	select {
	case <-p.ended:
		return p.command.ProcessState.ExitCode()
	case <-time.After(within):
		t.Fatalf("the process still runs after %s", within)
		return 0
	}
}

func (p *program) signal(t *testing.T, signal os.Signal) {
	t.Helper()
	if err := p.command.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

func lastLines(text string, count int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-count):], "\n")
}

// unique is an email that no other test uses.
func unique() string {
	var random [8]byte
	_, _ = rand.Read(random[:])
	return "user-" + hex.EncodeToString(random[:]) + "@example.com"
}

// eventually polls until condition is "" and else fails with what it last said.
func eventually(t *testing.T, within time.Duration, condition func() string) {
	t.Helper()
	deadline := time.Now().Add(within)
	for {
		last := condition()
		if last == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("not within %s: %s", within, last)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// figures are what tests measured, by the name of the test, for the table of attacks.
var figures sync.Map

// measured notes and logs a test's figure.
func measured(t *testing.T, format string, values ...any) {
	t.Helper()
	figure := fmt.Sprintf(format, values...)
	t.Log(figure)
	figures.Store(t.Name(), figure)
}

// Package testservers makes a real MySQL or MariaDB and a real Redis available
// to tests and benchmarks. In this order it takes
//
//   - the address in TEST_MYSQL_ADDR or TEST_REDIS_ADDR, with the account in
//     TEST_MYSQL_USER (root) and TEST_MYSQL_PASSWORD (123456);
//   - mariadbd or mysqld, and redis-server, found on the machine;
//   - a container by podman or docker, of the image in TEST_MYSQL_IMAGE
//     (docker.io/library/mariadb:10.11) or TEST_REDIS_IMAGE
//     (docker.io/library/redis:7.0), if the image is there or can be pulled;
//
// and else fails with the Debian packages to install. What it starts listens on a free port
// of 127.0.0.1, keeps its files in a temporary folder, and is ended by its own
// process id.
package testservers

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// Server is a running server.
type Server struct {
	Product  string // what it says it is, with its version and how it was found
	Host     string
	Port     int
	User     string
	Password string

	kind    *kind
	backend backend // nil when somebody else runs it
}

// backend runs one server; start may be called again after kill.
type backend interface {
	start() error
	kill() error
	remove() error
	diagnosis() string
}

// kind is a kind of server: the table of them is in mysql.go and redis.go.
type kind struct {
	name        string
	addrEnv     string
	password    string
	binaries    []string
	packages    []string
	imageEnv    string
	image       string
	port        int
	environment []string // environment of the container
	binary      func(path, folder string, port int) (*process, error)
	ask         func(ctx context.Context, server *Server) (product string, err error)
}

const readyTimeout = 60 * time.Second

var (
	lock    sync.Mutex
	started []*Server
	shared  = map[string]*Server{}
)

// MySQL is a server that the tests of one package share.
func MySQL(t testing.TB) *Server { return share(t, mysqlKind) }

// Redis is a server that the tests of one package share.
func Redis(t testing.TB) *Server { return share(t, redisKind) }

// StartMySQL starts a server that the test may kill, with further options; no address is taken for it.
func StartMySQL(t testing.TB, options ...string) *Server { return own(t, mysqlKind, options...) }

// StartRedis starts a server that the test may kill, with further options; no address is taken for it.
func StartRedis(t testing.TB, options ...string) *Server { return own(t, redisKind, options...) }

// FindMySQL is MySQL for programs that are not tests; they call StopAll.
func FindMySQL() (*Server, error) { return find(mysqlKind) }

// FindRedis is Redis for programs that are not tests; they call StopAll.
func FindRedis() (*Server, error) { return find(redisKind) }

func share(t testing.TB, k *kind) *Server {
	t.Helper()
	lock.Lock()
	defer lock.Unlock()
	server := shared[k.name]
	if server == nil {
		var err error
		if server, err = find(k); err != nil {
			t.Fatal(err)
		}
		shared[k.name] = server
	}
	t.Logf("runs against %s", server.Product)
	return server
}

func own(t testing.TB, k *kind, options ...string) *Server {
	t.Helper()
	server, err := launch(k, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.backend.remove(); err != nil {
			t.Errorf("%s: %v", server.Product, err)
		}
	})
	t.Logf("runs against %s", server.Product)
	return server
}

func find(k *kind) (*Server, error) {
	address := os.Getenv(k.addrEnv)
	if address == "" {
		server, err := launch(k)
		if err == nil {
			started = append(started, server)
		}
		return server, err
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("%s must be host:port; received %q", k.addrEnv, address)
	}
	server := &Server{Host: host, User: "root", Password: k.password, kind: k}
	if _, err := fmt.Sscan(port, &server.Port); err != nil {
		return nil, fmt.Errorf("%s must be host:port; received %q", k.addrEnv, address)
	}
	k.account(server)
	return server, server.awaitReady("given by " + k.addrEnv)
}

func (k *kind) account(server *Server) {
	prefix := strings.TrimSuffix(k.addrEnv, "ADDR")
	if user, set := os.LookupEnv(prefix + "USER"); set {
		server.User = user
	}
	if password, set := os.LookupEnv(prefix + "PASSWORD"); set {
		server.Password = password
	}
}

// Addr is host:port.
func (s *Server) Addr() string { return net.JoinHostPort(s.Host, fmt.Sprint(s.Port)) }

// Kill ends the server as kill -9 does and waits until it is gone.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	if err := s.backend.kill(); err != nil {
		t.Fatalf("kill %s: %v", s.Product, err)
	}
}

// Restart starts a killed server again on its port and its files, and waits until it answers.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	if err := s.backend.start(); err != nil {
		t.Fatalf("restart %s: %v", s.Product, err)
	}
	if err := s.awaitReady("restarted"); err != nil {
		t.Fatal(err)
	}
}

func (s *Server) awaitReady(origin string) error {
	ctx, cancel := context.WithTimeout(context.Background(), readyTimeout)
	defer cancel()
	var last error
	for ctx.Err() == nil {
		product, err := s.kind.ask(ctx, s)
		if err == nil {
			if s.Product == "" {
				s.Product = fmt.Sprintf("%s (%s)", product, origin)
				report(s.Product)
			}
			return nil
		}
		last = err
		pause(ctx, 50*time.Millisecond)
	}
	diagnosis := ""
	if s.backend != nil {
		diagnosis = "\n" + s.backend.diagnosis()
	}
	return fmt.Errorf("%s at %s did not answer within %s: %w%s", s.kind.name, s.Addr(), readyTimeout, last, diagnosis)
}

// report appends to the file that TEST_SERVERS_REPORT names, since go test
// shows no output of packages that pass.
func report(product string) {
	path := os.Getenv("TEST_SERVERS_REPORT")
	fmt.Fprintln(os.Stderr, "server:", product)
	if path == "" {
		return
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		fmt.Fprintln(os.Stderr, "TEST_SERVERS_REPORT:", err)
		return
	}
	_, _ = fmt.Fprintln(file, product)
	_ = file.Close()
}

// Run runs a package's tests and then ends the servers they shared; TestMain calls it.
func Run(m *testing.M) (code int) {
	code = m.Run()
	if err := StopAll(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// StopAll ends every server that was found by starting it.
func StopAll() error {
	lock.Lock()
	defer lock.Unlock()
	var failures []error
	for _, server := range started {
		failures = append(failures, server.backend.remove())
	}
	started = nil
	failures = append(failures, removeInstallation())
	return errors.Join(failures...)
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = listener.Close() }()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return 0, err
	}
	var number int
	_, err = fmt.Sscan(port, &number)
	return number, err
}

func tail(path string) string {
	content, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	return filepath.Base(path) + ": " + strings.Join(lines[max(0, len(lines)-15):], "\n")
}

func pause(ctx context.Context, duration time.Duration) {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

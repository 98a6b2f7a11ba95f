package graceful

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"sync"
	"testing"
	"time"
)

func TestHandsOnConnectionsThatNobodyAcceptedYet(t *testing.T) {
	listener, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	const count = 20
	var clients []net.Conn
	for range count {
		client, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		clients = append(clients, client)
	}
	// Nobody has accepted: all of them wait in the kernel's queue.
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	for i := range count {
		server, err := listener.Accept()
		if err != nil {
			t.Fatalf("connection %d: %v", i, err)
		}
		if _, err := fmt.Fprint(server, "hello"); err != nil {
			t.Fatal(err)
		}
		_ = server.Close()
	}
	if _, err := listener.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("then Accept returned %v; promised net.ErrClosed", err)
	}
	for i, client := range clients {
		if said, err := io.ReadAll(client); err != nil || string(said) != "hello" {
			t.Errorf("client %d read %q, %v", i, said, err)
		}
	}
	if _, err := net.Dial("tcp", listener.Addr().String()); err == nil {
		t.Error("a connection was taken after Close")
	}
}

func TestResetsNoConnectionThatComesWhileItCloses(t *testing.T) {
	listener, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { // answers whatever it accepts
		for {
			server, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = fmt.Fprint(server, "hello")
			_ = server.Close()
		}
	}()
	var dialing sync.WaitGroup
	reset := make(chan string, 4)
	for range cap(reset) {
		dialing.Go(func() {
			for {
				client, err := net.DialTimeout("tcp", listener.Addr().String(), 5*time.Second)
				if err != nil {
					return // the port is closed
				}
				said, err := io.ReadAll(client)
				_ = client.Close()
				if err != nil || string(said) != "hello" {
					reset <- fmt.Sprintf("a connection that was made read %q, %v", said, err)
					return
				}
			}
		})
	}
	closed := make(chan struct{})
	time.AfterFunc(100*time.Millisecond, func() {
		defer close(closed)
		_ = listener.Close()
	})
	dialing.Wait()
	<-closed
	if reason := listener.Unfiltered(); reason != nil {
		t.Skipf("this kernel cannot ignore handshakes (%v): a connection that comes in the moment of closing may be reset, unless DRAIN_DELAY keeps clients away", reason)
	}
	close(reset)
	for said := range reset {
		t.Error(said)
	}
}

func TestWaitsForConnectionsThatAreOwedAnAnswer(t *testing.T) {
	connections := NewConnections(10)
	conn, _ := net.Pipe()
	connections.admit(conn)
	connections.Track(conn, http.StateNew)
	if connections.settled(time.Minute) || !connections.settled(0) {
		t.Error("a new connection is waited for until it has been silent long enough")
	}
	connections.Track(conn, http.StateActive)
	if connections.settled(0) {
		t.Error("a connection whose request is being answered is not waited for")
	}
	connections.Track(conn, http.StateClosed)
	if !connections.settled(time.Minute) {
		t.Error("a closed connection is waited for")
	}
}

func TestAnswersRequestsThatArrivedWhileNobodyHadReadThem(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells what a connection has received")
	}
	const clients, patience = 50, 20 * time.Millisecond
	listener, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	connections := NewConnections(clients)
	server := &http.Server{ConnState: connections.Track, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	})}
	go func() { _ = server.Serve(connections.Bound(listener)) }()
	kept := make([]net.Conn, clients)
	answers := make([]*bufio.Reader, clients)
	ask := func(i int) {
		if _, err := io.WriteString(kept[i], "GET / HTTP/1.1\r\nHost: here\r\n\r\n"); err != nil {
			t.Error(err)
		}
	}
	answered := func(i int) error {
		answer, err := http.ReadResponse(answers[i], nil)
		if err != nil {
			return err
		}
		return answer.Body.Close()
	}
	for i := range kept {
		if kept[i], err = net.Dial("tcp", listener.Addr().String()); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = kept[i].Close() }()
		answers[i] = bufio.NewReader(kept[i])
		ask(i)
		if err := answered(i); err != nil {
			t.Fatal(err)
		}
	}
	if err := connections.Settle(t.Context(), patience); err != nil { // all are silent now
		t.Fatal(err)
	}
	// The server's goroutines come to what arrives only once this one waits.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for i := range kept {
		ask(i)
	}
	if err := errors.Join(connections.Settle(t.Context(), patience), server.Shutdown(t.Context())); err != nil {
		t.Fatal(err)
	}
	for i := range kept {
		if err := answered(i); err != nil {
			t.Errorf("connection %d: %v", i, err)
		}
	}
}

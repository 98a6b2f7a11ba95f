package graceful

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
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

// Package graceful closes a listener without resetting the connections that
// the kernel has accepted for it and Accept has not returned yet.
package graceful

import (
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// Listener is a TCP listener whose Close hands on what waits in its queue.
type Listener struct {
	*net.TCPListener
	once    sync.Once
	closing chan struct{}
	parked  chan struct{} // Accept has let go of the socket
	waiting chan net.Conn
	failure error
	// unfiltered is why the kernel did not keep new handshakes away, if it did not.
	unfiltered error
}

// handshake is how long a client may take to end a handshake: a round trip.
const handshake = 200 * time.Millisecond

// acceptWait is how long Close waits for an Accept that may not be running.
const acceptWait = time.Second

// Listen listens on a TCP address. One goroutine at a time may Accept.
func Listen(address string) (*Listener, error) {
	inner, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	tcp, isTCP := inner.(*net.TCPListener)
	if !isTCP {
		return nil, errors.Join(errors.New("not a TCP listener"), inner.Close())
	}
	return &Listener{TCPListener: tcp, closing: make(chan struct{}), parked: make(chan struct{}, 1), waiting: make(chan net.Conn, 4096)}, nil
}

// Accept returns the next connection; after Close those that were waiting, and
// then net.ErrClosed.
func (l *Listener) Accept() (net.Conn, error) {
	conn, err := l.TCPListener.Accept()
	if err == nil {
		return conn, nil
	}
	select {
	case <-l.closing:
	default:
		return nil, err
	}
	select {
	case l.parked <- struct{}{}:
	default:
	}
	if left, open := <-l.waiting; open {
		return left, nil
	}
	return nil, net.ErrClosed
}

// Close stops listening. Closing a socket resets what is in its queue; so first
// no more handshakes begin, then those that have begun may end, then Accept is
// made to let go of the socket and its queue is emptied.
func (l *Listener) Close() error {
	l.once.Do(func() {
		if l.unfiltered = ignoreSYN(l.TCPListener); l.unfiltered == nil {
			time.Sleep(handshake)
		}
		close(l.closing)
		_ = l.SetDeadline(time.Unix(1, 0)) // fails only if it is closed already
		select {
		case <-l.parked:
		case <-time.After(acceptWait):
		}
		left := queued(l.TCPListener, cap(l.waiting))
		l.failure = l.TCPListener.Close()
		for _, descriptor := range left {
			if conn, err := connOf(descriptor); err == nil {
				l.waiting <- conn
			}
		}
		close(l.waiting)
	})
	return l.failure
}

// Unfiltered is nil when Close kept every connection from being reset. Some
// kernels, such as gVisor's, cannot ignore handshakes: then it is why, and one
// that came in the very moment of closing may have been reset. To have clients
// told before, so that none comes then, closes that window too.
func (l *Listener) Unfiltered() error { return l.unfiltered }

// connOf makes a connection of an accepted socket.
func connOf(descriptor int) (net.Conn, error) {
	file := os.NewFile(uintptr(descriptor), "accepted")
	defer func() { _ = file.Close() }() // FileConn has its own copy
	return net.FileConn(file)
}

// Package graceful closes a listener without resetting the connections that
// the kernel has accepted for it and Accept has not returned yet.
package graceful

import (
	"errors"
	"net"
	"sync"
)

// Listener is a TCP listener whose Close hands on what waits in its queue.
type Listener struct {
	*net.TCPListener
	once    sync.Once
	waiting chan net.Conn
	failure error
}

// Listen listens on a TCP address.
func Listen(address string) (*Listener, error) {
	inner, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	tcp, isTCP := inner.(*net.TCPListener)
	if !isTCP {
		return nil, errors.Join(errors.New("not a TCP listener"), inner.Close())
	}
	return &Listener{TCPListener: tcp, waiting: make(chan net.Conn, 4096)}, nil
}

// Accept returns the next connection; after Close those that were waiting, and
// then net.ErrClosed.
func (l *Listener) Accept() (net.Conn, error) {
	conn, err := l.TCPListener.Accept()
	if err == nil || !errors.Is(err, net.ErrClosed) {
		return conn, err
	}
	if left, open := <-l.waiting; open {
		return left, nil
	}
	return nil, err
}

// Close stops listening.
func (l *Listener) Close() error {
	l.once.Do(func() {
		for _, conn := range queued(l.TCPListener, cap(l.waiting)) {
			l.waiting <- conn
		}
		l.failure = l.TCPListener.Close()
		close(l.waiting)
	})
	return l.failure
}

package graceful

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// Connections follows a server's connections. http.Server.Shutdown drops a
// request that it reads after Shutdown was called, also on a connection that it
// accepted before; waiting here first lets those requests be answered.
type Connections struct {
	mutex  sync.Mutex
	owed   map[net.Conn]struct{}  // a request is being read or answered
	silent map[net.Conn]time.Time // accepted or answered then, and nothing was sent since
}

// NewConnections makes a Connections; its Track is for http.Server.ConnState.
func NewConnections() *Connections {
	return &Connections{owed: map[net.Conn]struct{}{}, silent: map[net.Conn]time.Time{}}
}

// Track notes a connection's state.
func (c *Connections) Track(conn net.Conn, state http.ConnState) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	delete(c.owed, conn)
	delete(c.silent, conn)
	switch state {
	case http.StateNew, http.StateIdle:
		c.silent[conn] = time.Now()
	case http.StateActive:
		c.owed[conn] = struct{}{}
	}
}

// Settle waits until no connection is owed an answer, or ctx ends. One that is
// silent is waited for until it has been so for patience: a client that is busy
// may have sent its next request already.
func (c *Connections) Settle(ctx context.Context, patience time.Duration) error {
	ticker := time.NewTicker(2 * time.Millisecond)
	defer ticker.Stop()
	for !c.settled(patience) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
	return nil
}

func (c *Connections) settled(patience time.Duration) bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for _, since := range c.silent {
		if time.Since(since) < patience {
			return false
		}
	}
	return len(c.owed) == 0
}

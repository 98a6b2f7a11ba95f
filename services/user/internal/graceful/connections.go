package graceful

import (
	"container/list"
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// Connections follows a server's connections: it bounds how many there are, and
// it knows which are owed an answer when the server is told to end.
//
// http.Server.Shutdown drops a request that it reads after Shutdown was called,
// also on a connection that it accepted before; Settle lets those be answered.
type Connections struct {
	// Closed is told why a connection was closed to keep within the bound:
	// evicted, or refused when there was none to evict.
	Closed func(reason string)

	most    int
	mutex   sync.Mutex
	known   map[net.Conn]*connection
	waiting *list.List // of *connection, whose client is to send something: the longest waiting first
}

type connection struct {
	conn    net.Conn
	since   time.Time     // when its state began
	owed    bool          // a request is being read or answered
	waiting *list.Element // nil while its request is being answered
}

// NewConnections makes a Connections of at most most connections.
func NewConnections(most int) *Connections {
	return &Connections{Closed: func(string) {}, most: most, known: map[net.Conn]*connection{}, waiting: list.New()}
}

// Bound is the listener, whose Accept closes the connection that has kept the
// server waiting the longest, idle or in the midst of a request, when there
// would be too many: a client that sends its request at once is always served
// beside any number that do not.
func (c *Connections) Bound(listener net.Listener) net.Listener {
	return bounded{listener, c}
}

type bounded struct {
	net.Listener
	connections *Connections
}

func (b bounded) Accept() (net.Conn, error) {
	for {
		conn, err := b.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if b.connections.admit(conn) {
			return conn, nil
		}
		_ = conn.Close() // there is nobody to tell
	}
}

func (c *Connections) admit(conn net.Conn) bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if len(c.known) >= c.most {
		oldest := c.waiting.Front()
		if oldest == nil {
			c.Closed("refused")
			return false
		}
		evicted, _ := oldest.Value.(*connection)
		c.forget(evicted)
		_ = evicted.conn.Close() // its server finds out by reading
		c.Closed("evicted")
	}
	added := &connection{conn: conn}
	c.known[conn] = added
	c.await(added)
	return true
}

// Open is how many connections there are.
func (c *Connections) Open() int {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return len(c.known)
}

// Track notes a connection's state; it is for http.Server.ConnState.
func (c *Connections) Track(conn net.Conn, state http.ConnState) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	tracked := c.known[conn]
	if tracked == nil {
		return // evicted
	}
	switch state {
	case http.StateNew, http.StateIdle:
		tracked.owed = false
		c.await(tracked)
	case http.StateActive:
		tracked.owed = true
		c.await(tracked)
	default:
		c.forget(tracked)
	}
}

type connectionKey struct{}

// Context is for http.Server.ConnContext, so that ConnectionOf knows the connection.
func (c *Connections) Context(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, conn)
}

// ConnectionOf is the connection that a request came by.
func ConnectionOf(request context.Context) net.Conn {
	conn, _ := request.Value(connectionKey{}).(net.Conn)
	return conn
}

// Received notes that a request has been read to its end: it is now the
// server's turn, and the connection is not evicted until it has answered.
func (c *Connections) Received(request context.Context) {
	conn := ConnectionOf(request)
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if tracked := c.known[conn]; tracked != nil && tracked.waiting != nil {
		c.waiting.Remove(tracked.waiting)
		tracked.waiting = nil
	}
}

func (c *Connections) await(tracked *connection) {
	tracked.since = time.Now()
	if tracked.waiting == nil {
		tracked.waiting = c.waiting.PushBack(tracked)
	} else {
		c.waiting.MoveToBack(tracked.waiting)
	}
}

func (c *Connections) forget(tracked *connection) {
	delete(c.known, tracked.conn)
	if tracked.waiting != nil {
		c.waiting.Remove(tracked.waiting)
	}
}

// Settle waits until no connection is owed an answer, or ctx ends. One that is
// silent is waited for until it has been so for patience: a client that is busy
// may have sent its next request already. One whose request has arrived is
// waited for in any case: a server that is busy may not have read it yet.
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
	for _, tracked := range c.known {
		if tracked.owed || time.Since(tracked.since) < patience {
			return false
		}
	}
	for conn := range c.known {
		if hasUnread(conn) {
			return false
		}
	}
	return true
}

package testservers

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// Proxy is a TCP proxy in front of a server, at which the network between them fails.
type Proxy struct {
	Host string
	Port int

	listener net.Listener
	mutex    sync.Mutex
	changed  sync.Cond // on mutex: frozen or closed has changed
	target   string
	delay    time.Duration
	frozen   bool
	stranded int // connections that were made before this generation are held back for good
	made     int // the generation of new connections
	closed   bool
	conns    map[net.Conn]struct{}
	running  sync.WaitGroup
}

// NewProxy starts a proxy in front of an address; it ends with the test.
func NewProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address, _ := listener.Addr().(*net.TCPAddr)
	proxy := &Proxy{Host: "127.0.0.1", Port: address.Port, listener: listener, target: target, conns: map[net.Conn]struct{}{}}
	proxy.changed.L = &proxy.mutex
	proxy.running.Go(proxy.accept)
	t.Cleanup(proxy.close)
	return proxy
}

// Lead leads new connections to another address; those that are open stay.
func (p *Proxy) Lead(target string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.target = target
}

// Delay delays whatever the server says.
func (p *Proxy) Delay(delay time.Duration) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.delay = delay
}

// Freeze holds back what either side says, also on new connections, until Thaw.
func (p *Proxy) Freeze() { p.setFrozen(true) }

// Thaw ends Freeze.
func (p *Proxy) Thaw() { p.setFrozen(false) }

// Strand holds back what either side says on open connections for good; new
// ones work, as after a failover of a network.
func (p *Proxy) Strand() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.made++
	p.stranded = p.made
}

// Cut ends every open connection.
func (p *Proxy) Cut() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for conn := range p.conns {
		_ = conn.Close() // each side finds out
	}
}

func (p *Proxy) setFrozen(frozen bool) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.frozen = frozen
	p.changed.Broadcast()
}

func (p *Proxy) close() {
	_ = p.listener.Close()
	p.mutex.Lock()
	p.closed = true
	p.changed.Broadcast()
	p.mutex.Unlock()
	p.Cut()
	p.running.Wait()
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mutex.Lock()
		target, made := p.target, p.made
		p.mutex.Unlock()
		p.running.Go(func() {
			server, err := net.Dial("tcp", target)
			if err != nil {
				_ = client.Close() // as if nothing listened
				return
			}
			if !p.keep(client, server) {
				return
			}
			p.running.Go(func() { p.pump(server, client, made, false) })
			p.pump(client, server, made, true)
		})
	}
}

func (p *Proxy) keep(conns ...net.Conn) bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, conn := range conns {
		p.conns[conn] = struct{}{}
		if p.closed {
			_ = conn.Close()
		}
	}
	return !p.closed
}

// pump passes on what from says until either side ends.
func (p *Proxy) pump(to, from net.Conn, made int, delayed bool) {
	defer func() {
		_, _ = to.Close(), from.Close()
		p.mutex.Lock()
		defer p.mutex.Unlock()
		delete(p.conns, to)
		delete(p.conns, from)
	}()
	buffer := make([]byte, 32<<10)
	for {
		read, err := from.Read(buffer)
		if read > 0 {
			if delay := p.pass(made); delayed {
				time.Sleep(delay) // what is slow is the network itself
			}
			if _, err := to.Write(buffer[:read]); err != nil {
				return
			}
		}
		if err != nil {
			if err == io.EOF {
				p.pass(made)
			}
			return
		}
	}
}

// pass waits while the proxy holds back a connection, and is the delay then.
func (p *Proxy) pass(made int) time.Duration {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for (p.frozen || made < p.stranded) && !p.closed {
		p.changed.Wait()
	}
	return p.delay
}

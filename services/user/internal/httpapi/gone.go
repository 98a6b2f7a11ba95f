package httpapi

import (
	"context"
	"net"
	"net/http"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// goneEvery is how often a client that has closed its side is looked after.
const goneEvery = 5 * time.Millisecond

// processing is a response that a client has to be able to take at any time
// before the final one (RFC 9110 section 15.2).
const processing = "HTTP/1.1 102 Processing\r\n\r\n"

// attended is a context that ends when the client is gone. net/http ends a
// request's when the client closes its side of the connection, which one that
// has sent all and waits for its answer may do (RFC 9293 section 3.6): whether
// it is still there only shows when it is sent something.
func (a *API) attended(r *http.Request, answer *recorder) (context.Context, context.CancelFunc) {
	ctx, gone := context.WithCancel(context.WithoutCancel(r.Context()))
	stop := context.AfterFunc(r.Context(), func() {
		if !answer.incoming.ended.Load() {
			return // whoever reads the body finds out
		}
		if !r.ProtoAtLeast(1, 1) {
			return // it knows no interim responses: its work is done for whom it may concern
		}
		if conn := a.Connection(r.Context()); conn != nil && answer.interim(conn) {
			for stillThere(conn) {
				if !sleep(ctx, goneEvery) {
					return // it was answered
				}
			}
		}
		gone()
	})
	return ctx, func() {
		stop()
		gone()
	}
}

// stillThere is whether nothing that was sent has come back as refused.
func stillThere(conn net.Conn) bool {
	socket, able := conn.(syscall.Conn)
	if !able {
		return false
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return false
	}
	failure := 0
	err = raw.Control(func(socket uintptr) {
		if failure, err = unix.GetsockoptInt(int(socket), unix.SOL_SOCKET, unix.SO_ERROR); err != nil {
			failure = int(unix.EBADF)
		}
	})
	return err == nil && failure == 0
}

func sleep(ctx context.Context, duration time.Duration) (whole bool) {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

//go:build !linux

package graceful

import (
	"errors"
	"net"
)

func ignoreSYN(*net.TCPListener) error { return errors.ErrUnsupported }

// queued takes nothing: only Linux tells how to do so without waiting.
func queued(*net.TCPListener, int) []int { return nil }

// hasUnread is never so: how it is told differs.
func hasUnread(net.Conn) bool { return false }

package graceful

import (
	"net"
	"syscall"
)

// queued takes up to most connections from the listener's queue without
// waiting, as sockets.
func queued(listener *net.TCPListener, most int) (descriptors []int) {
	raw, err := listener.SyscallConn()
	if err != nil {
		return nil
	}
	_ = raw.Control(func(listening uintptr) { // fails only if it is closed already
		for len(descriptors) < most {
			descriptor, _, err := syscall.Accept4(int(listening), syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC)
			if err != nil {
				return
			}
			descriptors = append(descriptors, descriptor)
		}
	})
	return descriptors
}

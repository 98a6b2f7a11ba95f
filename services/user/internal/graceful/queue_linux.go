package graceful

import (
	"net"
	"os"
	"syscall"
)

// queued takes up to most connections from the listener's queue without waiting.
func queued(listener *net.TCPListener, most int) []net.Conn {
	raw, err := listener.SyscallConn()
	if err != nil {
		return nil
	}
	var descriptors []int
	_ = raw.Control(func(listening uintptr) {
		for len(descriptors) < most {
			descriptor, _, err := syscall.Accept4(int(listening), syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC)
			if err != nil {
				return
			}
			descriptors = append(descriptors, descriptor)
		}
	})
	var conns []net.Conn
	for _, descriptor := range descriptors {
		file := os.NewFile(uintptr(descriptor), "accepted")
		conn, err := net.FileConn(file)
		_ = file.Close() // FileConn has its own copy
		if err == nil {
			conns = append(conns, conn)
		}
	}
	return conns
}

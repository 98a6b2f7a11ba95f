package graceful

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// ignoreSYN has the kernel ignore new handshakes, while those that have begun
// may end. A client whose SYN is ignored sends it again a second later, and is
// then refused by the closed port.
func ignoreSYN(listener *net.TCPListener) error {
	const flagsOffset, syn = 13, 0x02 // of the TCP header (RFC 9293 section 3.1), where the filter's data begins
	filter := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_B | unix.BPF_ABS, K: flagsOffset},
		{Code: unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K, K: syn, Jt: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: 0xffffffff}, // keep the packet
		{Code: unix.BPF_RET | unix.BPF_K, K: 0},          // drop it
	}
	raw, err := listener.SyscallConn()
	if err != nil {
		return err
	}
	var attached error
	err = raw.Control(func(listening uintptr) {
		attached = unix.SetsockoptSockFprog(int(listening), unix.SOL_SOCKET, unix.SO_ATTACH_FILTER,
			&unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]})
	})
	if err != nil {
		return err
	}
	return attached
}

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

// hasUnread is whether a connection has received what nobody has read yet
// (tcp(7), SIOCINQ). To close it then resets it.
func hasUnread(conn net.Conn) bool {
	socket, isSocket := conn.(syscall.Conn)
	if !isSocket {
		return false
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return false
	}
	unread := 0
	err = raw.Control(func(descriptor uintptr) {
		unread, _ = unix.IoctlGetInt(int(descriptor), unix.SIOCINQ) // 0 where it fails
	})
	return err == nil && unread > 0
}

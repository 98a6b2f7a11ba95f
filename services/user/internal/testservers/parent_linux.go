package testservers

import "syscall"

// endWithParent has the kernel end a child whose parent dies without ending it.
func endWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}

//go:build !linux

package testservers

import "syscall"

func endWithParent() *syscall.SysProcAttr { return nil }

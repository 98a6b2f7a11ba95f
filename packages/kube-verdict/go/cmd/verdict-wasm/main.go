//go:build wasip1

// Command verdict-wasm is the WASI reactor: built with -buildmode=c-shared, it
// exports _initialize, memory, alloc and answer.
package main

import (
	"runtime/debug"
	"unsafe"

	"kube-verdict/go/judge"
)

// garbagePercent lets the heap grow to five times what is live, some 50 MB: the
// collector has no processor of its own here, and takes an eighth of the time of
// a server-side apply at Go's default of 100.
const garbagePercent = 400

func init() { debug.SetGCPercent(garbagePercent) }

// The buffers stay referenced while the host reads or writes them.
var (
	request  []byte
	response []byte
)

// alloc makes room for a request of n bytes and returns its address.
//
//go:wasmexport alloc
func alloc(n int32) int32 {
	request = make([]byte, max(n, 1))[:n]
	return int32(uintptr(unsafe.Pointer(unsafe.SliceData(request))))
}

// answer judges the request in the buffer and returns the answer's JSON as
// address<<32 | length. It is valid until the next call of alloc or answer.
//
//go:wasmexport answer
func answer() int64 {
	response = judge.JSON(request)
	request = nil
	return int64(uintptr(unsafe.Pointer(unsafe.SliceData(response))))<<32 | int64(len(response))
}

func main() {}

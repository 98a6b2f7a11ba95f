//go:build wasip1

// Command verdict-wasm is the WASI reactor: built with -buildmode=c-shared, it
// exports _initialize, memory, alloc and answer.
package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"unsafe"

	"kube-verdict/go/judge"
)

// garbagePercent and garbageBytes say when garbage is collected. The collector
// works beside the program, which here is never idle: between two calls nothing
// runs, so that a collection which begins by itself takes hundreds of calls,
// slows each of them down and lets the heap grow meanwhile. So one is made
// between two calls, whole, after so many bytes; by itself it begins only in a
// call that allocates much more.
const (
	garbagePercent = 400
	garbageBytes   = 8 << 20
)

func init() { debug.SetGCPercent(garbagePercent) }

// The buffers stay referenced while the host reads or writes them.
var (
	request  []byte
	response []byte
)

var (
	allocated = []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	collected uint64
)

// alloc makes room for a request of n bytes and returns its address.
//
//go:wasmexport alloc
func alloc(n int32) int32 {
	response = nil
	if metrics.Read(allocated); allocated[0].Value.Uint64()-collected > garbageBytes {
		runtime.GC()
		collected = allocated[0].Value.Uint64()
	}
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

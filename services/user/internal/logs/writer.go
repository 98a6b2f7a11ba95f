// Package logs keeps whoever logs from waiting for whoever reads the log.
package logs

import (
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

// Writer passes lines on to another writer without waiting for it: while that
// one takes none, so many are kept, and what comes then is dropped and counted.
type Writer struct {
	out     io.Writer
	lines   chan line
	dropped atomic.Int64
}

type line struct {
	text    []byte
	written chan<- struct{} // nil, or told when all before it is written
}

// kept is how many lines wait: some two megabytes.
const kept = 8192

// NewWriter makes a Writer; each Write is one line.
func NewWriter(out io.Writer) *Writer {
	writer := &Writer{out: out, lines: make(chan line, kept)}
	go writer.pass()
	return writer
}

// Write never fails and never waits.
func (w *Writer) Write(text []byte) (int, error) {
	select {
	case w.lines <- line{text: append([]byte(nil), text...)}:
	default:
		w.dropped.Add(1)
	}
	return len(text), nil
}

// Flush waits until all lines are written, but not longer than limit.
func (w *Writer) Flush(limit time.Duration) {
	written, late := make(chan struct{}, 1), time.After(limit)
	select {
	case w.lines <- line{written: written}:
	case <-late:
		return
	}
	select {
	case <-written:
	case <-late:
	}
}

func (w *Writer) pass() {
	for next := range w.lines {
		if next.written != nil {
			next.written <- struct{}{}
			continue
		}
		_, _ = w.out.Write(next.text) // there is nowhere to say that it failed
		if dropped := w.dropped.Swap(0); dropped > 0 {
			_, _ = fmt.Fprintf(w.out, `{"time":%q,"level":"WARN","msg":"lines of the log were dropped, as nobody took them","count":%d}`+"\n",
				time.Now().Format(time.RFC3339Nano), dropped)
		}
	}
}

package logs

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

func TestWaitsForNobody(t *testing.T) {
	reader, out := io.Pipe() // its Write waits until it is read
	writer := NewWriter(out)
	begun := time.Now()
	for i := range 3 * kept {
		fmt.Fprintf(writer, "line %d\n", i)
	}
	writer.Flush(50 * time.Millisecond)
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("%d lines that nobody reads took %s", 3*kept, took)
	}
	var read bytes.Buffer
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(&read, reader)
	}()
	writer.Flush(10 * time.Second)
	_ = out.Close()
	<-done
	text := read.String()
	if !strings.HasPrefix(text, "line 0\n") || !strings.Contains(text, fmt.Sprintf("line %d\n", kept-1)) {
		t.Errorf("what was kept is not written: %.200q", text)
	}
	written := strings.Count(text, "line ")
	if !strings.Contains(text, fmt.Sprintf(`"count":%d}`, 3*kept-written)) {
		t.Errorf("%d lines are written, and nothing says that the others were dropped: %.300q", written, text)
	}
}

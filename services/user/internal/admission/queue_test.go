package admission

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

type tally struct{ hashed, refused atomic.Int64 }

func (t *tally) Hashed(time.Duration, time.Duration) { t.hashed.Add(1) }
func (t *tally) HashRefused()                        { t.refused.Add(1) }

func TestLetsNobodyInWhoWouldWaitTooLong(t *testing.T) {
	seen := &tally{}
	queue := NewQueue(time.Second, 100*time.Millisecond, seen)
	width := runtime.GOMAXPROCS(0)
	entered := 0
	for {
		if _, err := queue.Enter(); err != nil {
			if !errors.Is(err, ErrFull) || seen.refused.Load() != 1 {
				t.Errorf("%v, %d refused", err, seen.refused.Load())
			}
			break
		}
		entered++
	}
	if promised := width + width*10; entered != promised {
		t.Errorf("%d entered; promised %d: those that run, and a second's worth of 100 ms each", entered, promised)
	}
	if waiting := queue.Waiting(); waiting != entered {
		t.Errorf("%d wait; promised %d", waiting, entered)
	}
}

func TestLearnsWhatAJobCosts(t *testing.T) {
	queue := NewQueue(20*time.Millisecond, time.Hour, &tally{})
	for range runtime.GOMAXPROCS(0) {
		if _, err := queue.Enter(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := queue.Enter(); !errors.Is(err, ErrFull) {
		t.Fatalf("behind jobs of an hour: %v; promised ErrFull", err)
	}
	for range 600 { // an hour is forgotten by a twentieth each time
		if err := queue.Run(t.Context(), func() {}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := queue.Enter(); err != nil {
		t.Errorf("behind jobs of no time: %v", err)
	}
}

func TestRunsNoJobWhoseTimeHasEnded(t *testing.T) {
	queue := NewQueue(time.Second, time.Millisecond, &tally{})
	ended, end := context.WithCancel(t.Context())
	end()
	for range 1000 { // a free slot must not win over the end by chance
		if err := queue.Run(ended, func() { t.Error("the job ran") }); !errors.Is(err, context.Canceled) {
			t.Fatalf("Run: %v", err)
		}
	}
}

func TestRunsGOMAXPROCSJobsAtOnce(t *testing.T) {
	queue := NewQueue(time.Second, time.Millisecond, &tally{})
	release, started := make(chan struct{}), make(chan struct{})
	for range runtime.GOMAXPROCS(0) {
		go func() { _ = queue.Run(context.Background(), func() { started <- struct{}{}; <-release }) }()
		<-started
	}
	if queue.RunIdle(func() { t.Error("an idle job ran beside full slots") }) {
		t.Error("RunIdle says that it ran")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := queue.Run(ctx, func() { t.Error("one job too many ran") }); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("one more: %v; promised that it waits", err)
	}
	// Jobs that take longer than those before them.
	behind := NewQueue(20*time.Millisecond, time.Nanosecond, &tally{})
	for range runtime.GOMAXPROCS(0) {
		go func() { _ = behind.Run(context.Background(), func() { started <- struct{}{}; <-release }) }()
		<-started
	}
	if err := behind.Run(t.Context(), func() { t.Error("a job ran that waited too long") }); !errors.Is(err, ErrFull) {
		t.Errorf("behind jobs that take longer than expected: %v; promised ErrFull", err)
	}
	close(release)
	if err := queue.Run(t.Context(), func() {}); err != nil {
		t.Error(err)
	}
	if !queue.RunIdle(func() {}) {
		t.Error("an idle job does not run on free slots")
	}
}

// Package admission bounds the work that waits for a processor, by time: what
// would wait too long is turned away at once, so that an overload costs those
// who come too many and nobody else.
package admission

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

// ErrFull is returned for work that would wait too long.
var ErrFull = errors.New("more work waits than can be done in time")

// Queue runs jobs of about equal cost, a bounded number at once, first come first served.
type Queue struct {
	slots   *semaphore.Weighted
	width   int
	most    time.Duration
	inside  atomic.Int64
	running atomic.Int64
	cost    atomic.Int64 // mean of a job's duration in nanoseconds
	observe Observer
}

// Observer is told what happens in a queue.
type Observer interface {
	// Hashed says how long a job waited for its turn and how long it then took.
	Hashed(waited, took time.Duration)
	// HashRefused says that the queue was full.
	HashRefused()
}

// NewQueue makes a Queue that runs GOMAXPROCS jobs at once and lets nobody in
// who would wait longer than most. A job is taken to cost estimate until some
// have run.
func NewQueue(most, estimate time.Duration, observe Observer) *Queue {
	width := runtime.GOMAXPROCS(0)
	queue := &Queue{slots: semaphore.NewWeighted(int64(width)), width: width, most: most, observe: observe}
	queue.cost.Store(max(int64(estimate), 1))
	return queue
}

// Enter takes a place in the queue, for one or more jobs one after the other;
// leave must be called once. It does not wait: the error is ErrFull when the
// place would have to wait too long.
func (q *Queue) Enter() (leave func(), err error) {
	if inside := q.inside.Add(1); q.wait(inside) > q.most {
		q.inside.Add(-1)
		q.observe.HashRefused()
		return nil, ErrFull
	}
	return func() { q.inside.Add(-1) }, nil
}

// wait is how long the last of so many is expected to wait for its turn.
func (q *Queue) wait(inside int64) time.Duration {
	ahead := max(0, inside-int64(q.width))
	return time.Duration(ahead * q.cost.Load() / int64(q.width))
}

// Run runs job when it is the caller's turn; the caller has a place. The error
// is that of ctx if it ends first, or ErrFull if the turn does not come in time
// although it was expected to; then job is not run.
func (q *Queue) Run(ctx context.Context, job func()) error {
	begun := time.Now()
	waiting, cancel := context.WithTimeoutCause(ctx, q.most, ErrFull)
	defer cancel()
	if err := q.slots.Acquire(waiting, 1); err != nil {
		if cause := context.Cause(waiting); errors.Is(cause, ErrFull) {
			q.observe.HashRefused()
			return cause
		}
		return err
	}
	q.work(begun, job)
	return nil
}

// RunIdle runs job if nobody else needs the processor, and says whether it did.
func (q *Queue) RunIdle(job func()) bool {
	if q.inside.Load() > 0 || !q.slots.TryAcquire(1) {
		return false
	}
	q.work(time.Now(), job)
	return true
}

func (q *Queue) work(entered time.Time, job func()) {
	defer q.slots.Release(1)
	q.running.Add(1)
	defer q.running.Add(-1)
	begun := time.Now()
	job()
	took := time.Since(begun)
	q.learn(took)
	q.observe.Hashed(begun.Sub(entered), took)
}

// learn keeps a mean that forgets: the last twenty or so jobs count.
func (q *Queue) learn(took time.Duration) {
	for {
		before := q.cost.Load()
		if q.cost.CompareAndSwap(before, max(before+(int64(took)-before)/20, 1)) {
			return
		}
	}
}

// Running is how many jobs run.
func (q *Queue) Running() int { return int(q.running.Load()) }

// Waiting is how many places are taken beyond the jobs that run.
func (q *Queue) Waiting() int { return int(max(0, q.inside.Load()-q.running.Load())) }

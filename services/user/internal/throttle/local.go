package throttle

import (
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// Local counts in the process.
type Local struct {
	mutex sync.Mutex
	full  *simplelru.LRU[string, time.Time] // when each bucket is empty again
	now   func() time.Time
}

// mostBuckets bounds the memory that an attacker from many addresses can take
// to some 20 MB. What was used last stays, such as the bucket of an address
// that goes through many emails.
const mostBuckets = 100_000

// NewLocal makes a Local.
func NewLocal() *Local {
	full, err := simplelru.NewLRU[string, time.Time](mostBuckets, nil)
	if err != nil {
		panic(err) // only for a size that is not positive
	}
	return &Local{full: full, now: time.Now}
}

// Take counts an attempt in every bucket, or, when one has no room, in none.
func (l *Local) Take(buckets []Bucket) *Refusal {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	now := l.now()
	var refusal *Refusal
	for _, bucket := range buckets {
		wait := l.empty(bucket, now).Add(bucket.Limit.Interval).Sub(now) - bucket.Limit.Horizon()
		if wait > 0 && (refusal == nil || wait > refusal.Wait) {
			refusal = &Refusal{bucket, wait}
		}
	}
	if refusal != nil {
		return refusal
	}
	for _, bucket := range buckets {
		l.full.Add(bucket.Key, l.empty(bucket, now).Add(bucket.Limit.Interval))
	}
	return nil
}

// GiveBack undoes a Take.
func (l *Local) GiveBack(buckets []Bucket) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	now := l.now()
	for _, bucket := range buckets {
		if empty := l.empty(bucket, now).Add(-bucket.Limit.Interval); empty.After(now) {
			l.full.Add(bucket.Key, empty)
		} else {
			l.full.Remove(bucket.Key)
		}
	}
}

func (l *Local) empty(bucket Bucket, now time.Time) time.Time {
	if empty, counted := l.full.Get(bucket.Key); counted && empty.After(now) {
		return empty
	}
	return now
}

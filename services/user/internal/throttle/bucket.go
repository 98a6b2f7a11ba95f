// Package throttle slows guessers. It counts in Redis, for all replicas, and in
// the process itself, which serves alone while Redis does not answer.
package throttle

import "time"

// Limit is a leaky bucket (GCRA): Burst attempts at once, and then one each Interval.
type Limit struct {
	Burst    int
	Interval time.Duration
}

// Per is a limit of count attempts in a period; 0 is off.
func Per(count int, period time.Duration) Limit {
	if count == 0 {
		return Limit{}
	}
	return Limit{Burst: count, Interval: period / time.Duration(count)}
}

// Horizon is how far a full bucket reaches into the future.
func (l Limit) Horizon() time.Duration { return time.Duration(l.Burst) * l.Interval }

// Bucket is what one limit counts.
type Bucket struct {
	Name  string // of the limit, for metrics: pair, address, account or register
	Key   string
	Limit Limit
}

// Refusal says which of some buckets has no room, and for how long.
type Refusal struct {
	Bucket Bucket
	Wait   time.Duration
}

package redis

import (
	"context"
	"fmt"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"user/internal/throttle"
)

var _ throttle.Shared = (*Buckets)(nil)

// Buckets counts attempts in Redis, by Redis' own clock.
type Buckets struct{ client *Client }

// NewBuckets makes a Buckets.
func NewBuckets(client *Client) *Buckets { return &Buckets{client} }

// takeScript counts an attempt in every bucket, or in none when one has no
// room: then it returns for how many microseconds, and the bucket's number.
// A bucket is the time when it is empty again, in microseconds. One beyond what
// its limit can fill comes of a clock that was set back.
var takeScript = goredis.NewScript(`
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local filled, wait, refused = {}, 0, 0
for i, key in ipairs(KEYS) do
  local interval, burst = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local empty = tonumber(redis.call('GET', key) or now)
  empty = math.min(math.max(empty, now), now + burst * interval)
  filled[i] = empty + interval
  local over = filled[i] - (now + burst * interval)
  if over > wait then
    wait, refused = over, i
  end
end
if wait > 0 then
  return {math.ceil(wait), refused}
end
for i, key in ipairs(KEYS) do
  redis.call('SET', key, string.format('%.0f', filled[i]), 'PX', math.ceil((filled[i] - now) / 1000))
end
return {0, 0}
`)

// giveBackScript undoes takeScript.
var giveBackScript = goredis.NewScript(`
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
for i, key in ipairs(KEYS) do
  local interval, burst = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local empty = math.min(tonumber(redis.call('GET', key) or now), now + burst * interval) - interval
  if empty > now then
    redis.call('SET', key, string.format('%.0f', empty), 'PX', math.ceil((empty - now) / 1000))
  else
    redis.call('DEL', key)
  end
end
return {0, 0}
`)

// Take implements throttle.Shared.
func (b *Buckets) Take(ctx context.Context, buckets []throttle.Bucket) (*throttle.Refusal, error) {
	answer, err := b.run(ctx, takeScript, buckets)
	if err != nil {
		return nil, err
	}
	wait, refused := answer[0], int(answer[1])
	if wait == 0 || refused < 1 || refused > len(buckets) {
		return nil, nil
	}
	return &throttle.Refusal{Bucket: buckets[refused-1], Wait: time.Duration(wait) * time.Microsecond}, nil
}

// GiveBack implements throttle.Shared.
func (b *Buckets) GiveBack(ctx context.Context, buckets []throttle.Bucket) error {
	_, err := b.run(ctx, giveBackScript, buckets)
	return err
}

func (b *Buckets) run(ctx context.Context, script *goredis.Script, buckets []throttle.Bucket) (answer []int64, err error) {
	keys, arguments := make([]string, len(buckets)), make([]any, 0, 2*len(buckets))
	for i, bucket := range buckets {
		keys[i] = bucket.Key
		arguments = append(arguments, bucket.Limit.Interval.Microseconds(), bucket.Limit.Burst)
	}
	err = b.client.use(ctx, func(ctx context.Context) (err error) {
		answer, err = script.Run(ctx, b.client.session.Load().redis, keys, arguments...).Int64Slice()
		return err
	})
	if err == nil && len(answer) != 2 {
		return nil, fmt.Errorf("the throttle's script returned %v", answer)
	}
	return answer, err
}

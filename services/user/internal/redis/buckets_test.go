package redis

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"user/internal/config"
	"user/internal/credentials"
	"user/internal/testservers"
	"user/internal/throttle"
)

func TestMain(m *testing.M) {
	SetLog(slog.New(slog.DiscardHandler))
	os.Exit(testservers.Run(m))
}

// connected is a Client that has reached a real Redis.
func connected(t *testing.T) *Client {
	t.Helper()
	server := testservers.Redis(t)
	client, err := Open(config.Redis{Host: server.Host, Port: server.Port, Login: credentials.Source{Password: server.Password}}, slog.New(slog.DiscardHandler), func(string, string) {})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	deadline := time.Now().Add(10 * time.Second)
	for err := client.ping(t.Context()); err != nil; err = client.ping(t.Context()) {
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
	client.became(t.Context(), nil)
	return client
}

// take is Take with a second try: a machine that does something else may let the budget pass.
func take(t *testing.T, shared *Buckets, buckets []throttle.Bucket) *throttle.Refusal {
	t.Helper()
	refusal, err := shared.Take(t.Context(), buckets)
	if err != nil {
		t.Skipf("Redis did not answer within the budget: %v", err)
	}
	return refusal
}

func TestCountsAsTheProcessItselfDoes(t *testing.T) {
	client := connected(t)
	shared := NewBuckets(client)
	for seed := range uint64(30) {
		random := rand.New(rand.NewPCG(seed, 1))
		local := throttle.NewLocal()
		var taken [][]throttle.Bucket
		prefix := fmt.Sprintf("test:%d:%d:", time.Now().UnixNano(), seed)
		limits := []throttle.Limit{throttle.Per(1, time.Minute), throttle.Per(3, time.Minute), throttle.Per(7, time.Hour)}
		for step := range 40 {
			var buckets []throttle.Bucket
			for i := range 1 + random.IntN(3) {
				n := random.IntN(3)
				buckets = append(buckets, throttle.Bucket{Name: "pair", Key: fmt.Sprint(prefix, i, n), Limit: limits[n]})
			}
			if len(taken) > 0 && random.IntN(3) == 0 {
				back := taken[random.IntN(len(taken))]
				local.GiveBack(back)
				if err := shared.GiveBack(t.Context(), back); err != nil {
					t.Skipf("Redis did not answer within the budget: %v", err)
				}
				continue
			}
			mine, theirs := local.Take(buckets), take(t, shared, buckets)
			if (mine == nil) != (theirs == nil) {
				t.Fatalf("seed %d, step %d: the process says %+v, Redis %+v", seed, step, mine, theirs)
			}
			if mine == nil {
				taken = append(taken, buckets)
			} else if mine.Bucket.Limit != theirs.Bucket.Limit || (mine.Wait-theirs.Wait).Abs() > 5*time.Second {
				t.Fatalf("seed %d, step %d: the process says %+v, Redis %+v", seed, step, mine, theirs)
			}
		}
	}
}

func TestBoundsTheWaitWhenTheClockIsSetBack(t *testing.T) {
	client := connected(t)
	shared := NewBuckets(client)
	bucket := throttle.Bucket{Name: "pair", Key: fmt.Sprint("test:clock:", time.Now().UnixNano()), Limit: throttle.Per(5, time.Minute)}
	// What a bucket holds once Redis' clock has been set back by an hour.
	if err := client.session.Load().redis.Set(t.Context(), bucket.Key, time.Now().Add(time.Hour).UnixMicro(), time.Hour).Err(); err != nil {
		t.Fatal(err)
	}
	refusal := take(t, shared, []throttle.Bucket{bucket})
	if refusal == nil || refusal.Wait > 12*time.Second {
		t.Errorf("refused %+v; promised a wait of one interval, 12 s", refusal)
	}
}

func TestForgetsABucketThatIsEmptyAgain(t *testing.T) {
	client := connected(t)
	shared := NewBuckets(client)
	bucket := throttle.Bucket{Name: "pair", Key: fmt.Sprint("test:empty:", time.Now().UnixNano()), Limit: throttle.Per(5, time.Minute)}
	for range 50 {
		if refusal := take(t, shared, []throttle.Bucket{bucket}); refusal != nil {
			t.Fatalf("refused %+v although each attempt was given back", refusal)
		}
		if err := shared.GiveBack(t.Context(), []throttle.Bucket{bucket}); err != nil {
			t.Fatal(err)
		}
	}
	if left := client.session.Load().redis.Exists(t.Context(), bucket.Key).Val(); left != 0 {
		t.Error("an empty bucket stays in Redis")
	}
}

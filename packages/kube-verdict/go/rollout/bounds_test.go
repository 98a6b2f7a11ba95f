package rollout

import (
	"math/rand/v2"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
)

// draw makes a change of a workload of one sort.
type draw func(r *rand.Rand) *Question

var draws = map[string]draw{
	"Deployment": func(r *rand.Rand) *Question {
		before, after := drawDeployments(r)
		return &Question{Before: before, After: after, Unavailable: drawUnavailable(r, *before.Spec.Replicas)}
	},
	"StatefulSet": func(r *rand.Rand) *Question {
		before, after := drawStatefulSets(r)
		q := &Question{Before: before, After: after}
		if startOrdinal(before) == startOrdinal(after) {
			// The lowest ordinals are those that are not available.
			q.Unavailable = drawUnavailable(r, min(*before.Spec.Replicas, *after.Spec.Replicas))
		}
		return q
	},
	"DaemonSet": func(r *rand.Rand) *Question {
		before, after := drawDaemonSets(r)
		nodes := int32(r.IntN(8))
		return &Question{Before: before, After: after, Nodes: &nodes, Unavailable: drawUnavailable(r, nodes)}
	},
}

// drawUnavailable is none, mostly.
func drawUnavailable(r *rand.Rand, most int32) int32 {
	if r.IntN(4) > 0 {
		return 0
	}
	return int32(r.IntN(int(most) + 1))
}

// TestBoundsHoldHoweverPodsComeAndGo lets Pods become available and end in
// random orders: never fewer and never more than the bounds.
func TestBoundsHoldHoweverPodsComeAndGo(t *testing.T) {
	r := seeded(t)
	for name, draw := range draws {
		t.Run(name, func(t *testing.T) {
			courses, tightFewest, tightMost := 0, 0, 0
			for range 2000 {
				q := draw(r)
				told, start, err := prepare(q)
				if err != nil {
					t.Fatal(err)
				}
				if start == nil {
					continue
				}
				courses++
				told.simulated(start)
				p, c := start()
				original := append([]*pod(nil), p.all...)
				interleave(r, p, c)
				if p.fewest < *told.FewestAvailable || p.most > *told.MostExisting {
					t.Fatalf("from %d to %d Pods were seen, %d to %d are promised\n%s", p.fewest, p.most, *told.FewestAvailable, *told.MostExisting, show(q))
				}
				if p.fewest == *told.FewestAvailable {
					tightFewest++
				}
				if p.most == *told.MostExisting {
					tightMost++
				}
				if replaced := replacedOf(original, p); told.TemplateChanged && replaced != *told.PodsReplaced {
					t.Fatalf("%d Pods were replaced, %d are told\n%s", replaced, *told.PodsReplaced, show(q))
				}
			}
			// A bound that no course comes near would promise too little.
			t.Logf("%d and %d of %d courses reached the bounds", tightFewest, tightMost, courses)
			if tightFewest*10 < courses*8 || tightMost*10 < courses*8 {
				t.Error("the bounds are not tight")
			}
		})
	}
}

// interleave moves Pods on in a random order, controllers now and then in between.
func interleave(r *rand.Rand, p *pods, c controller) {
	p.observe()
	for range 10_000 {
		for range r.IntN(4) {
			c.sync()
		}
		waiting := p.pending()
		if len(waiting) == 0 {
			for c.sync() {
			}
			if waiting = p.pending(); len(waiting) == 0 {
				return
			}
		}
		p.finish(waiting[r.IntN(len(waiting))])
	}
	panic("no end in sight")
}

func replacedOf(original []*pod, p *pods) int32 {
	gone, updated := int32(len(original)), int32(0)
	for _, one := range p.all {
		if one.updated {
			updated++
		}
		for _, was := range original {
			if was == one {
				gone--
			}
		}
	}
	return min(gone, updated)
}

// TestIfNeverReadyIsWhatStays lets everything happen but that new Pods become available.
func TestIfNeverReadyIsWhatStays(t *testing.T) {
	r := seeded(t)
	for name, draw := range draws {
		t.Run(name, func(t *testing.T) {
			for range 2000 {
				q := draw(r)
				told, start, err := prepare(q)
				if err != nil {
					t.Fatal(err)
				}
				if start == nil {
					continue
				}
				told.simulated(start)
				p, c := start()
				p.neverReady = true
				interleave(r, p, c)
				if s := p.state(); s.Old+s.Updated != *told.AvailableIfNeverReady {
					t.Fatalf("%d Pods stay, %d are told\n%s", s.Old+s.Updated, *told.AvailableIfNeverReady, show(q))
				}
			}
		})
	}
}

func show(q *Question) string {
	return describe(map[string]runtime.Object{"before": q.Before, "after": q.After}) + "\n" + describe(q)
}

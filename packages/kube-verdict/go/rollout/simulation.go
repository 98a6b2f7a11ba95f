package rollout

import (
	"cmp"
	"slices"
)

// MaxSimulated is the number of Pods above which there is no timeline.
const MaxSimulated = 1000

// maxTimeline is how many states of a timeline are told.
const maxTimeline = 60

// simulated fills in what the course of the rollout tells: all of it where every
// Pod takes its least time, and what remains where no new Pod becomes available.
func (r *Rollout) simulated(start starter) {
	best, c := start()
	s := simulate(best, c)
	r.Steps, r.LeastSeconds, r.Timeline = &s.steps, &s.seconds, s.timeline
	worst, c := start()
	worst.neverReady = true
	stuck := simulate(worst, c).timeline
	if r.FewestAvailable == nil {
		r.FewestAvailable = ptr(min(best.fewest, worst.fewest))
		r.MostExisting = ptr(max(best.most, worst.most))
	}
	if r.AvailableIfNeverReady == nil {
		last := stuck[len(stuck)-1]
		r.AvailableIfNeverReady = ptr(last.Old + last.Updated)
	}
}

// simulation is the course of a rollout.
type simulation struct {
	timeline []State
	steps    int32
	seconds  int64
}

// simulate runs until nothing happens any more.
func simulate(p *pods, c controller) simulation {
	p.observe()
	s := simulation{timeline: []State{p.state()}}
	for {
		changed := false
		for c.sync() {
			changed = true
		}
		if changed {
			s.timeline = append(s.timeline, p.state())
		}
		waiting := p.pending()
		if len(waiting) == 0 {
			break
		}
		if changed {
			s.steps++
		}
		next := slices.MinFunc(waiting, func(a, b *pod) int { return cmp.Compare(a.due, b.due) }).due
		p.now = max(p.now, next)
		for _, one := range waiting {
			if one.due <= p.now {
				p.finish(one)
			}
		}
	}
	s.seconds = p.now
	end := p.state()
	if last := s.timeline[len(s.timeline)-1]; end != last {
		s.timeline = append(s.timeline, end)
	}
	if len(s.timeline) > maxTimeline {
		s.timeline = slices.Concat(s.timeline[:maxTimeline-maxTimeline/6], s.timeline[len(s.timeline)-maxTimeline/6:])
	}
	return s
}

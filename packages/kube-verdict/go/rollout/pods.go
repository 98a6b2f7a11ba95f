package rollout

import "slices"

// never is when nothing happens any more.
const never = int64(-1)

// pod is one Pod of the simulation.
type pod struct {
	// updated says that it is of the new template.
	updated bool
	// place is its ordinal, its node, or the age of its ReplicaSet.
	place     int
	available bool
	ending    bool
	// due is when it becomes available or, while it ends, when it has ended.
	due int64
}

// times are how many seconds Pods take.
type times struct{ startOld, startNew, end int64 }

// pods are all Pods of a workload, and what has been seen of them.
type pods struct {
	all   []*pod
	now   int64
	times times
	// neverReady says that no Pod of the new template becomes available.
	neverReady bool
	// fewest and most are the bounds of what was seen: Pods that are available,
	// and Pods that are not ending.
	fewest, most int32
}

// start adds Pods that are available, but for the first so many, which never are.
func (p *pods) start(n int32, unavailable int32, updated bool, place func(i int) int) {
	for i := range int(n) {
		p.all = append(p.all, &pod{updated: updated, place: place(i), available: int32(i) >= unavailable, due: never})
	}
}

func (p *pods) create(updated bool, place int) {
	due := p.now + p.times.startOld
	if updated {
		due = p.now + p.times.startNew
	}
	if updated && p.neverReady {
		due = never
	}
	p.all = append(p.all, &pod{updated: updated, place: place, due: due})
	p.observe()
}

func (p *pods) delete(one *pod) {
	if one.ending {
		return
	}
	one.ending, one.available = true, false
	one.due = p.now + p.times.end
	p.observe()
}

// observe takes note of how many Pods there are now.
func (p *pods) observe() {
	s := p.state()
	available := s.Old + s.Updated
	p.fewest = min(p.fewest, available)
	p.most = max(p.most, available+s.OldStarting+s.Starting)
}

func (p *pods) state() State {
	s := State{Second: p.now}
	for _, one := range p.all {
		switch {
		case one.ending:
			s.Ending++
		case one.updated && one.available:
			s.Updated++
		case one.updated:
			s.Starting++
		case one.available:
			s.Old++
		default:
			s.OldStarting++
		}
	}
	return s
}

// pending are the Pods that become available or end some time.
func (p *pods) pending() (waiting []*pod) {
	for _, one := range p.all {
		if one.due != never {
			waiting = append(waiting, one)
		}
	}
	return waiting
}

// finish lets a pending Pod become available, or be gone.
func (p *pods) finish(one *pod) {
	one.due = never
	if !one.ending {
		one.available = true
		return
	}
	p.all = slices.DeleteFunc(p.all, func(other *pod) bool { return other == one })
}

// controller takes the decisions of a workload's controller.
type controller interface {
	// sync does what one reconciliation does and says whether that is anything.
	sync() bool
}

package rollout

import (
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/kubernetes/pkg/controller/daemon/util"
)

// ofDaemonSet is pkg/controller/daemon, on nodes that all stay the same.
func ofDaemonSet(q *Question, before, after *appsv1.DaemonSet) (*Rollout, starter, error) {
	changed := !sameRevision(&before.Spec.Template, &after.Spec.Template)
	onDelete := after.Spec.UpdateStrategy.Type == appsv1.OnDeleteDaemonSetStrategyType
	r := &Rollout{Strategy: string(after.Spec.UpdateStrategy.Type), From: q.Nodes, To: q.Nodes, TemplateChanged: changed, PodsReplaced: ptr(int32(0))}
	if changed && onDelete {
		r.Waiting = &Waiting{Pods: q.Nodes, For: "onDelete"}
	}
	if q.Nodes != nil {
		available := max(*q.Nodes-q.Unavailable, 0)
		r.FewestAvailable, r.MostExisting, r.AvailableIfNeverReady = &available, q.Nodes, &available
	}
	if !changed || onDelete {
		return r, nil, nil
	}
	at, err := daemonAtATime(after, q.Nodes)
	if err != nil {
		return nil, nil, err
	}
	r.AtATime, r.PodsReplaced = at, q.Nodes
	if q.Nodes == nil {
		return r, nil, nil
	}
	nodes, extra := *q.Nodes, min(*at.Surge, *q.Nodes)
	if extra > 0 {
		r.MostExisting = ptr(min(nodes+extra+q.Unavailable, 2*nodes))
	} else {
		// Old Pods that are not available count, and are replaced in any case.
		least := max(nodes-max(*at.Unavailable, q.Unavailable), 0)
		r.FewestAvailable, r.AvailableIfNeverReady = &least, &least
	}
	r.Room = roomOf(&before.Spec.Template.Spec, &after.Spec.Template.Spec, nodes, []mix{{old: nodes}, {old: nodes, updated: extra}, {old: extra, updated: nodes}})
	if nodes > MaxSimulated {
		return r, nil, nil
	}
	return r, func() (*pods, controller) {
		d := newDaemonSet(q, at, nodes, changed)
		d.pods.times = timesOf(&before.Spec.Template.Spec, &after.Spec.Template.Spec, after.Spec.MinReadySeconds)
		return d.pods, d
	}, nil
}

// daemonAtATime is updatedDesiredNodeCounts: a percentage rounds up, both.
func daemonAtATime(d *appsv1.DaemonSet, nodes *int32) (*AtATime, error) {
	n := int(valueOr(nodes, 1))
	surge, err := util.SurgeCount(d, n)
	if err != nil {
		return nil, err
	}
	unavailable, err := util.UnavailableCount(d, n)
	if err != nil {
		return nil, err
	}
	if surge == 0 && unavailable == 0 {
		unavailable = 1
	}
	at := &AtATime{Unavailable: ptr(int32(unavailable)), Surge: ptr(int32(surge))}
	if nodes != nil {
		return at, nil
	}
	// A percentage of an unknown number is not known, unless it is none.
	if u := d.Spec.UpdateStrategy.RollingUpdate; u != nil {
		if m := u.MaxUnavailable; m != nil && m.StrVal != "" && unavailable > 0 {
			at.Unavailable = nil
		}
		if m := u.MaxSurge; m != nil && m.StrVal != "" && surge > 0 {
			at.Surge = nil
		}
	}
	return at, nil
}

type daemonSet struct {
	pods               *pods
	nodes              int
	surge, unavailable int
}

func newDaemonSet(q *Question, at *AtATime, nodes int32, changed bool) *daemonSet {
	d := &daemonSet{pods: &pods{fewest: nodes}, nodes: int(nodes), surge: int(*at.Surge), unavailable: int(*at.Unavailable)}
	d.pods.start(nodes, q.Unavailable, !changed, func(i int) int { return i })
	return d
}

// node are the Pods of one node: findUpdatedPodsOnNode.
type node struct {
	old, updated *pod
	any          bool
}

func (d *daemonSet) byNode() []node {
	nodes := make([]node, d.nodes)
	for _, one := range d.pods.all {
		n := &nodes[one.place]
		n.any = true
		switch {
		case one.ending:
		case one.updated:
			n.updated = one
		default:
			n.old = one
		}
	}
	return nodes
}

// sync is manage, and rollingUpdate once what manage did is seen.
func (d *daemonSet) sync() bool {
	changed := false
	for i, n := range d.byNode() {
		if !n.any {
			d.pods.create(true, i)
			changed = true
		} else if n.old != nil && n.updated != nil && (n.updated.available || !n.old.available) {
			d.pods.delete(n.old)
			changed = true
		}
	}
	if changed {
		return true
	}
	if d.surge > 0 {
		return d.surgeOnto()
	}
	return d.deleteOld()
}

// deleteOld is rollingUpdate without surge.
func (d *daemonSet) deleteOld() bool {
	missing := 0
	var replace, candidates []*pod
	for _, n := range d.byNode() {
		switch {
		case n.old == nil && n.updated == nil:
			missing++
		case n.updated != nil:
			if !n.updated.available {
				missing++
			}
		case !n.old.available:
			replace = append(replace, n.old)
			missing++
		case missing < d.unavailable:
			candidates = append(candidates, n.old)
		}
	}
	replace = append(replace, candidates[:min(max(d.unavailable-missing, 0), len(candidates))]...)
	for _, one := range replace {
		d.pods.delete(one)
	}
	return len(replace) > 0
}

// surgeOnto is rollingUpdate with surge.
func (d *daemonSet) surgeOnto() bool {
	surging := 0
	var allowed, candidates []int
	for i, n := range d.byNode() {
		switch {
		case n.old == nil:
		case n.updated != nil:
			surging++
		case !n.old.available:
			allowed = append(allowed, i)
		case surging < d.surge:
			candidates = append(candidates, i)
		}
	}
	allowed = append(allowed, candidates[:min(max(d.surge-surging, 0), len(candidates))]...)
	for _, place := range allowed {
		d.pods.create(true, place)
	}
	return len(allowed) > 0
}

package rollout

import (
	"cmp"
	"math"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
)

// replicaSet is a ReplicaSet of a Deployment, its age its place.
type replicaSet struct {
	age      int
	replicas int32
	// desired and most are the annotations by which the controller knows what the
	// Deployment's replicas, and replicas with surge, were when it last scaled.
	desired, most int32
	updated       bool
}

// deployment is a Deployment, with the ReplicaSet controller.
type deployment struct {
	pods               *pods
	replicas           int32
	surge, unavailable int32
	recreate, paused   bool
	old                []*replicaSet
	// new is nil until the controller creates it.
	new *replicaSet
}

// deploymentStart is how a Deployment stands when the change is applied.
type deploymentStart struct {
	from, to int32
	changed  bool
}

func newDeployment(q *Question, after *appsv1.Deployment, start deploymentStart) *deployment {
	surge, unavailable := fenceposts(after, start.to)
	d := &deployment{
		pods: &pods{fewest: start.from}, replicas: start.to, surge: surge, unavailable: unavailable,
		recreate: after.Spec.Strategy.Type == appsv1.RecreateDeploymentStrategyType, paused: after.Spec.Paused,
	}
	current := &replicaSet{replicas: start.from, desired: start.from, most: start.from + surge, updated: !start.changed}
	d.pods.start(start.from, q.Unavailable, !start.changed, func(int) int { return 0 })
	if start.changed {
		d.old = []*replicaSet{current}
	} else {
		d.new = current
	}
	return d
}

// sync is syncDeployment and one reconciliation of each ReplicaSet.
func (d *deployment) sync() bool {
	step := d.rolloutRolling
	switch {
	case d.paused || d.isScalingEvent():
		step = d.scale
	case d.recreate:
		step = d.rolloutRecreate
	}
	if !step() {
		return false
	}
	d.reconcile()
	return true
}

// reconcile lets each ReplicaSet have its Pods. The ones that are not available end first.
func (d *deployment) reconcile() {
	for _, set := range d.all() {
		var own []*pod
		for _, one := range d.pods.all {
			if one.place == set.age && !one.ending {
				own = append(own, one)
			}
		}
		for n := int32(len(own)); n < set.replicas; n++ {
			d.pods.create(set.updated, set.age)
		}
		slices.SortStableFunc(own, func(a, b *pod) int { return cmp.Compare(rank(a), rank(b)) })
		for i := range max(len(own)-int(set.replicas), 0) {
			d.pods.delete(own[i])
		}
	}
}

func rank(one *pod) int {
	if one.available {
		return 1
	}
	return 0
}

// all are the ReplicaSets, the old ones first.
func (d *deployment) all() []*replicaSet {
	if d.new == nil {
		return d.old
	}
	return append(slices.Clone(d.old), d.new)
}

func active(sets []*replicaSet) []*replicaSet {
	return slices.DeleteFunc(slices.Clone(sets), func(s *replicaSet) bool { return s.replicas == 0 })
}

func total(sets []*replicaSet) (n int32) {
	for _, set := range sets {
		n += set.replicas
	}
	return n
}

func (d *deployment) available(sets ...*replicaSet) (n int32) {
	for _, one := range d.pods.all {
		if one.available && slices.ContainsFunc(sets, func(s *replicaSet) bool { return s.age == one.place }) {
			n++
		}
	}
	return n
}

func (d *deployment) isScalingEvent() bool {
	return slices.ContainsFunc(active(d.all()), func(s *replicaSet) bool { return s.desired != d.replicas })
}

// scaleSet is scaleReplicaSet. It says whether it changed anything.
func (d *deployment) scaleSet(set *replicaSet, n int32) bool {
	was := *set
	set.replicas, set.desired, set.most = n, d.replicas, d.replicas+d.surge
	return *set != was
}

// scale is scale of sync.go.
func (d *deployment) scale() (changed bool) {
	sets := active(d.all())
	if len(sets) == 0 {
		newest := d.new
		if newest == nil {
			newest = d.old[len(d.old)-1]
		}
		sets = []*replicaSet{newest}
	}
	if len(sets) == 1 {
		return sets[0].replicas != d.replicas && d.scaleSet(sets[0], d.replicas)
	}
	if d.saturated() {
		for _, set := range active(d.old) {
			changed = d.scaleSet(set, 0) || changed
		}
		return changed
	}
	if d.recreate {
		return false
	}
	return d.scaleInProportion(sets)
}

func (d *deployment) saturated() bool {
	return d.new != nil && d.new.replicas == d.replicas && d.new.desired == d.replicas && d.available(d.new) == d.replicas
}

func (d *deployment) scaleInProportion(sets []*replicaSet) (changed bool) {
	allowed := int32(0)
	if d.replicas > 0 {
		allowed = d.replicas + d.surge
	}
	add := allowed - total(sets)
	// The largest first; of two alike the newer one when scaling up.
	slices.SortStableFunc(sets, func(a, b *replicaSet) int {
		age := cmp.Compare(a.age, b.age)
		if add > 0 {
			age = -age
		}
		return cmp.Or(cmp.Compare(b.replicas, a.replicas), age)
	})
	sizes, added := make([]int32, len(sets)), int32(0)
	for i, set := range sets {
		share := d.proportion(set, add, added)
		sizes[i], added = set.replicas+share, added+share
	}
	sizes[0] = max(sizes[0]+add-added, 0)
	for i, set := range sets {
		changed = d.scaleSet(set, sizes[i]) || changed
	}
	return changed
}

// proportion is GetReplicaSetProportion.
func (d *deployment) proportion(set *replicaSet, add, added int32) int32 {
	if set.replicas == 0 || add == 0 || add == added {
		return 0
	}
	share := -set.replicas
	if d.replicas != 0 {
		size := float64(set.replicas*(d.replicas+d.surge)) / float64(set.most)
		share = int32(math.Round(size)) - set.replicas
	}
	if add > 0 {
		return min(share, add-added)
	}
	return max(share, add-added)
}

func (d *deployment) rolloutRecreate() (changed bool) {
	for _, set := range active(d.old) {
		changed = d.scaleSet(set, 0) || changed
	}
	if changed {
		return true
	}
	if slices.ContainsFunc(d.pods.all, func(one *pod) bool { return d.new == nil || one.place != d.new.age }) {
		return false // old Pods still run
	}
	return d.createNew(d.replicas) || d.new.replicas != d.replicas && d.scaleSet(d.new, d.replicas)
}

// createNew creates the new ReplicaSet if it does not exist.
func (d *deployment) createNew(n int32) bool {
	if d.new != nil {
		return false
	}
	d.new = &replicaSet{age: len(d.old), updated: true, replicas: n, desired: d.replicas, most: d.replicas + d.surge}
	return true
}

func (d *deployment) rolloutRolling() bool {
	if d.new == nil {
		return d.createNew(d.newReplicas(0))
	}
	if n := d.newReplicas(d.new.replicas); n != d.new.replicas {
		return d.scaleSet(d.new, n)
	}
	return d.scaleDownOld()
}

// newReplicas is NewRSNewReplicas.
func (d *deployment) newReplicas(now int32) int32 {
	if now > d.replicas {
		return d.replicas
	}
	room := d.replicas + d.surge - total(d.all())
	if room <= 0 {
		return now
	}
	return now + min(room, d.replicas-now)
}

// scaleDownOld is reconcileOldReplicaSets.
func (d *deployment) scaleDownOld() bool {
	old := active(d.old)
	least := d.replicas - d.unavailable
	most := total(d.all()) - least - (d.new.replicas - d.available(d.new))
	if len(old) == 0 || most <= 0 {
		return false
	}
	// cleanupUnhealthyReplicas
	cleaned := int32(0)
	for _, set := range old {
		if unhealthy := set.replicas - d.available(set); unhealthy > 0 && cleaned < most {
			n := min(most-cleaned, unhealthy)
			d.scaleSet(set, set.replicas-n)
			cleaned += n
		}
	}
	// scaleDownOldReplicaSetsForRollingUpdate
	down := d.available(d.all()...) - least
	for _, set := range old {
		n := min(set.replicas, down)
		if n <= 0 {
			continue
		}
		d.scaleSet(set, set.replicas-n)
		down -= n
		cleaned += n
	}
	return cleaned > 0
}

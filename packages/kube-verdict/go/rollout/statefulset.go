package rollout

import (
	"cmp"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
)

// ofStatefulSet is pkg/controller/statefulset, with the feature gates of 1.34:
// MaxUnavailableStatefulSet is off. Its figures are those of the simulation,
// which has no choices: the controller goes through ordinals.
func ofStatefulSet(q *Question, before, after *appsv1.StatefulSet) (*Rollout, starter) {
	from, to := q.replicas(counts{before.Spec.Replicas, after.Spec.Replicas})
	changed := !sameRevision(&before.Spec.Template, &after.Spec.Template)
	r := &Rollout{Strategy: string(after.Spec.UpdateStrategy.Type), From: &from, To: &to, TemplateChanged: changed}

	// An OrderedReady set does nothing while a Pod of it is not ready.
	blocked := q.Unavailable > 0 && after.Spec.PodManagementPolicy != appsv1.ParallelPodManagement
	onDelete := after.Spec.UpdateStrategy.Type == appsv1.OnDeleteStatefulSetStrategyType
	// Which ordinals stay, which of them are replaced, and which are new. A
	// partition counts from the first ordinal of the set.
	first, minimum := startOrdinal(after), 0
	if changed {
		minimum = partition(after)
	}
	was, is := ordinals{startOrdinal(before), startOrdinal(before) + int(from)}, ordinals{first, first + int(to)}
	updatable := ordinals{first + minimum, is.end}
	kept, replaced := was.and(is).len(), int32(0)
	if changed && !onDelete && !blocked {
		replaced = was.and(updatable).len()
	}
	created := updatable.len() - was.and(updatable).len()
	if blocked {
		created = 0
	}
	r.PodsReplaced = ptr(min(from-kept+replaced, created+replaced))
	if changed && kept > replaced {
		r.Waiting = &Waiting{Pods: ptr(kept - replaced), For: "partition"}
		switch {
		case blocked:
			r.Waiting.For = "unready"
		case onDelete:
			r.Waiting.For = "onDelete"
		}
	}
	if replaced > 0 {
		r.AtATime = &AtATime{Unavailable: ptr(int32(1)), Surge: ptr(int32(0))}
	}
	r.Room = roomOf(&before.Spec.Template.Spec, &after.Spec.Template.Spec, from, []mix{
		{old: from, updated: to - kept}, {old: kept - replaced, updated: replaced + to - kept},
	})
	if max(from, to) > MaxSimulated {
		return r, nil
	}
	return r, func() (*pods, controller) {
		s := newStatefulSet(q, before, after, changed)
		s.pods.times = timesOf(&before.Spec.Template.Spec, &after.Spec.Template.Spec, after.Spec.MinReadySeconds)
		return s.pods, s
	}
}

// ordinals are a range, its end not in it.
type ordinals struct{ start, end int }

func (o ordinals) and(other ordinals) ordinals {
	return ordinals{max(o.start, other.start), min(o.end, other.end)}
}

func (o ordinals) len() int32 { return int32(max(o.end-o.start, 0)) }

func startOrdinal(s *appsv1.StatefulSet) int {
	if s.Spec.Ordinals == nil {
		return 0
	}
	return int(s.Spec.Ordinals.Start)
}

func partition(s *appsv1.StatefulSet) int {
	if u := s.Spec.UpdateStrategy.RollingUpdate; u != nil {
		return int(valueOr(u.Partition, 0))
	}
	return 0
}

type statefulSet struct {
	pods             *pods
	start, replicas  int
	minimum          int
	burst, onDelete  bool
	templateOfBefore bool
}

func newStatefulSet(q *Question, before, after *appsv1.StatefulSet, changed bool) *statefulSet {
	from, to := q.replicas(counts{before.Spec.Replicas, after.Spec.Replicas})
	s := &statefulSet{
		pods:  &pods{fewest: from},
		start: startOrdinal(after), replicas: int(to), minimum: partition(after),
		burst:            after.Spec.PodManagementPolicy == appsv1.ParallelPodManagement,
		onDelete:         after.Spec.UpdateStrategy.Type == appsv1.OnDeleteStatefulSetStrategyType,
		templateOfBefore: changed,
	}
	oldStart := startOrdinal(before)
	s.pods.start(from, q.Unavailable, !changed, func(i int) int { return oldStart + i })
	return s
}

// sync is updateStatefulSet.
func (s *statefulSet) sync() bool {
	living, condemned := make([]*pod, s.replicas), []*pod(nil)
	for _, one := range s.pods.all {
		if i := one.place - s.start; 0 <= i && i < s.replicas {
			living[i] = one
		} else {
			condemned = append(condemned, one)
		}
	}
	changed := false
	for i, one := range living {
		if one == nil {
			// newVersionedStatefulSetPod
			old := s.templateOfBefore && i < s.minimum
			s.pods.create(!old, s.start+i)
			if changed = true; !s.burst {
				return true
			}
			living[i] = s.pods.all[len(s.pods.all)-1]
		} else if !one.available && !s.burst {
			return false
		}
	}
	// The highest ordinal goes first, each when those before it are gone.
	slices.SortFunc(condemned, func(a, b *pod) int { return cmp.Compare(b.place, a.place) })
	for _, one := range condemned {
		if !one.ending {
			s.pods.delete(one)
			changed = true
		}
		if !s.burst {
			return changed
		}
	}
	if s.onDelete {
		return changed
	}
	for i := len(living) - 1; i >= s.minimum; i-- {
		one := living[i]
		if !one.updated && !one.ending {
			s.pods.delete(one)
			return true
		}
		if !one.available {
			return changed
		}
	}
	return changed
}

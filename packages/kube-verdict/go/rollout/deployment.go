package rollout

import (
	"math"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// ofDeployment is pkg/controller/deployment.
func ofDeployment(q *Question, before, after *appsv1.Deployment) (*Rollout, starter) {
	from, to := q.replicas(counts{before.Spec.Replicas, after.Spec.Replicas})
	changed := !sameTemplate(&before.Spec.Template, &after.Spec.Template)
	recreate := after.Spec.Strategy.Type == appsv1.RecreateDeploymentStrategyType
	surge, unavailable := fenceposts(after, to)
	r := &Rollout{
		Strategy: string(after.Spec.Strategy.Type), From: &from, To: &to, TemplateChanged: changed,
		PodsReplaced: ptr(int32(0)), ProgressDeadlineSeconds: progressDeadline(after),
	}
	rolls := changed && !after.Spec.Paused
	kept := min(from, to)
	available := min(max(from-q.Unavailable, 0), to)
	// Scaling comes first, and what it adds is of the old template, which works.
	healthy := available
	if changed && (kept > 0 || after.Spec.Paused) {
		healthy += max(to-from, 0)
	}
	r.FewestAvailable, r.MostExisting, r.AvailableIfNeverReady = &available, ptr(max(from, to)), &healthy
	if changed && after.Spec.Paused && to > 0 {
		r.Waiting = &Waiting{Pods: &to, For: "paused"}
	}
	if rolls && kept > 0 {
		r.PodsReplaced, r.PodsStartedInVain = &kept, max(to-from, 0)
		least := int32(0)
		if !recreate {
			r.AtATime = &AtATime{Unavailable: &unavailable, Surge: &surge}
			r.MostExisting = ptr(max(from, to+min(surge, to)))
			least = to - unavailable
		}
		r.FewestAvailable, r.AvailableIfNeverReady = ptr(min(available, least)), ptr(min(healthy, least))
	}
	if rolls && kept > 0 {
		r.Room = roomOf(&before.Spec.Template.Spec, &after.Spec.Template.Spec, from, deploymentPeaks(from, to, surge, recreate))
	} else if to > from {
		r.Room = roomOf(&before.Spec.Template.Spec, &after.Spec.Template.Spec, from, []mix{{updated: to}, {old: from}})
	}
	if max(from, to) > MaxSimulated {
		return r, nil
	}
	return r, func() (*pods, controller) {
		d := newDeployment(q, after, deploymentStart{from: from, to: to, changed: changed})
		d.pods.times = timesOf(&before.Spec.Template.Spec, &after.Spec.Template.Spec, after.Spec.MinReadySeconds)
		return d.pods, d
	}
}

// deploymentPeaks are the mixes of Pods with which a rolling update needs most.
func deploymentPeaks(from, to, surge int32, recreate bool) []mix {
	if recreate {
		return []mix{{old: from}, {old: to}, {updated: to}}
	}
	extra := min(surge, to)
	return []mix{{old: from}, {old: to, updated: extra}, {old: extra, updated: to}}
}

// fenceposts is ResolveFenceposts, and MaxUnavailable, of
// pkg/controller/deployment/util, which would bring every client of Kubernetes
// into the module.
func fenceposts(d *appsv1.Deployment, replicas int32) (surge, unavailable int32) {
	if d.Spec.Strategy.Type == appsv1.RecreateDeploymentStrategyType || d.Spec.Strategy.RollingUpdate == nil {
		return 0, 0
	}
	u := d.Spec.Strategy.RollingUpdate
	surge = scaled(u.MaxSurge, replicas, true)
	unavailable = scaled(u.MaxUnavailable, replicas, false)
	if surge == 0 && unavailable == 0 {
		unavailable = 1
	}
	return surge, min(unavailable, replicas)
}

func scaled(value *intstr.IntOrString, total int32, roundUp bool) int32 {
	n, err := intstr.GetScaledValueFromIntOrPercent(intstr.ValueOrDefault(value, intstr.FromInt32(0)), int(total), roundUp)
	if err != nil {
		return 0
	}
	return int32(n)
}

// progressDeadline is HasProgressDeadline of pkg/controller/deployment/util.
func progressDeadline(d *appsv1.Deployment) *int32 {
	if p := d.Spec.ProgressDeadlineSeconds; p != nil && *p != math.MaxInt32 {
		return p
	}
	return nil
}

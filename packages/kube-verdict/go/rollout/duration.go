package rollout

import corev1 "k8s.io/api/core/v1"

// timesOf are the least seconds that Pods of both templates take.
func timesOf(before, after *corev1.PodSpec, minReadySeconds int32) times {
	return times{
		startOld: leastStart(before) + int64(minReadySeconds),
		startNew: leastStart(after) + int64(minReadySeconds),
		end:      leastEnd(before),
	}
}

// leastStart is how long the probes of a Pod keep it from being ready at least
// (pkg/kubelet/prober/worker.go): a readiness probe waits for the startup probe,
// both for their initial delay, counted from the start of the container, and
// readiness for as many successes as its threshold, a period apart.
func leastStart(spec *corev1.PodSpec) (least int64) {
	before := int64(0)
	for i := range spec.InitContainers {
		c := &spec.InitContainers[i]
		if c.RestartPolicy == nil || *c.RestartPolicy != corev1.ContainerRestartPolicyAlways {
			continue
		}
		// The next container starts once a sidecar has started.
		least = max(least, before+leastReady(c))
		if c.StartupProbe != nil {
			before += int64(c.StartupProbe.InitialDelaySeconds)
		}
	}
	for i := range spec.Containers {
		least = max(least, before+leastReady(&spec.Containers[i]))
	}
	return least
}

func leastReady(c *corev1.Container) (seconds int64) {
	if p := c.StartupProbe; p != nil {
		seconds = int64(p.InitialDelaySeconds)
	}
	if p := c.ReadinessProbe; p != nil {
		seconds = max(seconds, int64(p.InitialDelaySeconds)) + int64(max(p.SuccessThreshold, 1)-1)*int64(p.PeriodSeconds)
	}
	return seconds
}

// leastEnd is how long preStop sleeps keep a Pod at least, and its grace period at most.
func leastEnd(spec *corev1.PodSpec) (seconds int64) {
	for i := range spec.Containers {
		if l := spec.Containers[i].Lifecycle; l != nil && l.PreStop != nil && l.PreStop.Sleep != nil {
			seconds = max(seconds, l.PreStop.Sleep.Seconds)
		}
	}
	return min(seconds, valueOr(spec.TerminationGracePeriodSeconds, 30))
}

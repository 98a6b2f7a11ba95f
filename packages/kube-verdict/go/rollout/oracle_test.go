package rollout

import (
	"fmt"
	"math/rand/v2"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
)

// real is Kubernetes' own controller with Pods that the test moves on.
type real interface {
	settle(ready func(*realPod) bool)
	state() State
	// finish moves a Pod like the simulated one on.
	finish(one *pod)
}

func nobody(*realPod) bool { return false }

// TestDeploymentControllerAgrees holds the simulation to the controller itself:
// at every state of rest, however Pods come and go, both have the same Pods.
func TestDeploymentControllerAgrees(t *testing.T) {
	r := seeded(t)
	for range 150 {
		before, after := drawDeployments(r)
		actual := startRealDeployment(t, before)
		actual.apply(after)
		q := &Question{Before: before, After: after}
		changed := !sameTemplate(&before.Spec.Template, &after.Spec.Template)
		d := newDeployment(q, after, deploymentStart{from: *before.Spec.Replicas, to: *after.Spec.Replicas, changed: changed})
		agree(t, r, actual, d.pods, d, describe(before), describe(after))
	}
}

// TestScalingInTheMiddleOfARolloutIsProportional scales while Pods of several
// templates exist, and changes the template again.
func TestScalingInTheMiddleOfARolloutIsProportional(t *testing.T) {
	r := seeded(t)
	proportional := 0
	for range 150 {
		before, after := drawDeployments(r)
		actual := startRealDeployment(t, before)
		actual.apply(after)
		d := newDeployment(&Question{}, after, deploymentStart{
			from: *before.Spec.Replicas, to: *after.Spec.Replicas, changed: !sameTemplate(&before.Spec.Template, &after.Spec.Template),
		})
		for again := range 4 {
			advance(t, r, actual, d.pods, d, r.IntN(5))
			if len(active(d.all())) > 1 {
				proportional++
			}
			*after.Spec.Replicas = int32(r.IntN(25))
			if r.IntN(3) == 0 {
				after.Spec.Template = template(fmt.Sprintf("web:%d", again+3))
				d.rollOver()
			}
			actual.apply(after)
			d.replicas = *after.Spec.Replicas
			d.surge, d.unavailable = fenceposts(after, d.replicas)
		}
		agree(t, r, actual, d.pods, d, describe(before), describe(after))
	}
	if proportional < 20 {
		t.Errorf("only %d scalings met Pods of both templates", proportional)
	}
}

// rollOver takes every Pod for old, for the template has changed once more.
func (d *deployment) rollOver() {
	d.old, d.new = d.all(), nil
	for _, set := range d.old {
		set.updated = false
	}
	for _, one := range d.pods.all {
		one.updated = false
	}
}

func drawDeployments(r *rand.Rand) (before, after *appsv1.Deployment) {
	strategy := rolling(bound(r, 4), bound(r, 4))
	if r.IntN(5) == 0 {
		strategy = appsv1.DeploymentStrategy{Type: appsv1.RecreateDeploymentStrategyType}
	}
	from := int32(r.IntN(9))
	to, image := from, "web:2"
	if r.IntN(2) == 0 {
		to = int32(r.IntN(9))
	}
	if r.IntN(6) == 0 {
		image = "web:1"
	}
	before, after = deploymentOf(from, "web:1", strategy), deploymentOf(to, image, strategy)
	after.Spec.Paused = r.IntN(8) == 0
	return before, after
}

// agree moves Pods on in a random order and compares after each.
func agree(t *testing.T, r *rand.Rand, actual real, p *pods, c controller, before, after string) {
	t.Helper()
	defer func() {
		if t.Failed() {
			t.Logf("before %s\nafter  %s", before, after)
		}
	}()
	advance(t, r, actual, p, c, 1000)
	if waiting := p.pending(); len(waiting) > 0 {
		t.Fatalf("no end in sight: %d Pods are waited for", len(waiting))
	}
}

// advance moves at most so many Pods on, one after the other.
func advance(t *testing.T, r *rand.Rand, actual real, p *pods, c controller, steps int) {
	t.Helper()
	for step := range steps {
		for c.sync() {
		}
		actual.settle(nobody)
		simulated := p.state()
		simulated.Second = 0
		if got := actual.state(); got != simulated {
			t.Fatalf("step %d: the controller has %+v, the simulation %+v", step, got, simulated)
		}
		waiting := p.pending()
		if len(waiting) == 0 {
			return
		}
		one := waiting[r.IntN(len(waiting))]
		actual.finish(one)
		p.finish(one)
	}
}

func describe(o any) string { return string(mustJSON(o)) }

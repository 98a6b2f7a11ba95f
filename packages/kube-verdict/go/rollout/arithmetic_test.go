package rollout

import (
	"fmt"
	"math"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/intstr"
	deploymentutil "k8s.io/kubernetes/pkg/controller/deployment/util"
)

func ask(t *testing.T, q *Question) *Rollout {
	t.Helper()
	r, err := Of(q)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func percent(n int) intstr.IntOrString { return intstr.FromString(fmt.Sprintf("%d%%", n)) }

var quarter = rolling(percent(25), percent(25))

// figures are what a rollout promises, in one line.
func figures(r *Rollout) string {
	return fmt.Sprintf("replaced %d, available %d, existing %d, never ready %d", *r.PodsReplaced, *r.FewestAvailable, *r.MostExisting, *r.AvailableIfNeverReady)
}

func TestSurgeRoundsUpAndUnavailableDown(t *testing.T) {
	for replicas, want := range map[int32][2]int32{1: {1, 0}, 2: {1, 0}, 3: {1, 0}, 4: {1, 1}, 5: {2, 1}, 10: {3, 2}} {
		surge, unavailable := fenceposts(deploymentOf(replicas, "web:1", quarter), replicas)
		if surge != want[0] || unavailable != want[1] {
			t.Errorf("%d replicas: %d/%d, want %d/%d", replicas, surge, unavailable, want[0], want[1])
		}
	}
}

func TestFencepostsAreKubernetes(t *testing.T) {
	r := seeded(t)
	for range 5000 {
		d := deploymentOf(int32(r.IntN(60)), "web:1", rolling(bound(r, 70), bound(r, 70)))
		surge, unavailable := fenceposts(d, *d.Spec.Replicas)
		if *d.Spec.Replicas == 0 {
			continue // MaxUnavailable is none for no replicas
		}
		if wantSurge, want := deploymentutil.MaxSurge(*d), deploymentutil.MaxUnavailable(*d); surge != wantSurge || unavailable != want {
			t.Fatalf("%d/%d, Kubernetes has %d/%d for %s", surge, unavailable, wantSurge, want, describe(d))
		}
	}
}

func TestBothZeroAfterRoundingMakesOneUnavailable(t *testing.T) {
	if surge, unavailable := fenceposts(deploymentOf(3, "web:1", rolling(percent(0), percent(10))), 3); surge != 0 || unavailable != 1 {
		t.Errorf("%d/%d, want 0/1", surge, unavailable)
	}
}

func TestARolloutIfAndOnlyIfTemplatesDifferInMeaning(t *testing.T) {
	before, after := deploymentOf(3, "web:1", quarter), deploymentOf(3, "web:1", quarter)
	cpu := func(text string) corev1.ResourceList { return corev1.ResourceList{"cpu": resource.MustParse(text)} }
	before.Spec.Template.Spec.Containers[0].Resources.Requests = cpu("1000m")
	after.Spec.Template.Spec.Containers[0].Resources.Requests = cpu("1")
	after.Spec.Template.Annotations = map[string]string{}
	if r := ask(t, &Question{Before: before, After: after}); r.TemplateChanged || *r.PodsReplaced != 0 {
		t.Errorf("1000m and 1 differ: %s", figures(r))
	}
	after.Spec.Template.Labels = map[string]string{"app": "web", "tier": "front"}
	if r := ask(t, &Question{Before: before, After: after}); !r.TemplateChanged || *r.PodsReplaced != 3 {
		t.Errorf("a label of the template does not roll out: %s", figures(r))
	}
}

func TestScalingComesFirst(t *testing.T) {
	r := ask(t, &Question{Before: deploymentOf(3, "web:1", quarter), After: deploymentOf(10, "web:2", quarter)})
	if got, want := figures(r), "replaced 3, available 3, existing 13, never ready 8"; got != want || r.PodsStartedInVain != 7 {
		t.Errorf("%s, %d started in vain; want %s, 7", got, r.PodsStartedInVain, want)
	}
}

func TestUnhealthyOldPodsGoFirst(t *testing.T) {
	q := &Question{Before: deploymentOf(4, "web:1", quarter), After: deploymentOf(4, "web:2", quarter), Unavailable: 2}
	// Two of four are up; the surge of one and the unavailable one go to them first.
	if got, want := figures(ask(t, q)), "replaced 4, available 2, existing 5, never ready 2"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestPausedScalesAndTheTemplateWaits(t *testing.T) {
	after := deploymentOf(5, "web:2", quarter)
	after.Spec.Paused = true
	r := ask(t, &Question{Before: deploymentOf(3, "web:1", quarter), After: after})
	if got, want := figures(r), "replaced 0, available 3, existing 5, never ready 5"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if r.Waiting == nil || r.Waiting.For != "paused" || *r.Waiting.Pods != 5 {
		t.Errorf("waiting: %+v, want 5 for paused", r.Waiting)
	}
}

func TestRecreateWaitsUntilOldPodsHaveEnded(t *testing.T) {
	recreate := appsv1.DeploymentStrategy{Type: appsv1.RecreateDeploymentStrategyType}
	r := ask(t, &Question{Before: deploymentOf(3, "web:1", recreate), After: deploymentOf(3, "web:2", recreate)})
	if got, want := figures(r), "replaced 3, available 0, existing 3, never ready 0"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := fmt.Sprint(r.Timeline), "[{0 3 0 0 0 0} {0 0 0 0 0 3} {0 0 0 3 0 0} {0 0 0 0 3 0}]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestRollingUpdateDoesNotCountPodsThatEnd(t *testing.T) {
	r := ask(t, &Question{Before: deploymentOf(3, "web:1", quarter), After: deploymentOf(3, "web:2", quarter)})
	// The second new Pod starts while the first old one still ends.
	if got, want := fmt.Sprint(r.Timeline[:3]), "[{0 3 0 0 0 0} {0 3 0 1 0 0} {0 2 0 1 1 1}]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestProgressDeadlineIsToldAndChangesNothing(t *testing.T) {
	of := func(seconds int32) *Rollout {
		after := deploymentOf(3, "web:2", quarter)
		after.Spec.ProgressDeadlineSeconds = &seconds
		return ask(t, &Question{Before: deploymentOf(3, "web:1", quarter), After: after})
	}
	if short, long := of(1), of(600); figures(short) != figures(long) || *short.ProgressDeadlineSeconds != 1 {
		t.Errorf("%s and %s", figures(short), figures(long))
	}
	if none := of(math.MaxInt32); none.ProgressDeadlineSeconds != nil {
		t.Error("the greatest number is no deadline")
	}
}

func TestDaemonSetUnavailableRoundsUpAndIsOneByDefault(t *testing.T) {
	nodes := int32(10)
	ten := percent(15)
	r := ask(t, &Question{Before: daemonSetOf("web:1", nil, &ten), After: daemonSetOf("web:2", nil, &ten), Nodes: &nodes})
	if got, want := figures(r), "replaced 10, available 8, existing 10, never ready 8"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	r = ask(t, &Question{Before: daemonSetOf("web:1", nil, nil), After: daemonSetOf("web:2", nil, nil), Nodes: &nodes})
	if got, want := figures(r), "replaced 10, available 9, existing 10, never ready 9"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestDaemonSetReplacesPodsThatAreUnavailableAnyway(t *testing.T) {
	nodes := int32(10)
	r := ask(t, &Question{Before: daemonSetOf("web:1", nil, nil), After: daemonSetOf("web:2", nil, nil), Nodes: &nodes, Unavailable: 4})
	if got, want := figures(r), "replaced 10, available 6, existing 10, never ready 6"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestDaemonSetOnAnUnknownNumberOfNodes(t *testing.T) {
	tenth := percent(10)
	r := ask(t, &Question{Before: daemonSetOf("web:1", nil, nil), After: daemonSetOf("web:2", nil, nil)})
	if r.PodsReplaced != nil || r.FewestAvailable != nil || *r.AtATime.Unavailable != 1 {
		t.Errorf("%s", describe(r))
	}
	r = ask(t, &Question{Before: daemonSetOf("web:1", nil, &tenth), After: daemonSetOf("web:2", nil, &tenth)})
	if r.AtATime.Unavailable != nil || *r.AtATime.Surge != 0 {
		t.Errorf("a tenth of unknown is told as a number: %s", describe(r))
	}
}

func TestStatefulSetReplacesTheHighestOrdinalFirst(t *testing.T) {
	for _, policy := range []appsv1.PodManagementPolicyType{appsv1.OrderedReadyPodManagement, appsv1.ParallelPodManagement} {
		with := func(s *appsv1.StatefulSetSpec) { s.PodManagementPolicy = policy }
		r := ask(t, &Question{Before: statefulSetOf(3, "web:1", with), After: statefulSetOf(3, "web:2", with)})
		if got, want := figures(r), "replaced 3, available 2, existing 3, never ready 2"; got != want || *r.Steps != 6 {
			t.Errorf("%s: %s in %d steps, want %s in 6", policy, got, *r.Steps, want)
		}
	}
}

func TestPartitionCountsFromTheFirstOrdinal(t *testing.T) {
	with := func(s *appsv1.StatefulSetSpec) {
		s.Ordinals = &appsv1.StatefulSetOrdinals{Start: 10}
		s.UpdateStrategy = appsv1.StatefulSetUpdateStrategy{
			Type:          appsv1.RollingUpdateStatefulSetStrategyType,
			RollingUpdate: &appsv1.RollingUpdateStatefulSetStrategy{Partition: ptr(int32(3))},
		}
	}
	r := ask(t, &Question{Before: statefulSetOf(5, "web:1", with), After: statefulSetOf(5, "web:2", with)})
	if *r.PodsReplaced != 2 || *r.Waiting.Pods != 3 || r.Waiting.For != "partition" {
		t.Errorf("%d replaced, %+v; want 2 replaced, 3 waiting", *r.PodsReplaced, r.Waiting)
	}
}

func TestOnDeleteReplacesNothing(t *testing.T) {
	with := func(s *appsv1.StatefulSetSpec) {
		s.UpdateStrategy = appsv1.StatefulSetUpdateStrategy{Type: appsv1.OnDeleteStatefulSetStrategyType}
	}
	r := ask(t, &Question{Before: statefulSetOf(3, "web:1", with), After: statefulSetOf(3, "web:2", with)})
	if *r.PodsReplaced != 0 || *r.Waiting.Pods != 3 || r.Waiting.For != "onDelete" || r.AtATime != nil {
		t.Errorf("%s", describe(r))
	}
}

func TestStatefulSetMaxUnavailableIsOff(t *testing.T) {
	two := intstr.FromInt32(2)
	with := func(s *appsv1.StatefulSetSpec) {
		s.UpdateStrategy = appsv1.StatefulSetUpdateStrategy{
			Type:          appsv1.RollingUpdateStatefulSetStrategyType,
			RollingUpdate: &appsv1.RollingUpdateStatefulSetStrategy{MaxUnavailable: &two},
		}
	}
	r := ask(t, &Question{Before: statefulSetOf(4, "web:1", with), After: statefulSetOf(4, "web:2", with)})
	if *r.FewestAvailable != 3 {
		t.Errorf("%s", figures(r))
	}
}

func TestAnOrderedReadySetThatIsStuckIsNotHelpedByReverting(t *testing.T) {
	// One of three is not ready after an update; the old template is applied again.
	r := ask(t, &Question{Before: statefulSetOf(3, "web:2", nil), After: statefulSetOf(3, "web:1", nil), Unavailable: 1})
	if *r.PodsReplaced != 0 || r.Waiting == nil || r.Waiting.For != "unready" || *r.Steps != 0 {
		t.Errorf("%s", describe(r))
	}
	parallel := func(s *appsv1.StatefulSetSpec) { s.PodManagementPolicy = appsv1.ParallelPodManagement }
	r = ask(t, &Question{Before: statefulSetOf(3, "web:2", parallel), After: statefulSetOf(3, "web:1", parallel), Unavailable: 1})
	if *r.PodsReplaced != 3 {
		t.Errorf("%s", describe(r))
	}
}

func TestReplicaSetsKeepTheirPods(t *testing.T) {
	of := func(replicas int32, image string) *appsv1.ReplicaSet {
		return &appsv1.ReplicaSet{ObjectMeta: metadata(), Spec: appsv1.ReplicaSetSpec{Replicas: &replicas, Template: template(image)}}
	}
	r := ask(t, &Question{Before: of(3, "web:1"), After: of(2, "web:2")})
	if *r.PodsReplaced != 0 || r.Waiting == nil || *r.Waiting.Pods != 2 || r.Waiting.For != "recreation" {
		t.Errorf("%s", describe(r))
	}
}

func TestAnAutoscalerHoldsTheReplicas(t *testing.T) {
	seven := int32(7)
	r := ask(t, &Question{Before: deploymentOf(1, "web:1", quarter), After: deploymentOf(3, "web:2", quarter), Replicas: &seven})
	if got, want := figures(r), "replaced 7, available 6, existing 9, never ready 6"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestLeastDurationComesFromProbesAndMinReadySeconds(t *testing.T) {
	before, after := deploymentOf(3, "web:1", quarter), deploymentOf(3, "web:2", quarter)
	after.Spec.MinReadySeconds = 5
	c := &after.Spec.Template.Spec.Containers[0]
	c.StartupProbe = &corev1.Probe{InitialDelaySeconds: 20}
	c.ReadinessProbe = &corev1.Probe{InitialDelaySeconds: 10, PeriodSeconds: 3, SuccessThreshold: 3}
	// 20 s until the startup probe may succeed, two more periods of readiness, 5 s
	// ready: three times, and then the last old Pod ends.
	if r := ask(t, &Question{Before: before, After: after}); *r.LeastSeconds != 3*(20+2*3+5) || *r.Steps != 4 {
		t.Errorf("%d s in %d steps, want 93 in 4", *r.LeastSeconds, *r.Steps)
	}
	stateful, next := statefulSetOf(2, "web:1", nil), statefulSetOf(2, "web:2", nil)
	stateful.Spec.Template.Spec.Containers[0].Lifecycle = &corev1.Lifecycle{PreStop: &corev1.LifecycleHandler{Sleep: &corev1.SleepAction{Seconds: 7}}}
	next.Spec.MinReadySeconds = 4
	if r := ask(t, &Question{Before: stateful, After: next}); *r.LeastSeconds != 2*(7+4) {
		t.Errorf("%d s, want 22: each Pod ends before its successor starts", *r.LeastSeconds)
	}
}

func TestRoomIsWhatTheSurgeNeeds(t *testing.T) {
	before, after := deploymentOf(4, "web:1", rolling(intstr.FromInt32(2), intstr.FromInt32(0))), deploymentOf(4, "web:2", rolling(intstr.FromInt32(2), intstr.FromInt32(0)))
	resources := func(d *appsv1.Deployment, cpu, memory string) {
		d.Spec.Template.Spec.Containers[0].Resources = corev1.ResourceRequirements{
			Requests: corev1.ResourceList{"cpu": resource.MustParse(cpu)},
			Limits:   corev1.ResourceList{"memory": resource.MustParse(memory)},
		}
	}
	resources(before, "100m", "64Mi")
	resources(after, "250m", "64Mi")
	// All four new ones and two old: 4·250m + 2·100m - 4·100m; memory is two Pods more.
	r := ask(t, &Question{Before: before, After: after})
	if r.Room == nil || r.Room.Pods != 2 || r.Room.Requests["cpu"] != "800m" || r.Room.Limits["memory"] != "128Mi" {
		t.Errorf("%s", describe(r.Room))
	}
}

func TestTooManyPodsAreNotSimulatedAndStillBound(t *testing.T) {
	r := ask(t, &Question{Before: deploymentOf(math.MaxInt32, "web:1", quarter), After: deploymentOf(1_000_000, "web:2", quarter)})
	if *r.FewestAvailable != 750_000 || *r.PodsReplaced != 1_000_000 || r.Steps != nil || r.Timeline != nil {
		t.Errorf("%s", describe(r))
	}
	stateful := ask(t, &Question{Before: statefulSetOf(2000, "web:1", nil), After: statefulSetOf(2000, "web:2", nil)})
	if stateful.FewestAvailable != nil || *stateful.PodsReplaced != 2000 {
		t.Errorf("%s", describe(stateful))
	}
}

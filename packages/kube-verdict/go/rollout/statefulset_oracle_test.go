package rollout

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/tools/record"
	"k8s.io/kubernetes/pkg/controller/history"
	kubestatefulset "k8s.io/kubernetes/pkg/controller/statefulset"
)

// realStatefulSet is Kubernetes' own StatefulSet control with Pods in memory.
type realStatefulSet struct {
	t       *testing.T
	set     *appsv1.StatefulSet
	control kubestatefulset.StatefulSetControlInterface
	// Under podManagementPolicy Parallel the control makes and deletes Pods side by side.
	mutex   sync.Mutex
	pods    map[string]*corev1.Pod
	current string
	initial string
	changed bool
}

func startRealStatefulSet(t *testing.T, set *appsv1.StatefulSet) *realStatefulSet {
	r := &realStatefulSet{t: t, set: set.DeepCopy(), pods: map[string]*corev1.Pod{}}
	revisions := informers.NewSharedInformerFactory(clientOf(t), 0).Apps().V1().ControllerRevisions()
	r.control = kubestatefulset.NewDefaultStatefulSetControl(
		kubestatefulset.NewStatefulPodControlFromManager(r, record.NewFakeRecorder(10_000)), r, history.NewFakeHistory(revisions))
	for range int(*set.Spec.Replicas) + 2 {
		r.settle(nobody)
		for _, one := range r.pods {
			makeReady(one)
		}
	}
	r.settle(nobody)
	r.initial = r.current
	return r
}

func (r *realStatefulSet) apply(set *appsv1.StatefulSet) {
	status := r.set.Status
	r.set = set.DeepCopy()
	r.set.Status = status
	r.set.Generation++
	r.settle(nobody)
}

func (r *realStatefulSet) settle(func(*realPod) bool) {
	for range 10_000 {
		var all []*corev1.Pod
		for _, one := range r.pods {
			all = append(all, one)
		}
		before := r.state()
		if _, err := r.control.UpdateStatefulSet(r.t.Context(), r.set, all); err != nil {
			r.t.Fatal(err)
		}
		if r.state() == before {
			return
		}
	}
	r.t.Fatal("the StatefulSet control never comes to rest")
}

func (r *realStatefulSet) state() (s State) {
	for _, one := range r.pods {
		updated := !r.changed || one.Labels[appsv1.ControllerRevisionHashLabelKey] != r.initial
		count(&s, updated, one.Status.Phase == corev1.PodRunning, one.DeletionTimestamp != nil)
	}
	return s
}

func (r *realStatefulSet) finish(like *pod) {
	for name, one := range r.pods {
		if ordinalOf(name) != like.place {
			continue
		}
		if like.ending {
			delete(r.pods, name)
		} else {
			makeReady(one)
		}
		return
	}
	r.t.Fatalf("there is no Pod %d", like.place)
}

func makeReady(one *corev1.Pod) {
	one.Status.Phase = corev1.PodRunning
	one.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}
}

func ordinalOf(name string) (n int) {
	for _, c := range name[len("web-"):] {
		n = n*10 + int(c-'0')
	}
	return n
}

// UpdateStatefulSetStatus keeps what the control writes.
func (r *realStatefulSet) UpdateStatefulSetStatus(_ context.Context, set *appsv1.StatefulSet, status *appsv1.StatefulSetStatus) error {
	r.set.Status, set.Status, r.current = *status, *status, status.CurrentRevision
	return nil
}

// CreatePod and the rest are the API server.
func (r *realStatefulSet) CreatePod(_ context.Context, one *corev1.Pod) error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	one.Status.Phase = corev1.PodPending
	r.pods[one.Name] = one
	return nil
}

func (r *realStatefulSet) GetPod(_, name string) (*corev1.Pod, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if one := r.pods[name]; one != nil {
		return one, nil
	}
	return nil, apierrors.NewNotFound(schema.GroupResource{Resource: "pods"}, name)
}

func (r *realStatefulSet) UpdatePod(one *corev1.Pod) error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.pods[one.Name] = one
	return nil
}

func (r *realStatefulSet) DeletePod(one *corev1.Pod) error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	now := metav1.Now()
	r.pods[one.Name].DeletionTimestamp = &now
	return nil
}

func (r *realStatefulSet) CreateClaim(*corev1.PersistentVolumeClaim) error { return nil }
func (r *realStatefulSet) UpdateClaim(*corev1.PersistentVolumeClaim) error { return nil }
func (r *realStatefulSet) GetClaim(_, name string) (*corev1.PersistentVolumeClaim, error) {
	return nil, apierrors.NewNotFound(schema.GroupResource{Resource: "persistentvolumeclaims"}, name)
}

// TestStatefulSetControlAgrees holds the simulation to the control itself.
func TestStatefulSetControlAgrees(t *testing.T) {
	r := seeded(t)
	for range 400 {
		before, after := drawStatefulSets(r)
		actual := startRealStatefulSet(t, before)
		actual.changed = !sameRevision(&before.Spec.Template, &after.Spec.Template)
		actual.apply(after)
		s := newStatefulSet(&Question{}, before, after, actual.changed)
		agree(t, r, actual, s.pods, s, describe(before), describe(after))
	}
}

func drawStatefulSets(r *rand.Rand) (before, after *appsv1.StatefulSet) {
	policy := appsv1.OrderedReadyPodManagement
	if r.IntN(2) == 0 {
		policy = appsv1.ParallelPodManagement
	}
	from := int32(r.IntN(6))
	to, image, start, oldStart, first := from, "web:2", int32(0), int32(0), int32(0)
	if r.IntN(2) == 0 {
		to = int32(r.IntN(6))
	}
	if r.IntN(5) == 0 {
		image = "web:1"
	}
	if r.IntN(3) == 0 {
		first = int32(r.IntN(7))
	}
	if r.IntN(4) == 0 {
		start, oldStart = int32(r.IntN(4)), int32(r.IntN(4))
	}
	update := appsv1.StatefulSetUpdateStrategy{
		Type:          appsv1.RollingUpdateStatefulSetStrategyType,
		RollingUpdate: &appsv1.RollingUpdateStatefulSetStrategy{Partition: &first},
	}
	if r.IntN(6) == 0 {
		update = appsv1.StatefulSetUpdateStrategy{Type: appsv1.OnDeleteStatefulSetStrategyType}
	}
	of := func(n int32, image string, start int32) *appsv1.StatefulSet {
		return statefulSetOf(n, image, func(s *appsv1.StatefulSetSpec) {
			s.PodManagementPolicy, s.UpdateStrategy = policy, update
			if start > 0 {
				s.Ordinals = &appsv1.StatefulSetOrdinals{Start: start}
			}
		})
	}
	return of(from, "web:1", oldStart), of(to, image, start)
}

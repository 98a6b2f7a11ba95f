package rollout

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
	_ "unsafe" // for go:linkname

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
	"k8s.io/client-go/util/flowcontrol"
	"k8s.io/klog/v2"
	kubedaemon "k8s.io/kubernetes/pkg/controller/daemon"
)

//go:linkname syncDaemonSet k8s.io/kubernetes/pkg/controller/daemon.(*DaemonSetsController).syncDaemonSet
func syncDaemonSet(dsc *kubedaemon.DaemonSetsController, ctx context.Context, key string) error

//go:linkname addPod k8s.io/kubernetes/pkg/controller/daemon.(*DaemonSetsController).addPod
func addPod(dsc *kubedaemon.DaemonSetsController, logger klog.Logger, obj any)

//go:linkname deletePod k8s.io/kubernetes/pkg/controller/daemon.(*DaemonSetsController).deletePod
func deletePod(dsc *kubedaemon.DaemonSetsController, logger klog.Logger, obj any)

// realDaemonSet is Kubernetes' own DaemonSet controller over a fake API server.
type realDaemonSet struct {
	t          *testing.T
	client     *fake.Clientset
	factory    informers.SharedInformerFactory
	controller *kubedaemon.DaemonSetsController
	pods       []*corev1.Pod
	nodes      []any
	image      string
	created    int
}

func startRealDaemonSet(t *testing.T, d *appsv1.DaemonSet, nodes int) *realDaemonSet {
	r := &realDaemonSet{t: t, client: clientOf(t, d)}
	r.factory = informers.NewSharedInformerFactory(r.client, 0)
	for i := range nodes {
		r.nodes = append(r.nodes, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("node-%d", i)}})
	}
	r.client.PrependReactor("create", "pods", r.createPod)
	r.client.PrependReactor("delete", "pods", r.deletePod)
	var err error
	r.controller, err = kubedaemon.NewDaemonSetsController(t.Context(), r.factory.Apps().V1().DaemonSets(), r.factory.Apps().V1().ControllerRevisions(),
		r.factory.Core().V1().Pods(), r.factory.Core().V1().Nodes(), r.client, flowcontrol.NewBackOff(time.Second, time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	r.settle(nobody)
	for _, one := range r.pods {
		makeReady(one)
	}
	return r
}

func (r *realDaemonSet) createPod(action clienttesting.Action) (bool, runtime.Object, error) {
	one := action.(clienttesting.CreateAction).GetObject().(*corev1.Pod).DeepCopy()
	r.created++
	one.Name, one.Namespace = fmt.Sprintf("pod-%d", r.created), "default"
	one.UID = types.UID(one.Name)
	one.CreationTimestamp = metav1.Unix(1_700_000_000+int64(r.created), 0)
	one.Status.Phase = corev1.PodPending
	one.Spec.NodeName = one.Spec.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms[0].MatchFields[0].Values[0]
	r.pods = append(r.pods, one)
	addPod(r.controller, klog.Background(), one)
	return true, one, nil
}

func (r *realDaemonSet) deletePod(action clienttesting.Action) (bool, runtime.Object, error) {
	for _, one := range r.pods {
		if one.Name == action.(clienttesting.DeleteAction).GetName() && one.DeletionTimestamp == nil {
			now := metav1.Now()
			one.DeletionTimestamp = &now
			deletePod(r.controller, klog.Background(), one)
		}
	}
	return true, nil, nil
}

func (r *realDaemonSet) apply(d *appsv1.DaemonSet) {
	r.image = d.Spec.Template.Spec.Containers[0].Image
	if _, err := r.client.AppsV1().DaemonSets("default").Update(r.t.Context(), d.DeepCopy(), metav1.UpdateOptions{}); err != nil {
		r.t.Fatal(err)
	}
}

func (r *realDaemonSet) settle(func(*realPod) bool) {
	for range 10_000 {
		before := r.state()
		r.fill()
		if err := syncDaemonSet(r.controller, r.t.Context(), "default/web"); err != nil {
			r.t.Fatal(err)
		}
		r.fill()
		if err := syncDaemonSet(r.controller, r.t.Context(), "default/web"); err != nil {
			r.t.Fatal(err)
		}
		if r.state() == before {
			return
		}
	}
	r.t.Fatal("the DaemonSet controller never comes to rest")
}

func (r *realDaemonSet) fill() {
	set, err := r.client.AppsV1().DaemonSets("default").Get(r.t.Context(), "web", metav1.GetOptions{})
	if err != nil {
		r.t.Fatal(err)
	}
	list, err := r.client.AppsV1().ControllerRevisions("default").List(r.t.Context(), metav1.ListOptions{})
	if err != nil {
		r.t.Fatal(err)
	}
	revisions, pods := []any{}, []any{}
	for _, one := range list.Items {
		revisions = append(revisions, &one)
	}
	for _, one := range r.pods {
		pods = append(pods, one)
	}
	for _, replaced := range []error{
		r.factory.Apps().V1().DaemonSets().Informer().GetIndexer().Replace([]any{set}, ""),
		r.factory.Apps().V1().ControllerRevisions().Informer().GetIndexer().Replace(revisions, ""),
		r.factory.Core().V1().Pods().Informer().GetIndexer().Replace(pods, ""),
		r.factory.Core().V1().Nodes().Informer().GetIndexer().Replace(r.nodes, ""),
	} {
		if replaced != nil {
			r.t.Fatal(replaced)
		}
	}
}

func (r *realDaemonSet) state() (s State) {
	for _, one := range r.pods {
		count(&s, one.Spec.Containers[0].Image == r.image, one.Status.Phase == corev1.PodRunning, one.DeletionTimestamp != nil)
	}
	return s
}

// finish moves on a Pod like the given one; which node it is on is the controller's choice.
func (r *realDaemonSet) finish(like *pod) {
	for i, one := range r.pods {
		updated, ending := one.Spec.Containers[0].Image == r.image, one.DeletionTimestamp != nil
		if updated != like.updated || ending != like.ending || !ending && one.Status.Phase == corev1.PodRunning {
			continue
		}
		if ending {
			r.pods = append(r.pods[:i:i], r.pods[i+1:]...)
		} else {
			makeReady(one)
		}
		return
	}
	r.t.Fatal("the simulation knows a Pod that the controller has not")
}

// TestDaemonSetControllerAgrees holds the simulation to the controller itself.
func TestDaemonSetControllerAgrees(t *testing.T) {
	r := seeded(t)
	for range 100 {
		nodes := int32(r.IntN(8))
		before, after := drawDaemonSets(r)
		actual := startRealDaemonSet(t, before, int(nodes))
		actual.apply(after)
		q := &Question{Before: before, After: after, Nodes: &nodes}
		changed := !sameRevision(&before.Spec.Template, &after.Spec.Template)
		at, err := daemonAtATime(after, &nodes)
		if err != nil {
			t.Fatal(err)
		}
		d := newDaemonSet(q, at, nodes, changed)
		agree(t, r, actual, d.pods, d, describe(before), describe(after))
	}
}

func drawDaemonSets(r *rand.Rand) (before, after *appsv1.DaemonSet) {
	none := intstr.FromInt32(0)
	surge, unavailable := bound(r, 4), none
	if r.IntN(2) == 0 {
		surge, unavailable = none, bound(r, 4)
	}
	image := "web:2"
	if r.IntN(6) == 0 {
		image = "web:1"
	}
	return daemonSetOf("web:1", &surge, &unavailable), daemonSetOf(image, &surge, &unavailable)
}

package rollout

import (
	"context"
	"fmt"
	"testing"
	_ "unsafe" // for go:linkname

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	kubescheme "k8s.io/client-go/kubernetes/scheme"
	clienttesting "k8s.io/client-go/testing"
	kubedeployment "k8s.io/kubernetes/pkg/controller/deployment"
)

//go:linkname syncDeployment k8s.io/kubernetes/pkg/controller/deployment.(*DeploymentController).syncDeployment
func syncDeployment(dc *kubedeployment.DeploymentController, ctx context.Context, key string) error

// realDeployment is Kubernetes' own Deployment controller over a fake API
// server, and what ReplicaSets and the kubelet do with Pods.
type realDeployment struct {
	t          *testing.T
	client     *fake.Clientset
	factory    informers.SharedInformerFactory
	controller *kubedeployment.DeploymentController
	pods       []*realPod
	// ages counts ReplicaSets in the order in which they were made.
	ages    map[types.UID]int
	created int
	image   string
}

type realPod struct {
	name, image       string
	set               types.UID
	available, ending bool
}

func startRealDeployment(t *testing.T, d *appsv1.Deployment) *realDeployment {
	client := clientOf(t, d)
	factory := informers.NewSharedInformerFactory(client, 0)
	c, err := kubedeployment.NewDeploymentController(t.Context(), factory.Apps().V1().Deployments(), factory.Apps().V1().ReplicaSets(), factory.Core().V1().Pods(), client)
	if err != nil {
		t.Fatal(err)
	}
	r := &realDeployment{t: t, client: client, factory: factory, controller: c, ages: map[types.UID]int{}}
	// The Pods of before: the ReplicaSet that the first sync makes, all of them available.
	r.settle(func(*realPod) bool { return true })
	for _, one := range r.pods {
		one.available = true
	}
	return r
}

// clientOf is a client of an API server that only stores.
func clientOf(t *testing.T, objects ...runtime.Object) *fake.Clientset {
	tracker := clienttesting.NewObjectTracker(kubescheme.Scheme, kubescheme.Codecs.UniversalDecoder())
	for _, object := range objects {
		if err := tracker.Add(object.DeepCopyObject()); err != nil {
			t.Fatal(err)
		}
	}
	client := &fake.Clientset{}
	client.AddReactor("*", "*", clienttesting.ObjectReaction(tracker))
	return client
}

func (r *realDeployment) apply(d *appsv1.Deployment) {
	r.image = d.Spec.Template.Spec.Containers[0].Image
	if _, err := r.client.AppsV1().Deployments(d.Namespace).Update(r.t.Context(), d.DeepCopy(), metav1.UpdateOptions{}); err != nil {
		r.t.Fatal(err)
	}
}

// settle reconciles until nothing changes; Pods that ready names become available at once.
func (r *realDeployment) settle(ready func(*realPod) bool) {
	for range 10_000 {
		before := r.fingerprint()
		r.reconcileReplicaSets()
		for _, one := range r.pods {
			if !one.available && !one.ending && ready(one) {
				one.available = true
			}
		}
		r.reconcileReplicaSets()
		r.fill()
		if err := syncDeployment(r.controller, r.t.Context(), "default/web"); err != nil {
			r.t.Fatal(err)
		}
		r.reconcileReplicaSets()
		if r.fingerprint() == before {
			return
		}
	}
	r.t.Fatal("the Deployment controller never comes to rest")
}

func (r *realDeployment) sets() []appsv1.ReplicaSet {
	list, err := r.client.AppsV1().ReplicaSets("default").List(r.t.Context(), metav1.ListOptions{})
	if err != nil {
		r.t.Fatal(err)
	}
	return list.Items
}

func (r *realDeployment) deployment() *appsv1.Deployment {
	d, err := r.client.AppsV1().Deployments("default").Get(r.t.Context(), "web", metav1.GetOptions{})
	if err != nil {
		r.t.Fatal(err)
	}
	return d
}

// reconcileReplicaSets is pkg/controller/replicaset: it makes and ends Pods and writes the status.
func (r *realDeployment) reconcileReplicaSets() {
	for _, set := range r.sets() {
		if set.UID == "" {
			r.created++
			set.UID = types.UID(fmt.Sprintf("00000000-0000-4000-9000-%012d", r.created))
			set.CreationTimestamp = metav1.Unix(1_700_000_000+int64(r.created), 0)
			r.ages[set.UID] = len(r.ages)
		}
		var own []*realPod
		for _, available := range []bool{false, true} {
			for _, one := range r.pods {
				if one.set == set.UID && !one.ending && one.available == available {
					own = append(own, one)
				}
			}
		}
		wanted := int(*set.Spec.Replicas)
		for i := range max(len(own)-wanted, 0) {
			own[i].ending, own[i].available = true, false
		}
		own = own[max(len(own)-wanted, 0):]
		for len(own) < wanted {
			r.created++
			one := &realPod{set: set.UID, image: set.Spec.Template.Spec.Containers[0].Image, name: fmt.Sprintf("pod-%d", r.created)}
			own, r.pods = append(own, one), append(r.pods, one)
		}
		set.Status.Replicas, set.Status.AvailableReplicas = int32(len(own)), 0
		for _, one := range own {
			if one.available {
				set.Status.AvailableReplicas++
			}
		}
		set.Status.ReadyReplicas = set.Status.AvailableReplicas
		if _, err := r.client.AppsV1().ReplicaSets("default").Update(r.t.Context(), &set, metav1.UpdateOptions{}); err != nil {
			r.t.Fatal(err)
		}
	}
}

// fill gives the controller's caches what the API server has.
func (r *realDeployment) fill() {
	sets, pods := []any{}, []any{}
	for _, set := range r.sets() {
		sets = append(sets, &set)
	}
	for _, one := range r.pods {
		pods = append(pods, &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: one.name, Namespace: "default", Labels: labels, OwnerReferences: []metav1.OwnerReference{
				{APIVersion: "apps/v1", Kind: "ReplicaSet", Name: "set", UID: one.set, Controller: ptr(true)},
			}},
			Status: corev1.PodStatus{Phase: corev1.PodRunning},
		})
	}
	for _, replaced := range []error{
		r.factory.Apps().V1().Deployments().Informer().GetIndexer().Replace([]any{r.deployment()}, ""),
		r.factory.Apps().V1().ReplicaSets().Informer().GetIndexer().Replace(sets, ""),
		r.factory.Core().V1().Pods().Informer().GetIndexer().Replace(pods, ""),
	} {
		if replaced != nil {
			r.t.Fatal(replaced)
		}
	}
}

func (r *realDeployment) fingerprint() string {
	text := fmt.Sprint(r.state())
	for _, set := range r.sets() {
		text += fmt.Sprintln(set.UID, *set.Spec.Replicas, set.Annotations)
	}
	return text
}

func (r *realDeployment) state() (s State) {
	for _, one := range r.pods {
		count(&s, one.image == r.image, one.available, one.ending)
	}
	return s
}

func count(s *State, updated, available, ending bool) {
	switch {
	case ending:
		s.Ending++
	case updated && available:
		s.Updated++
	case updated:
		s.Starting++
	case available:
		s.Old++
	default:
		s.OldStarting++
	}
}

// finish moves on a Pod of the ReplicaSet of the same age.
func (r *realDeployment) finish(like *pod) {
	for i, one := range r.pods {
		if r.ages[one.set] != like.place || one.ending != like.ending || one.available {
			continue
		}
		if one.ending {
			r.pods = append(r.pods[:i:i], r.pods[i+1:]...)
		} else {
			one.available = true
		}
		return
	}
	r.t.Fatal("the simulation knows a Pod that the controller has not")
}

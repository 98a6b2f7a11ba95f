// Package rollout says what the workload controllers of Kubernetes 1.34 do with
// Pods after a workload has changed: by a simulation that takes the decisions
// that they take. The tests hold it to the controllers' own code.
package rollout

import (
	"bytes"
	"encoding/json"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/runtime"
)

// Question is a workload before and after a change, defaults filled in: both a
// Deployment, StatefulSet, DaemonSet, ReplicaSet or ReplicationController.
type Question struct {
	Before, After runtime.Object
	// Replicas is what an autoscaler holds the workload at, before and after;
	// nil takes spec.replicas.
	Replicas *int32
	// Nodes is how many nodes run a Pod of a DaemonSet; nil is not known.
	Nodes *int32
	// Unavailable is how many Pods are not available before the change, and stay so.
	Unavailable int32
}

// Rollout is what happens to the Pods. Figures are null where they depend on a
// number of nodes that is not known.
type Rollout struct {
	// Strategy is RollingUpdate, Recreate or OnDelete, or None for kinds whose
	// Pods keep the template that they were made from.
	Strategy string `json:"strategy"`
	// From and To are the desired Pods before and after.
	From *int32 `json:"from"`
	To   *int32 `json:"to"`
	// TemplateChanged says whether the controller sees another Pod template.
	TemplateChanged bool `json:"templateChanged"`
	// PodsReplaced counts the Pods that end and have a successor of the new template.
	PodsReplaced *int32 `json:"podsReplaced"`
	// PodsStartedInVain counts Pods of the old template that start because
	// scaling comes first, and are replaced as well.
	PodsStartedInVain int32 `json:"podsStartedInVain"`
	// Waiting says which Pods keep the old template, and what for; null for none.
	Waiting *Waiting `json:"waiting"`
	// FewestAvailable is a lower bound on the available Pods at every instant,
	// given that Pods which are available stay so until they are ended.
	FewestAvailable *int32 `json:"fewestAvailable"`
	// MostExisting is an upper bound on the Pods that are not ending.
	MostExisting *int32 `json:"mostExisting"`
	// AvailableIfNeverReady is how many Pods stay available if none of the new
	// template ever becomes so.
	AvailableIfNeverReady *int32 `json:"availableIfNeverReady"`
	// AtATime is how many Pods may be missing, and how many may be additional, as
	// the strategy resolves them; null where nothing is replaced.
	AtATime *AtATime `json:"atATime"`
	// Steps counts the times that the controller waits for Pods to become
	// available or to end; null where there are too many Pods to simulate.
	Steps *int32 `json:"steps"`
	// LeastSeconds is the least duration that probes, minReadySeconds and preStop
	// sleeps leave possible; null where there are too many Pods to simulate.
	LeastSeconds *int64 `json:"leastSeconds"`
	// Timeline is the course where every Pod takes its least time; of a long one
	// the first and the last states.
	Timeline []State `json:"timeline"`
	// Room is what has to be free beyond what the Pods before had; null where
	// nothing more is needed.
	Room *Room `json:"room"`
	// ProgressDeadlineSeconds is when a Deployment that makes no progress is
	// marked so, which undoes nothing; null for none.
	ProgressDeadlineSeconds *int32 `json:"progressDeadlineSeconds"`
}

// Waiting are Pods that keep the old template.
type Waiting struct {
	// Pods is how many; null where the number of nodes is not known.
	Pods *int32 `json:"pods"`
	// For is paused, onDelete, partition, unready or recreation.
	For string `json:"for"`
}

// AtATime are the resolved bounds of a rolling update.
type AtATime struct {
	// Unavailable and Surge are null for a percentage of an unknown number of nodes.
	Unavailable *int32 `json:"unavailable"`
	Surge       *int32 `json:"surge"`
}

// State is how many Pods there are of each sort at an instant.
type State struct {
	// Second is the least time since the change.
	Second int64 `json:"second"`
	// Old and OldStarting are of the old template: available, and not yet so.
	Old         int32 `json:"old"`
	OldStarting int32 `json:"oldStarting"`
	// Starting and Updated are of the new template: not yet available, and available.
	Starting int32 `json:"starting"`
	Updated  int32 `json:"updated"`
	// Ending are Pods that have been told to end.
	Ending int32 `json:"ending"`
}

// Of answers a question. It fails for kinds that make no Pods of a template.
func Of(q *Question) (*Rollout, error) {
	r, start, err := prepare(q)
	if err == nil && start != nil {
		r.simulated(start)
	}
	return r, err
}

// starter makes the workload as it is when the change is applied.
type starter func() (*pods, controller)

// prepare answers what needs no simulation, and makes one where there is one.
func prepare(q *Question) (*Rollout, starter, error) {
	switch after := q.After.(type) {
	case *appsv1.Deployment:
		if before, ok := q.Before.(*appsv1.Deployment); ok {
			r, start := ofDeployment(q, before, after)
			return r, start, nil
		}
	case *appsv1.StatefulSet:
		if before, ok := q.Before.(*appsv1.StatefulSet); ok {
			r, start := ofStatefulSet(q, before, after)
			return r, start, nil
		}
	case *appsv1.DaemonSet:
		if before, ok := q.Before.(*appsv1.DaemonSet); ok {
			return ofDaemonSet(q, before, after)
		}
	case *appsv1.ReplicaSet:
		if before, ok := q.Before.(*appsv1.ReplicaSet); ok {
			return ofKeeper(q, counts{before.Spec.Replicas, after.Spec.Replicas}, &before.Spec.Template, &after.Spec.Template), nil, nil
		}
	case *corev1.ReplicationController:
		if before, ok := q.Before.(*corev1.ReplicationController); ok {
			return ofKeeper(q, counts{before.Spec.Replicas, after.Spec.Replicas}, before.Spec.Template, after.Spec.Template), nil, nil
		}
	}
	return nil, nil, fmt.Errorf("%T before and %T after have no rollout", q.Before, q.After)
}

// counts are spec.replicas before and after.
type counts struct{ before, after *int32 }

// replicas are the desired Pods before and after; absent is 1, as defaults say.
func (q *Question) replicas(c counts) (from, to int32) {
	if q.Replicas != nil {
		return *q.Replicas, *q.Replicas
	}
	return valueOr(c.before, 1), valueOr(c.after, 1)
}

// ofKeeper is for controllers that keep the number of Pods and nothing else.
func ofKeeper(q *Question, c counts, before, after *corev1.PodTemplateSpec) *Rollout {
	from, to := q.replicas(c)
	r := &Rollout{
		Strategy: "None", From: &from, To: &to, PodsReplaced: ptr(int32(0)),
		TemplateChanged: !apiequality.Semantic.DeepEqual(before, after),
		FewestAvailable: ptr(min(from-q.Unavailable, to)), MostExisting: ptr(max(from, to)),
	}
	r.AvailableIfNeverReady = r.FewestAvailable
	if kept := min(from, to); r.TemplateChanged && kept > 0 {
		r.Waiting = &Waiting{Pods: &kept, For: "recreation"}
	}
	return r
}

// sameTemplate is EqualIgnoreHash of pkg/controller/deployment/util.
func sameTemplate(a, b *corev1.PodTemplateSpec) bool {
	a, b = a.DeepCopy(), b.DeepCopy()
	delete(a.Labels, appsv1.DefaultDeploymentUniqueLabelKey)
	delete(b.Labels, appsv1.DefaultDeploymentUniqueLabelKey)
	return apiequality.Semantic.DeepEqual(a, b)
}

// sameRevision compares templates as ControllerRevisions keep them: as JSON
// (getPatch of pkg/controller/statefulset and pkg/controller/daemon).
func sameRevision(a, b *corev1.PodTemplateSpec) bool {
	return bytes.Equal(mustJSON(a), mustJSON(b))
}

func mustJSON(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}

func ptr[T any](v T) *T { return &v }

func valueOr[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}

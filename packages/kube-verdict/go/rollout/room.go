package rollout

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	resourcehelper "k8s.io/component-helpers/resource"
)

// Room is what Pods need beyond what they had before the change. Pods that are
// ending are not counted, though they hold their room until they are gone.
type Room struct {
	// Pods is how many more there are.
	Pods int32 `json:"pods"`
	// Requests and Limits are sums over those Pods, as Kubernetes writes quantities.
	Requests map[string]string `json:"requests"`
	Limits   map[string]string `json:"limits"`
}

// mix is how many Pods of each template there are at once.
type mix struct{ old, updated int32 }

// roomOf is the most that any of the mixes needs beyond so many old Pods.
func roomOf(before, after *corev1.PodSpec, from int32, mixes []mix) *Room {
	r := &Room{}
	for _, m := range mixes {
		r.Pods = max(r.Pods, m.old+m.updated-from)
	}
	r.Requests = extra(requestsOf(before), requestsOf(after), from, mixes)
	r.Limits = extra(limitsOf(before), limitsOf(after), from, mixes)
	if r.Pods == 0 && len(r.Requests) == 0 && len(r.Limits) == 0 {
		return nil
	}
	return r
}

func requestsOf(spec *corev1.PodSpec) corev1.ResourceList {
	return resourcehelper.PodRequests(&corev1.Pod{Spec: *spec}, resourcehelper.PodResourcesOptions{})
}

func limitsOf(spec *corev1.PodSpec) corev1.ResourceList {
	return resourcehelper.PodLimits(&corev1.Pod{Spec: *spec}, resourcehelper.PodResourcesOptions{})
}

func extra(old, updated corev1.ResourceList, from int32, mixes []mix) map[string]string {
	out := map[string]string{}
	names := map[corev1.ResourceName]bool{}
	for name := range old {
		names[name] = true
	}
	for name := range updated {
		names[name] = true
	}
	for name := range names {
		most := resource.Quantity{}
		for _, m := range mixes {
			sum := multiplied(old[name], m.old-from)
			sum.Add(multiplied(updated[name], m.updated))
			if sum.Cmp(most) > 0 {
				most = sum
			}
		}
		if !most.IsZero() {
			out[string(name)] = most.String()
		}
	}
	return out
}

func multiplied(q resource.Quantity, n int32) resource.Quantity {
	product := q.DeepCopy()
	product.Mul(int64(n))
	return product
}

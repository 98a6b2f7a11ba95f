package judge

import (
	"context"
	"testing"

	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/client-go/informers"
	"k8s.io/kubernetes/pkg/apis/certificates"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/plugin/pkg/admission/certificates/subjectrestriction"
	"k8s.io/kubernetes/plugin/pkg/admission/defaulttolerationseconds"
	"k8s.io/kubernetes/plugin/pkg/admission/nodetaint"
	"k8s.io/kubernetes/plugin/pkg/admission/priority"
	"k8s.io/kubernetes/plugin/pkg/admission/runtimeclass"
	serviceaccountplugin "k8s.io/kubernetes/plugin/pkg/admission/serviceaccount"
)

// admit runs the API server's own mutating plugins.
func admit(t testing.TB, ctx context.Context, obj, old object) error {
	switch o := obj.(type) {
	case *core.Pod:
		return admitPod(t, ctx, o, old)
	case *core.Node:
		if plugin := nodetaint.NewPlugin(); plugin.Handles(operationOn(old)) {
			return plugin.Admit(ctx, attributesOf(o, old, "Node", core.Resource("nodes").WithVersion("v1")), nil)
		}
	}
	return nil
}

// validateAdmission runs the API server's own validating plugins.
func validateAdmission(t testing.TB, ctx context.Context, obj, old object) error {
	switch o := obj.(type) {
	case *core.Namespace:
		return validateNamespace(t, obj, old)
	case *certificates.CertificateSigningRequest:
		if plugin := subjectrestriction.NewPlugin(); plugin.Handles(operationOn(old)) {
			return plugin.Validate(ctx, attributesOf(o, old, "CertificateSigningRequest", certificates.Resource("certificatesigningrequests").WithVersion("v1")), nil)
		}
	}
	return nil
}

func operationOn(old object) admission.Operation {
	if old == nil {
		return admission.Create
	}
	return admission.Update
}

func attributesOf(obj, old object, kind string, resource schema.GroupVersionResource) admission.Attributes {
	return admission.NewAttributesRecord(obj, old, resource.GroupVersion().WithKind(kind), obj.GetNamespace(), obj.GetName(),
		resource, "", operationOn(old), &metav1.CreateOptions{}, false, nil)
}

// admitPod runs the API server's own admission plugins over a Pod, in a
// cluster that has what the Pod refers to.
func admitPod(t testing.TB, ctx context.Context, pod *core.Pod, old object) error {
	operation := operationOn(old)
	attributes := attributesOf(pod, old, "Pod", core.Resource("pods").WithVersion("v1"))
	for _, plugin := range plugins(t, pod) {
		mutating, ok := plugin.(admission.MutationInterface)
		if ok && mutating.Handles(operation) {
			if err := mutating.Admit(ctx, attributes, nil); err != nil {
				return err
			}
		}
	}
	// What the token's volume is called is random.
	if old == nil {
		renameTokenVolume(pod)
	}
	for _, plugin := range plugins(t, pod) {
		validating, ok := plugin.(admission.ValidationInterface)
		if ok && validating.Handles(operation) {
			if err := validating.Validate(ctx, attributes, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

func plugins(t testing.TB, pod *core.Pod) []admission.Interface {
	cluster := informers.NewSharedInformerFactory(nil, 0)
	add := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	accountName := pod.Spec.ServiceAccountName
	if accountName == "" {
		accountName = "default"
	}
	add(cluster.Core().V1().ServiceAccounts().Informer().GetIndexer().Add(&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: accountName, Namespace: pod.Namespace}}))
	classes := cluster.Scheduling().V1().PriorityClasses().Informer().GetIndexer()
	for name, value := range systemPriorities {
		policy := corev1.PreemptLowerPriority
		add(classes.Add(&schedulingv1.PriorityClass{ObjectMeta: metav1.ObjectMeta{Name: name}, Value: value, PreemptionPolicy: &policy}))
	}
	if _, system := systemPriorities[pod.Spec.PriorityClassName]; !system && pod.Spec.PriorityClassName != "" {
		class := &schedulingv1.PriorityClass{ObjectMeta: metav1.ObjectMeta{Name: pod.Spec.PriorityClassName}}
		if pod.Spec.Priority != nil {
			class.Value = *pod.Spec.Priority
		}
		class.PreemptionPolicy = (*corev1.PreemptionPolicy)(pod.Spec.PreemptionPolicy)
		add(classes.Add(class))
	}
	if name := pod.Spec.RuntimeClassName; name != nil {
		class := &nodev1.RuntimeClass{ObjectMeta: metav1.ObjectMeta{Name: *name}}
		if pod.Spec.Overhead != nil {
			overhead := corev1.ResourceList{}
			for resource, quantity := range pod.Spec.Overhead {
				overhead[corev1.ResourceName(resource)] = quantity
			}
			class.Overhead = &nodev1.Overhead{PodFixed: overhead}
		}
		add(cluster.Node().V1().RuntimeClasses().Informer().GetIndexer().Add(class))
	}
	accounts := serviceaccountplugin.NewServiceAccount()
	accounts.SetExternalKubeInformerFactory(cluster)
	accounts.MountServiceAccountToken = true
	priorities := priority.NewPlugin()
	priorities.SetExternalKubeInformerFactory(cluster)
	runtimes := runtimeclass.NewRuntimeClass()
	runtimes.SetExternalKubeInformerFactory(cluster)
	tolerations := defaulttolerationseconds.NewDefaultTolerationSeconds()
	tolerations.InspectFeatureGates(utilfeature.DefaultFeatureGate)
	return []admission.Interface{accounts, priorities, tolerations, runtimes}
}

func renameTokenVolume(pod *core.Pod) {
	if len(pod.Spec.Volumes) == 0 {
		return
	}
	last := &pod.Spec.Volumes[len(pod.Spec.Volumes)-1]
	if last.Projected == nil || len(last.Name) != len(tokenVolumePrefix)+5 || last.Name[:len(tokenVolumePrefix)] != tokenVolumePrefix {
		return
	}
	random := last.Name
	last.Name = tokenVolumePrefix + generatedSuffix
	for _, containers := range [][]core.Container{pod.Spec.InitContainers, pod.Spec.Containers} {
		for i := range containers {
			for j := range containers[i].VolumeMounts {
				if mount := &containers[i].VolumeMounts[j]; mount.Name == random {
					mount.Name = last.Name
				}
			}
		}
	}
}

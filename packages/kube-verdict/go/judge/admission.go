package judge

import (
	"reflect"
	"strings"

	corev1 "k8s.io/api/core/v1"
	podutil "k8s.io/kubernetes/pkg/api/pod"
	"k8s.io/kubernetes/pkg/apis/certificates"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/apis/scheduling"
	"k8s.io/pod-security-admission/api"
	"k8s.io/utils/ptr"
)

// What follows are the admission plugins that a kube-apiserver runs by default
// and that need nothing from the cluster (plugin/pkg/admission of
// k8s.io/kubernetes): ServiceAccount, Priority, DefaultTolerationSeconds,
// RuntimeClass, TaintNodesByCondition, CertificateSubjectRestriction, and what
// PodSecurity says of a Namespace's own labels. What they would look up is taken
// to be as a new cluster has it:
// the ServiceAccount without secrets, the two system PriorityClasses, and any
// other PriorityClass or RuntimeClass as the Pod has it.

// The system PriorityClasses of pkg/apis/scheduling/v1.SystemPriorityClasses.
var systemPriorities = map[string]int32{
	scheduling.SystemClusterCritical: scheduling.SystemCriticalPriority,
	scheduling.SystemNodeCritical:    scheduling.SystemCriticalPriority + 1000,
}

func admissionOnCreate(obj object) error {
	switch o := obj.(type) {
	case *core.Pod:
		return admitNewPod(o)
	case *core.Node:
		admitNewNode(o)
	}
	return nil
}

func admitNewPod(pod *core.Pod) error {
	if err := admitServiceAccount(pod); err != nil {
		return err
	}
	if err := admitPriority(pod); err != nil {
		return err
	}
	admitTolerations(pod)
	if pod.Spec.Overhead != nil && pod.Spec.RuntimeClassName == nil {
		return forbidden("spec.overhead", "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead")
	}
	return nil
}

func admissionOnUpdate(obj, old object) {
	pod, ok := obj.(*core.Pod)
	if !ok {
		return
	}
	oldPod := old.(*core.Pod)
	if pod.Spec.Priority == nil {
		pod.Spec.Priority = oldPod.Spec.Priority
	}
	if pod.Spec.PreemptionPolicy == nil {
		pod.Spec.PreemptionPolicy = oldPod.Spec.PreemptionPolicy
	}
	admitTolerations(pod)
}

func validatingAdmission(obj, old object) error {
	switch o := obj.(type) {
	case *core.Namespace:
		return validateSecurityLabels(obj, old)
	case *certificates.CertificateSigningRequest:
		if old == nil {
			return validateSubject(o)
		}
	}
	return nil
}

// validateSecurityLabels refuses Namespaces whose Pod Security labels make no policy.
func validateSecurityLabels(obj, old object) error {
	_, errs := api.PolicyToEvaluate(obj.GetLabels(), api.Policy{})
	if old != nil {
		if _, before := api.PolicyToEvaluate(old.GetLabels(), api.Policy{}); reflect.DeepEqual(errs, before) {
			return nil
		}
	}
	return invalidIf(errs)
}

func admitPriority(pod *core.Pod) error {
	className := pod.Spec.PriorityClassName
	priority, known := systemPriorities[className]
	if className == "" {
		priority, known = scheduling.DefaultPriorityWhenNoDefaultClassExists, true
	}
	if !known {
		return nil
	}
	if given := pod.Spec.Priority; given != nil && *given != priority {
		return forbidden("spec.priority", "the integer value of priority (%d) must not be provided in pod spec; priority admission controller computed %d from the given PriorityClass name", *given, priority)
	}
	pod.Spec.Priority = &priority
	policy := core.PreemptLowerPriority
	if given := pod.Spec.PreemptionPolicy; given != nil && *given != policy {
		return forbidden("spec.preemptionPolicy", "the string value of PreemptionPolicy (%s) must not be provided in pod spec; priority admission controller computed %s from the given PriorityClass name", *given, policy)
	}
	pod.Spec.PreemptionPolicy = &policy
	return nil
}

// defaultTolerationSeconds is the default of --default-not-ready-toleration-seconds
// and --default-unreachable-toleration-seconds.
const defaultTolerationSeconds = 300

func admitTolerations(pod *core.Pod) {
	tolerated := func(key string) bool {
		for _, t := range pod.Spec.Tolerations {
			if (t.Key == key || t.Key == "") && (t.Effect == core.TaintEffectNoExecute || t.Effect == "") {
				return true
			}
		}
		return false
	}
	var missing []core.Toleration
	for _, key := range []string{corev1.TaintNodeNotReady, corev1.TaintNodeUnreachable} {
		if !tolerated(key) {
			missing = append(missing, core.Toleration{
				Key: key, Operator: core.TolerationOpExists, Effect: core.TaintEffectNoExecute,
				TolerationSeconds: ptr.To[int64](defaultTolerationSeconds),
			})
		}
	}
	pod.Spec.Tolerations = append(pod.Spec.Tolerations, missing...)
}

// The names of plugin/pkg/admission/serviceaccount.
const (
	defaultServiceAccount = "default"
	tokenVolumePrefix     = "kube-api-access-"
	tokenMountPath        = "/var/run/secrets/kubernetes.io/serviceaccount"
	// tokenExpirationSeconds is pkg/serviceaccount.WarnOnlyBoundTokenExpirationSeconds.
	tokenExpirationSeconds = 60*60 + 7
)

func admitServiceAccount(pod *core.Pod) error {
	if _, mirror := pod.Annotations[core.MirrorPodAnnotationKey]; mirror {
		return admitMirrorPod(pod)
	}
	if pod.Spec.ServiceAccountName == "" {
		pod.Spec.ServiceAccountName = defaultServiceAccount
	}
	if automount := pod.Spec.AutomountServiceAccountToken; automount == nil || *automount {
		mountToken(pod)
	}
	return nil
}

func admitMirrorPod(pod *core.Pod) error {
	if pod.Spec.ServiceAccountName != "" {
		return forbidden("spec.serviceAccountName", "a mirror pod may not reference service accounts")
	}
	hasSecrets := !podutil.VisitPodSecretNames(pod, func(string) bool { return false }, podutil.AllContainers)
	if hasSecrets {
		return forbidden("spec", "a mirror pod may not reference secrets")
	}
	for _, volume := range pod.Spec.Volumes {
		if volume.Projected == nil {
			continue
		}
		for _, source := range volume.Projected.Sources {
			if source.ServiceAccountToken != nil {
				return forbidden("spec.volumes", "a mirror pod may not use ServiceAccountToken volume projections")
			}
		}
	}
	return nil
}

// mountToken gives each container the projected token volume.
func mountToken(pod *core.Pod) {
	name, exists := tokenVolumePrefix+generatedSuffix, false
	for _, volume := range pod.Spec.Volumes {
		if strings.HasPrefix(volume.Name, tokenVolumePrefix) {
			name, exists = volume.Name, true
			break
		}
	}
	needed := false
	mount := func(containers []core.Container) {
	next:
		for i := range containers {
			for _, m := range containers[i].VolumeMounts {
				if m.MountPath == tokenMountPath {
					continue next
				}
			}
			containers[i].VolumeMounts = append(containers[i].VolumeMounts, core.VolumeMount{Name: name, ReadOnly: true, MountPath: tokenMountPath})
			needed = true
		}
	}
	mount(pod.Spec.InitContainers)
	mount(pod.Spec.Containers)
	if exists || !needed {
		return
	}
	pod.Spec.Volumes = append(pod.Spec.Volumes, core.Volume{Name: name, VolumeSource: core.VolumeSource{Projected: &core.ProjectedVolumeSource{
		DefaultMode: ptr.To[int32](corev1.ProjectedVolumeSourceDefaultMode),
		Sources: []core.VolumeProjection{
			{ServiceAccountToken: &core.ServiceAccountTokenProjection{Path: "token", ExpirationSeconds: tokenExpirationSeconds}},
			{ConfigMap: &core.ConfigMapProjection{
				LocalObjectReference: core.LocalObjectReference{Name: "kube-root-ca.crt"},
				Items:                []core.KeyToPath{{Key: "ca.crt", Path: "ca.crt"}},
			}},
			{DownwardAPI: &core.DownwardAPIProjection{Items: []core.DownwardAPIVolumeFile{
				{Path: "namespace", FieldRef: &core.ObjectFieldSelector{APIVersion: "v1", FieldPath: "metadata.namespace"}},
			}}},
		},
	}}})
}

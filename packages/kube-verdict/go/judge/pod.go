package judge

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilvalidation "k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	podutil "k8s.io/kubernetes/pkg/api/pod"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/apis/core/helper/qos"
	"k8s.io/kubernetes/pkg/apis/core/validation"
	"k8s.io/kubernetes/pkg/features"
)

// pod is pkg/registry/core/pod/strategy.go.
var pod = hooks[*core.Pod]{
	warnBefore: appArmorWarnings,
	prepareCreate: func(obj *core.Pod) {
		obj.Generation = 1
		obj.Status = core.PodStatus{Phase: core.PodPending, QOSClass: qos.GetPodQOS(obj)}
		podutil.DropDisabledPodFields(obj, nil)
		if len(obj.Spec.SchedulingGates) > 0 {
			podutil.UpdatePodCondition(&obj.Status, &core.PodCondition{
				Type: core.PodScheduled, Status: core.ConditionFalse, Reason: corev1.PodReasonSchedulingGated,
				Message: "Scheduling is blocked due to non-empty scheduling gates",
			})
		}
		mergeLabelKeys(obj)
		eachAppArmorAnnotation(obj, func(container *core.Container, _ string, profile *core.AppArmorProfile) {
			if profile != nil && !apiequality.Semantic.DeepEqual(profile, podAppArmor(obj)) {
				if container.SecurityContext == nil {
					container.SecurityContext = &core.SecurityContext{}
				}
				container.SecurityContext.AppArmorProfile = profile
			}
		})
	},
	validateCreate: func(obj *core.Pod) field.ErrorList {
		opts := podutil.GetValidationOptionsFromPodSpecAndMeta(&obj.Spec, nil, &obj.ObjectMeta, nil)
		opts.ResourceIsPod = true
		return validation.ValidatePodCreate(obj, opts)
	},
	warnCreate: func(obj *core.Pod) []string {
		var warnings []string
		if msgs := utilvalidation.IsDNS1123Label(obj.Name); len(msgs) != 0 {
			warnings = append(warnings, fmt.Sprintf("metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: %v", msgs))
		}
		return append(warnings, podutil.GetWarningsForPod(context.Background(), obj, nil)...)
	},
	prepareUpdate: func(obj, old *core.Pod) {
		obj.Status = old.Status
		podutil.DropDisabledPodFields(obj, old)
		if !apiequality.Semantic.DeepEqual(obj.Spec, old.Spec) {
			obj.Generation++
		}
	},
	validateUpdate: func(obj, old *core.Pod) field.ErrorList {
		opts := podutil.GetValidationOptionsFromPodSpecAndMeta(&obj.Spec, &old.Spec, &obj.ObjectMeta, &old.ObjectMeta)
		opts.ResourceIsPod = true
		return validation.ValidatePodUpdate(obj, old, opts)
	},
}

func podAppArmor(obj *core.Pod) *core.AppArmorProfile {
	if obj.Spec.SecurityContext == nil {
		return nil
	}
	return obj.Spec.SecurityContext.AppArmorProfile
}

// eachAppArmorAnnotation visits the containers whose AppArmor profile stands
// in an annotation alone. profile is nil if the annotation makes no valid field.
func eachAppArmorAnnotation(obj *core.Pod, visit func(container *core.Container, key string, profile *core.AppArmorProfile)) {
	if obj.Spec.OS != nil && obj.Spec.OS.Name == core.Windows {
		return
	}
	podutil.VisitContainers(&obj.Spec, podutil.AllFeatureEnabledContainers(), func(container *core.Container, _ podutil.ContainerType) bool {
		key := core.DeprecatedAppArmorAnnotationKeyPrefix + container.Name
		annotation, annotated := obj.Annotations[key]
		if !annotated || container.SecurityContext != nil && container.SecurityContext.AppArmorProfile != nil {
			return true
		}
		profile := podutil.ApparmorFieldForAnnotation(annotation)
		if len(validation.ValidateAppArmorProfileField(profile, &field.Path{})) > 0 {
			profile = nil
		}
		visit(container, key, profile)
		return true
	})
}

func appArmorWarnings(obj *core.Pod) (warnings []string) {
	eachAppArmorAnnotation(obj, func(_ *core.Container, key string, profile *core.AppArmorProfile) {
		if profile == nil || !apiequality.Semantic.DeepEqual(profile, podAppArmor(obj)) {
			warnings = append(warnings, fmt.Sprintf(`%s: deprecated since v1.30; use the "appArmorProfile" field instead`, field.NewPath("metadata", "annotations").Key(key)))
		}
	})
	return warnings
}

// mergeLabelKeys merges matchLabelKeys and mismatchLabelKeys into the label
// selectors of affinity terms and topology spread constraints.
func mergeLabelKeys(obj *core.Pod) {
	merge := func(selector *metav1.LabelSelector, keys []string, operator metav1.LabelSelectorOperator) {
		if selector == nil {
			return
		}
		for _, key := range keys {
			if value, labelled := obj.Labels[key]; labelled {
				selector.MatchExpressions = append(selector.MatchExpressions, metav1.LabelSelectorRequirement{Key: key, Operator: operator, Values: []string{value}})
			}
		}
	}
	term := func(t *core.PodAffinityTerm) {
		merge(t.LabelSelector, t.MatchLabelKeys, metav1.LabelSelectorOpIn)
		merge(t.LabelSelector, t.MismatchLabelKeys, metav1.LabelSelectorOpNotIn)
	}
	terms := func(preferred []core.WeightedPodAffinityTerm, required []core.PodAffinityTerm) {
		for i := range preferred {
			term(&preferred[i].PodAffinityTerm)
		}
		for i := range required {
			term(&required[i])
		}
	}
	if affinity := obj.Spec.Affinity; affinity != nil && utilfeature.DefaultFeatureGate.Enabled(features.MatchLabelKeysInPodAffinity) {
		if a := affinity.PodAffinity; a != nil {
			terms(a.PreferredDuringSchedulingIgnoredDuringExecution, a.RequiredDuringSchedulingIgnoredDuringExecution)
		}
		if a := affinity.PodAntiAffinity; a != nil {
			terms(a.PreferredDuringSchedulingIgnoredDuringExecution, a.RequiredDuringSchedulingIgnoredDuringExecution)
		}
	}
	if utilfeature.DefaultFeatureGate.Enabled(features.MatchLabelKeysInPodTopologySpread) &&
		utilfeature.DefaultFeatureGate.Enabled(features.MatchLabelKeysInPodTopologySpreadSelectorMerge) {
		for i := range obj.Spec.TopologySpreadConstraints {
			constraint := &obj.Spec.TopologySpreadConstraints[i]
			merge(constraint.LabelSelector, constraint.MatchLabelKeys, metav1.LabelSelectorOpIn)
		}
	}
}

package judge

import (
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/kubernetes/pkg/apis/autoscaling"
	"k8s.io/kubernetes/pkg/apis/autoscaling/validation"
	"k8s.io/kubernetes/pkg/apis/policy"
	policyvalidation "k8s.io/kubernetes/pkg/apis/policy/validation"
	"k8s.io/kubernetes/pkg/apis/scheduling"
	schedulingvalidation "k8s.io/kubernetes/pkg/apis/scheduling/validation"
	"k8s.io/kubernetes/pkg/features"
)

// horizontalPodAutoscaler is pkg/registry/autoscaling/horizontalpodautoscaler/strategy.go.
var horizontalPodAutoscaler = hooks[*autoscaling.HorizontalPodAutoscaler]{
	prepareCreate: func(obj *autoscaling.HorizontalPodAutoscaler) {
		obj.Status = autoscaling.HorizontalPodAutoscalerStatus{}
		dropTolerance(obj, nil)
	},
	validateCreate: func(obj *autoscaling.HorizontalPodAutoscaler) field.ErrorList {
		return validation.ValidateHorizontalPodAutoscaler(obj, autoscalerOptions(obj, nil))
	},
	prepareUpdate: func(obj, old *autoscaling.HorizontalPodAutoscaler) {
		obj.Status = old.Status
		dropTolerance(obj, old)
	},
	validateUpdate: func(obj, old *autoscaling.HorizontalPodAutoscaler) field.ErrorList {
		return validation.ValidateHorizontalPodAutoscalerUpdate(obj, old, autoscalerOptions(obj, old))
	},
}

// autoscalerOptions lets an update keep what was invalid before it.
func autoscalerOptions(obj, old *autoscaling.HorizontalPodAutoscaler) validation.HorizontalPodAutoscalerSpecValidationOptions {
	opts := validation.HorizontalPodAutoscalerSpecValidationOptions{
		MinReplicasLowerBound:          1,
		ObjectMetricsValidationOptions: validation.CrossVersionObjectReferenceValidationOptions{AllowEmptyAPIGroup: true},
	}
	hadZero := old != nil && old.Spec.MinReplicas != nil && *old.Spec.MinReplicas == 0
	if hadZero || utilfeature.DefaultFeatureGate.Enabled(features.HPAScaleToZero) {
		opts.MinReplicasLowerBound = 0
	}
	target := obj.Spec.ScaleTargetRef
	switch {
	case old != nil && old.Spec.ScaleTargetRef.APIVersion == target.APIVersion && old.Spec.ScaleTargetRef.Kind == target.Kind:
		opts.ScaleTargetRefValidationOptions.AllowInvalidAPIVersion = true
	case target.Kind == "ReplicationController":
		opts.ScaleTargetRefValidationOptions.AllowEmptyAPIGroup = true
	}
	if old == nil {
		return opts
	}
	for _, metric := range old.Spec.Metrics {
		if metric.Type == autoscaling.ObjectMetricSourceType && metric.Object != nil &&
			validation.ValidateAPIVersion(metric.Object.DescribedObject, opts.ObjectMetricsValidationOptions) != nil {
			opts.ObjectMetricsValidationOptions.AllowInvalidAPIVersion = true
			break
		}
	}
	return opts
}

func scalingRules(obj *autoscaling.HorizontalPodAutoscaler) []*autoscaling.HPAScalingRules {
	if obj == nil || obj.Spec.Behavior == nil {
		return nil
	}
	return []*autoscaling.HPAScalingRules{obj.Spec.Behavior.ScaleDown, obj.Spec.Behavior.ScaleUp}
}

func dropTolerance(obj, old *autoscaling.HorizontalPodAutoscaler) {
	if utilfeature.DefaultFeatureGate.Enabled(features.HPAConfigurableTolerance) {
		return
	}
	for _, rules := range scalingRules(old) {
		if rules != nil && rules.Tolerance != nil {
			return
		}
	}
	for _, rules := range scalingRules(obj) {
		if rules != nil {
			rules.Tolerance = nil
		}
	}
}

// podDisruptionBudget is pkg/registry/policy/poddisruptionbudget/strategy.go.
var podDisruptionBudget = hooks[*policy.PodDisruptionBudget]{
	onlyConditional: true,
	prepareCreate: func(obj *policy.PodDisruptionBudget) {
		obj.Status = policy.PodDisruptionBudgetStatus{}
		obj.Generation = 1
	},
	validateCreate: func(obj *policy.PodDisruptionBudget) field.ErrorList {
		return policyvalidation.ValidatePodDisruptionBudget(obj, policyvalidation.PodDisruptionBudgetValidationOptions{})
	},
	prepareUpdate: func(obj, old *policy.PodDisruptionBudget) {
		obj.Status = old.Status
		if !apiequality.Semantic.DeepEqual(old.Spec, obj.Spec) {
			obj.Generation = old.Generation + 1
		}
	},
	validateUpdate: func(obj, old *policy.PodDisruptionBudget) field.ErrorList {
		hadInvalid := old.Spec.Selector != nil &&
			len(metav1validation.ValidateLabelSelector(old.Spec.Selector, metav1validation.LabelSelectorValidationOptions{}, nil)) > 0
		return policyvalidation.ValidatePodDisruptionBudget(obj, policyvalidation.PodDisruptionBudgetValidationOptions{AllowInvalidLabelValueInSelector: hadInvalid})
	},
}

// priorityClass is pkg/registry/scheduling/priorityclass/strategy.go.
var priorityClass = hooks[*scheduling.PriorityClass]{
	prepareCreate:  func(obj *scheduling.PriorityClass) { obj.Generation = 1 },
	validateCreate: schedulingvalidation.ValidatePriorityClass,
	validateUpdate: schedulingvalidation.ValidatePriorityClassUpdate,
}

package judge

import (
	"context"

	apiequality "k8s.io/apimachinery/pkg/api/equality"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	pvcutil "k8s.io/kubernetes/pkg/api/persistentvolumeclaim"
	podutil "k8s.io/kubernetes/pkg/api/pod"
	"k8s.io/kubernetes/pkg/apis/apps"
	"k8s.io/kubernetes/pkg/apis/apps/validation"
	"k8s.io/kubernetes/pkg/features"
)

var templatePath = field.NewPath("spec", "template")

// deployment is pkg/registry/apps/deployment/strategy.go.
var deployment = hooks[*apps.Deployment]{
	prepareCreate: func(obj *apps.Deployment) {
		obj.Status = apps.DeploymentStatus{}
		obj.Generation = 1
		podutil.DropDisabledTemplateFields(&obj.Spec.Template, nil)
	},
	validateCreate: func(obj *apps.Deployment) field.ErrorList {
		return validation.ValidateDeployment(obj, podutil.GetValidationOptionsFromPodTemplate(&obj.Spec.Template, nil))
	},
	warnCreate: func(obj *apps.Deployment) []string {
		return append(podNameWarnings(obj.Name),
			podutil.GetWarningsForPodTemplate(context.Background(), templatePath, &obj.Spec.Template, nil)...)
	},
	prepareUpdate: func(obj, old *apps.Deployment) {
		obj.Status = old.Status
		podutil.DropDisabledTemplateFields(&obj.Spec.Template, &old.Spec.Template)
		if !apiequality.Semantic.DeepEqual(obj.Spec, old.Spec) || !apiequality.Semantic.DeepEqual(obj.Annotations, old.Annotations) {
			obj.Generation = old.Generation + 1
		}
	},
	validateUpdate: func(obj, old *apps.Deployment) field.ErrorList {
		return validation.ValidateDeploymentUpdate(obj, old, podutil.GetValidationOptionsFromPodTemplate(&obj.Spec.Template, &old.Spec.Template))
	},
	warnUpdate: func(obj, old *apps.Deployment) []string {
		if obj.Generation == old.Generation {
			return nil
		}
		return podutil.GetWarningsForPodTemplate(context.Background(), templatePath, &obj.Spec.Template, &old.Spec.Template)
	},
}

// replicaSet is pkg/registry/apps/replicaset/strategy.go.
var replicaSet = hooks[*apps.ReplicaSet]{
	prepareCreate: func(obj *apps.ReplicaSet) {
		obj.Status = apps.ReplicaSetStatus{}
		obj.Generation = 1
		podutil.DropDisabledTemplateFields(&obj.Spec.Template, nil)
	},
	validateCreate: func(obj *apps.ReplicaSet) field.ErrorList {
		return validation.ValidateReplicaSet(obj, podutil.GetValidationOptionsFromPodTemplate(&obj.Spec.Template, nil))
	},
	warnCreate: func(obj *apps.ReplicaSet) []string {
		return append(podNameWarnings(obj.Name),
			podutil.GetWarningsForPodTemplate(context.Background(), templatePath, &obj.Spec.Template, nil)...)
	},
	prepareUpdate: func(obj, old *apps.ReplicaSet) {
		obj.Status = old.Status
		podutil.DropDisabledTemplateFields(&obj.Spec.Template, &old.Spec.Template)
		if !apiequality.Semantic.DeepEqual(old.Spec, obj.Spec) {
			obj.Generation = old.Generation + 1
		}
	},
	validateUpdate: func(obj, old *apps.ReplicaSet) field.ErrorList {
		return validation.ValidateReplicaSetUpdate(obj, old, podutil.GetValidationOptionsFromPodTemplate(&obj.Spec.Template, &old.Spec.Template))
	},
	warnUpdate: func(obj, old *apps.ReplicaSet) []string {
		if obj.Generation == old.Generation {
			return nil
		}
		return podutil.GetWarningsForPodTemplate(context.Background(), templatePath, &obj.Spec.Template, &old.Spec.Template)
	},
}

// statefulSet is pkg/registry/apps/statefulset/strategy.go.
var statefulSet = hooks[*apps.StatefulSet]{
	prepareCreate: func(obj *apps.StatefulSet) {
		obj.Status = apps.StatefulSetStatus{}
		obj.Generation = 1
		dropStatefulSetFields(obj, nil)
		podutil.DropDisabledTemplateFields(&obj.Spec.Template, nil)
	},
	validateCreate: func(obj *apps.StatefulSet) field.ErrorList {
		return validation.ValidateStatefulSet(obj, podutil.GetValidationOptionsFromPodTemplate(&obj.Spec.Template, nil))
	},
	warnCreate: func(obj *apps.StatefulSet) []string {
		warnings := podutil.GetWarningsForPodTemplate(context.Background(), templatePath, &obj.Spec.Template, nil)
		return append(warnings, statefulSetWarnings(obj, func(claim *field.Path) *field.Path { return claim })...)
	},
	prepareUpdate: func(obj, old *apps.StatefulSet) {
		obj.Status = old.Status
		dropStatefulSetFields(obj, old)
		podutil.DropDisabledTemplateFields(&obj.Spec.Template, &old.Spec.Template)
		if !apiequality.Semantic.DeepEqual(old.Spec, obj.Spec) {
			obj.Generation = old.Generation + 1
		}
	},
	validateUpdate: func(obj, old *apps.StatefulSet) field.ErrorList {
		return validation.ValidateStatefulSetUpdate(obj, old, podutil.GetValidationOptionsFromPodTemplate(&obj.Spec.Template, &old.Spec.Template))
	},
	warnUpdate: func(obj, old *apps.StatefulSet) []string {
		var warnings []string
		if obj.Generation != old.Generation {
			warnings = podutil.GetWarningsForPodTemplate(context.Background(), templatePath, &obj.Spec.Template, &old.Spec.Template)
		}
		// The strategy names the claim's spec on updates only, and in upper case.
		return append(warnings, statefulSetWarnings(obj, func(claim *field.Path) *field.Path { return claim.Child("Spec") })...)
	},
}

func statefulSetWarnings(obj *apps.StatefulSet, claimPath func(*field.Path) *field.Path) (warnings []string) {
	for i, claim := range obj.Spec.VolumeClaimTemplates {
		path := claimPath(field.NewPath("spec", "volumeClaimTemplates").Index(i))
		warnings = append(warnings, pvcutil.GetWarningsForPersistentVolumeClaimSpec(path, claim.Spec)...)
	}
	if limit := obj.Spec.RevisionHistoryLimit; limit != nil && *limit < 0 {
		warnings = append(warnings, "spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended")
	}
	return warnings
}

func dropStatefulSetFields(obj, old *apps.StatefulSet) {
	if !utilfeature.DefaultFeatureGate.Enabled(features.StatefulSetAutoDeletePVC) {
		if old == nil || old.Spec.PersistentVolumeClaimRetentionPolicy == nil {
			obj.Spec.PersistentVolumeClaimRetentionPolicy = nil
		}
	}
	inUse := old != nil && old.Spec.UpdateStrategy.RollingUpdate != nil && old.Spec.UpdateStrategy.RollingUpdate.MaxUnavailable != nil
	if !utilfeature.DefaultFeatureGate.Enabled(features.MaxUnavailableStatefulSet) && !inUse && obj.Spec.UpdateStrategy.RollingUpdate != nil {
		obj.Spec.UpdateStrategy.RollingUpdate.MaxUnavailable = nil
	}
}

// daemonSet is pkg/registry/apps/daemonset/strategy.go.
var daemonSet = hooks[*apps.DaemonSet]{
	prepareCreate: func(obj *apps.DaemonSet) {
		obj.Status = apps.DaemonSetStatus{}
		obj.Generation = 1
		obj.Spec.TemplateGeneration = max(obj.Spec.TemplateGeneration, 1)
		podutil.DropDisabledTemplateFields(&obj.Spec.Template, nil)
	},
	validateCreate: func(obj *apps.DaemonSet) field.ErrorList {
		return validation.ValidateDaemonSet(obj, podutil.GetValidationOptionsFromPodTemplate(&obj.Spec.Template, nil))
	},
	warnCreate: func(obj *apps.DaemonSet) []string {
		return podutil.GetWarningsForPodTemplate(context.Background(), templatePath, &obj.Spec.Template, nil)
	},
	prepareUpdate: func(obj, old *apps.DaemonSet) {
		podutil.DropDisabledTemplateFields(&obj.Spec.Template, &old.Spec.Template)
		obj.Status = old.Status
		obj.Spec.TemplateGeneration = old.Spec.TemplateGeneration
		if !apiequality.Semantic.DeepEqual(old.Spec.Template, obj.Spec.Template) {
			obj.Spec.TemplateGeneration = old.Spec.TemplateGeneration + 1
			obj.Generation = old.Generation + 1
		} else if !apiequality.Semantic.DeepEqual(old.Spec, obj.Spec) {
			obj.Generation = old.Generation + 1
		}
	},
	validateUpdate: func(obj, old *apps.DaemonSet) field.ErrorList {
		opts := podutil.GetValidationOptionsFromPodTemplate(&obj.Spec.Template, &old.Spec.Template)
		opts.AllowInvalidLabelValueInSelector = opts.AllowInvalidLabelValueInSelector || metav1validation.LabelSelectorHasInvalidLabelValue(old.Spec.Selector)
		return validation.ValidateDaemonSetUpdate(obj, old, opts)
	},
	warnUpdate: func(obj, old *apps.DaemonSet) []string {
		if obj.Spec.TemplateGeneration == old.Spec.TemplateGeneration {
			return nil
		}
		return podutil.GetWarningsForPodTemplate(context.Background(), templatePath, &obj.Spec.Template, &old.Spec.Template)
	},
}

// controllerRevision is pkg/registry/apps/controllerrevision/strategy.go.
var controllerRevision = hooks[*apps.ControllerRevision]{
	validateCreate: validation.ValidateControllerRevisionCreate,
	validateUpdate: validation.ValidateControllerRevisionUpdate,
}

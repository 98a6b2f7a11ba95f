package judge

//lint:file-ignore SA1019 the strategy still clears spec.configSource and warns of it

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	utilvalidation "k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	nodeutil "k8s.io/kubernetes/pkg/api/node"
	"k8s.io/kubernetes/pkg/apis/coordination"
	coordinationvalidation "k8s.io/kubernetes/pkg/apis/coordination/validation"
	"k8s.io/kubernetes/pkg/apis/core"
	corevalidation "k8s.io/kubernetes/pkg/apis/core/validation"
	nodeapi "k8s.io/kubernetes/pkg/apis/node"
	"k8s.io/kubernetes/pkg/apis/node/validation"
	"k8s.io/kubernetes/pkg/features"
)

// node is pkg/registry/core/node/strategy.go. A status in the manifest is kept on create.
var node = hooks[*core.Node]{
	prepareCreate: func(obj *core.Node) {
		obj.Spec.ConfigSource = nil
		obj.Status.Config = nil
		dropNodeFields(obj, nil)
	},
	validateCreate: corevalidation.ValidateNode,
	warnCreate:     nodeWarnings,
	prepareUpdate: func(obj, old *core.Node) {
		obj.Status = old.Status
		if old.Spec.ConfigSource == nil {
			obj.Spec.ConfigSource = nil
		}
		dropNodeFields(obj, old)
	},
	validateUpdate: func(obj, old *core.Node) field.ErrorList {
		return append(corevalidation.ValidateNode(obj), corevalidation.ValidateNodeUpdate(obj, old)...)
	},
	warnUpdate: func(obj, _ *core.Node) []string { return nodeWarnings(obj) },
}

func dropNodeFields(obj, old *core.Node) {
	enabled := utilfeature.DefaultFeatureGate.Enabled
	if !enabled(features.RecursiveReadOnlyMounts) && !enabled(features.UserNamespacesSupport) {
		obj.Status.RuntimeHandlers = nil
	}
	if !enabled(features.SupplementalGroupsPolicy) && (old == nil || old.Status.Features == nil) {
		obj.Status.Features = nil
	}
}

func nodeWarnings(obj *core.Node) (warnings []string) {
	if obj.Spec.ConfigSource != nil {
		warnings = append(warnings, "spec.configSource: the feature is removed")
	}
	if obj.Spec.DoNotUseExternalID != "" {
		warnings = append(warnings, "spec.externalID: this field is deprecated, and is unused by Kubernetes")
	}
	for i, value := range obj.Spec.PodCIDRs {
		warnings = append(warnings, utilvalidation.GetWarningsForCIDR(field.NewPath("spec", "podCIDRs").Index(i), value)...)
	}
	return warnings
}

// notReady taints a node until its kubelet says that it is ready.
var notReady = core.Taint{Key: corev1.TaintNodeNotReady, Effect: core.TaintEffectNoSchedule}

// admitNewNode is the admission plugin TaintNodesByCondition.
func admitNewNode(obj *core.Node) {
	if !slices.ContainsFunc(obj.Spec.Taints, notReady.MatchTaint) {
		obj.Spec.Taints = append(obj.Spec.Taints, notReady)
	}
}

// runtimeClass is pkg/registry/node/runtimeclass/strategy.go.
var runtimeClass = hooks[*nodeapi.RuntimeClass]{
	onlyConditional: true,
	validateCreate:  validation.ValidateRuntimeClass,
	warnCreate:      nodeutil.GetWarningsForRuntimeClass,
	validateUpdate: func(obj, old *nodeapi.RuntimeClass) field.ErrorList {
		return append(validation.ValidateRuntimeClass(obj), validation.ValidateRuntimeClassUpdate(obj, old)...)
	},
	warnUpdate: func(obj, _ *nodeapi.RuntimeClass) []string { return nodeutil.GetWarningsForRuntimeClass(obj) },
}

// lease is pkg/registry/coordination/lease/strategy.go.
var lease = hooks[*coordination.Lease]{
	onlyConditional: true,
	prepareCreate:   func(obj *coordination.Lease) { dropLeaseFields(obj, &coordination.Lease{}) },
	validateCreate:  coordinationvalidation.ValidateLease,
	prepareUpdate:   dropLeaseFields,
	validateUpdate:  coordinationvalidation.ValidateLeaseUpdate,
}

func dropLeaseFields(obj, old *coordination.Lease) {
	if utilfeature.DefaultFeatureGate.Enabled(features.CoordinatedLeaderElection) {
		return
	}
	if old.Spec.Strategy == nil {
		obj.Spec.Strategy = nil
	}
	if old.Spec.PreferredHolder == nil {
		obj.Spec.PreferredHolder = nil
	}
}

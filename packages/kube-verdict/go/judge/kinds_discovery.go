package judge

import (
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	utilvalidation "k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	corevalidation "k8s.io/kubernetes/pkg/apis/core/validation"
	"k8s.io/kubernetes/pkg/apis/discovery"
	"k8s.io/kubernetes/pkg/apis/discovery/validation"
	"k8s.io/kubernetes/pkg/features"
)

// endpointSlice is pkg/registry/discovery/endpointslice/strategy.go.
var endpointSlice = hooks[*discovery.EndpointSlice]{
	prepareCreate: func(obj *discovery.EndpointSlice) {
		obj.Generation = 1
		dropHints(obj, nil)
		dropTopology(obj, nil)
	},
	validateCreate: validation.ValidateEndpointSliceCreate,
	warnCreate: func(obj *discovery.EndpointSlice) []string {
		var warnings []string
		if obj.AddressType == discovery.AddressTypeFQDN {
			warnings = append(warnings, "spec.addressType: FQDN endpoints are deprecated")
		}
		return append(warnings, endpointSliceWarnings(obj)...)
	},
	prepareUpdate: func(obj, old *discovery.EndpointSlice) {
		meta, oldMeta := obj.ObjectMeta, old.ObjectMeta
		obj.ObjectMeta, old.ObjectMeta = metav1.ObjectMeta{}, metav1.ObjectMeta{}
		if !apiequality.Semantic.DeepEqual(obj, old) || !apiequality.Semantic.DeepEqual(meta.Labels, oldMeta.Labels) {
			meta.Generation = oldMeta.Generation + 1
		}
		obj.ObjectMeta, old.ObjectMeta = meta, oldMeta
		dropHints(obj, old)
		dropTopology(obj, old)
	},
	validateUpdate: validation.ValidateEndpointSliceUpdate,
	warnUpdate:     func(obj, _ *discovery.EndpointSlice) []string { return endpointSliceWarnings(obj) },
}

func dropHints(obj, old *discovery.EndpointSlice) {
	dropAll := !utilfeature.DefaultFeatureGate.Enabled(features.TopologyAwareHints)
	dropNodes := !utilfeature.DefaultFeatureGate.Enabled(features.PreferSameTrafficDistribution)
	if old != nil {
		for _, endpoint := range old.Endpoints {
			if endpoint.Hints != nil {
				dropAll = false
				dropNodes = dropNodes && endpoint.Hints.ForNodes == nil
			}
		}
	}
	for i := range obj.Endpoints {
		switch hints := obj.Endpoints[i].Hints; {
		case dropAll:
			obj.Endpoints[i].Hints = nil
		case dropNodes && hints != nil:
			hints.ForNodes = nil
		}
	}
}

// dropTopology takes away what v1 replaced, but for the names of nodes that an
// old object has there.
func dropTopology(obj, old *discovery.EndpointSlice) {
	if old != nil && apiequality.Semantic.DeepEqual(old.Endpoints, obj.Endpoints) {
		return
	}
	known := sets.New[string]()
	if old != nil {
		for _, endpoint := range old.Endpoints {
			if name := endpoint.DeprecatedTopology[corev1.LabelHostname]; name != "" {
				known.Insert(name)
			}
		}
	}
	for i := range obj.Endpoints {
		endpoint := &obj.Endpoints[i]
		name, given := endpoint.DeprecatedTopology[corev1.LabelHostname]
		if endpoint.NodeName == nil && given && known.Has(name) && len(corevalidation.ValidateNodeName(name, false)) == 0 {
			endpoint.NodeName = &name
		}
		endpoint.DeprecatedTopology = nil
	}
}

// The names of the controllers that write EndpointSlices
// (k8s.io/kubernetes/pkg/controller/endpointslice and endpointslicemirroring).
const (
	endpointSliceController          = "endpointslice-controller.k8s.io"
	endpointSliceMirroringController = "endpointslicemirroring-controller.k8s.io"
)

func endpointSliceWarnings(obj *discovery.EndpointSlice) (warnings []string) {
	switch obj.Labels[discoveryv1.LabelManagedBy] {
	case endpointSliceController, endpointSliceMirroringController:
		return nil
	}
	for i, endpoint := range obj.Endpoints {
		for j, address := range endpoint.Addresses {
			path := field.NewPath("endpoints").Index(i).Child("addresses").Index(j)
			warnings = append(warnings, utilvalidation.GetWarningsForIP(path, address)...)
		}
	}
	return warnings
}

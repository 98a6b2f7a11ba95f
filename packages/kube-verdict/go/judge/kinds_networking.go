package judge

import (
	"fmt"
	"reflect"

	apiequality "k8s.io/apimachinery/pkg/api/equality"
	utilvalidation "k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/networking"
	"k8s.io/kubernetes/pkg/apis/networking/validation"
)

// networkPolicy is pkg/registry/networking/networkpolicy/strategy.go.
var networkPolicy = hooks[*networking.NetworkPolicy]{
	prepareCreate: func(obj *networking.NetworkPolicy) { obj.Generation = 1 },
	validateCreate: func(obj *networking.NetworkPolicy) field.ErrorList {
		return validation.ValidateNetworkPolicy(obj, validation.ValidationOptionsForNetworking(obj, nil))
	},
	warnCreate: networkPolicyWarnings,
	prepareUpdate: func(obj, old *networking.NetworkPolicy) {
		if !reflect.DeepEqual(old.Spec, obj.Spec) {
			obj.Generation = old.Generation + 1
		}
	},
	validateUpdate: func(obj, old *networking.NetworkPolicy) field.ErrorList {
		opts := validation.ValidationOptionsForNetworking(obj, old)
		return append(validation.ValidateNetworkPolicy(obj, opts), validation.ValidateNetworkPolicyUpdate(obj, old, opts)...)
	},
	warnUpdate: func(obj, _ *networking.NetworkPolicy) []string { return networkPolicyWarnings(obj) },
}

func networkPolicyWarnings(obj *networking.NetworkPolicy) (warnings []string) {
	peers := func(path *field.Path, peers []networking.NetworkPolicyPeer) {
		for i, peer := range peers {
			if peer.IPBlock == nil {
				continue
			}
			block := path.Index(i).Child("ipBlock")
			warnings = append(warnings, utilvalidation.GetWarningsForCIDR(block.Child("cidr"), peer.IPBlock.CIDR)...)
			for j, except := range peer.IPBlock.Except {
				warnings = append(warnings, utilvalidation.GetWarningsForCIDR(block.Child("except").Index(j), except)...)
			}
		}
	}
	for i, rule := range obj.Spec.Ingress {
		peers(field.NewPath("spec", "ingress").Index(i).Child("from"), rule.From)
	}
	for i, rule := range obj.Spec.Egress {
		peers(field.NewPath("spec", "egress").Index(i).Child("to"), rule.To)
	}
	return warnings
}

// ingressClassAnnotation is what spec.ingressClassName replaced.
const ingressClassAnnotation = "kubernetes.io/ingress.class"

// ingress is pkg/registry/networking/ingress/strategy.go.
var ingress = hooks[*networking.Ingress]{
	prepareCreate: func(obj *networking.Ingress) {
		obj.Status = networking.IngressStatus{}
		obj.Generation = 1
	},
	validateCreate: validation.ValidateIngressCreate,
	warnCreate: func(obj *networking.Ingress) []string {
		if _, annotated := obj.Annotations[ingressClassAnnotation]; annotated && obj.Spec.IngressClassName == nil {
			return []string{fmt.Sprintf("annotation %q is deprecated, please use 'spec.ingressClassName' instead", ingressClassAnnotation)}
		}
		return nil
	},
	prepareUpdate: func(obj, old *networking.Ingress) {
		obj.Status = old.Status
		if !apiequality.Semantic.DeepEqual(old.Spec, obj.Spec) {
			obj.Generation = old.Generation + 1
		}
	},
	validateUpdate: validation.ValidateIngressUpdate,
}

// ingressClass is pkg/registry/networking/ingressclass/strategy.go.
var ingressClass = hooks[*networking.IngressClass]{
	prepareCreate:  func(obj *networking.IngressClass) { obj.Generation = 1 },
	validateCreate: validation.ValidateIngressClass,
	prepareUpdate: func(obj, old *networking.IngressClass) {
		if !apiequality.Semantic.DeepEqual(old.Spec, obj.Spec) {
			obj.Generation = old.Generation + 1
		}
	},
	validateUpdate: validation.ValidateIngressClassUpdate,
}

// serviceCIDR is pkg/registry/networking/servicecidr/strategy.go.
var serviceCIDR = hooks[*networking.ServiceCIDR]{
	validateCreate: validation.ValidateServiceCIDR,
	validateUpdate: validation.ValidateServiceCIDRUpdate,
}

// ipAddress is pkg/registry/networking/ipaddress/strategy.go.
var ipAddress = hooks[*networking.IPAddress]{
	validateCreate: validation.ValidateIPAddress,
	validateUpdate: func(obj, old *networking.IPAddress) field.ErrorList {
		return append(validation.ValidateIPAddress(obj), validation.ValidateIPAddressUpdate(obj, old)...)
	},
}

package judge

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apimachinery/pkg/util/validation/field"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	serviceapi "k8s.io/kubernetes/pkg/api/service"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/apis/core/validation"
	"k8s.io/kubernetes/pkg/features"
)

// service is pkg/registry/core/service/strategy.go, and the allocation in
// pkg/registry/core/service/storage.
var service = hooks[*core.Service]{
	beginCreate: func(obj *core.Service, on *cluster) error {
		normalizeClusterIPs(obj, nil)
		return on.allocateForCreate(obj)
	},
	beginUpdate: func(obj, old *core.Service, on *cluster) error {
		on.defaultOnRead(old)
		keepAllocated(obj, old)
		normalizeClusterIPs(obj, old)
		return on.allocateForUpdate(obj, old)
	},
	prepareCreate: func(obj *core.Service) {
		obj.Status = core.ServiceStatus{}
		dropServiceFields(obj, nil)
	},
	validateCreate: validation.ValidateServiceCreate,
	warnCreate:     func(obj *core.Service) []string { return serviceapi.GetWarningsForService(obj, nil) },
	prepareUpdate: func(obj, old *core.Service) {
		obj.Status = old.Status
		dropServiceFields(obj, old)
		dropTypeDependentFields(obj, old)
	},
	validateUpdate: validation.ValidateServiceUpdate,
	warnUpdate:     serviceapi.GetWarningsForService,
}

func dropServiceFields(obj, old *core.Service) {
	inUse := old != nil && old.Spec.TrafficDistribution != nil
	if !inUse && !utilfeature.DefaultFeatureGate.Enabled(features.ServiceTrafficDistribution) {
		obj.Spec.TrafficDistribution = nil
	}
}

func needsClusterIP(obj *core.Service) bool { return obj.Spec.Type != core.ServiceTypeExternalName }

func needsHealthCheckPort(obj *core.Service) bool {
	return obj.Spec.Type == core.ServiceTypeLoadBalancer && obj.Spec.ExternalTrafficPolicy == core.ServiceExternalTrafficPolicyLocal
}

func isHeadless(obj *core.Service) bool {
	return len(obj.Spec.ClusterIPs) > 0 && obj.Spec.ClusterIPs[0] == core.ClusterIPNone
}

func nodePorts(obj *core.Service) sets.Set[int32] {
	ports := sets.New[int32]()
	for _, port := range obj.Spec.Ports {
		if port.NodePort != 0 {
			ports.Insert(port.NodePort)
		}
	}
	return ports
}

func equal[T comparable](a, b *T) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// dropTypeDependentFields clears what the old type needed and the new one does
// not, unless the author changed it too: then validation refuses it.
func dropTypeDependentFields(obj, old *core.Service) {
	if needsClusterIP(old) && !needsClusterIP(obj) {
		if old.Spec.ClusterIP == obj.Spec.ClusterIP && slices.Equal(old.Spec.ClusterIPs, obj.Spec.ClusterIPs) {
			obj.Spec.ClusterIP = ""
			obj.Spec.ClusterIPs = nil
		}
		// As reflect.DeepEqual has it, nil and empty differ.
		if (old.Spec.IPFamilies == nil) == (obj.Spec.IPFamilies == nil) && slices.Equal(old.Spec.IPFamilies, obj.Spec.IPFamilies) {
			obj.Spec.IPFamilies = nil
		}
		if familyPolicy(old) == familyPolicy(obj) {
			obj.Spec.IPFamilyPolicy = nil
		}
	}
	hadNodePorts := old.Spec.Type == core.ServiceTypeNodePort || old.Spec.Type == core.ServiceTypeLoadBalancer
	hasNodePorts := obj.Spec.Type == core.ServiceTypeNodePort || obj.Spec.Type == core.ServiceTypeLoadBalancer
	if hadNodePorts && !hasNodePorts && nodePorts(old).IsSuperset(nodePorts(obj)) {
		for i := range obj.Spec.Ports {
			obj.Spec.Ports[i].NodePort = 0
		}
	}
	if needsHealthCheckPort(old) && !needsHealthCheckPort(obj) && old.Spec.HealthCheckNodePort == obj.Spec.HealthCheckNodePort {
		obj.Spec.HealthCheckNodePort = 0
	}
	if old.Spec.Type == core.ServiceTypeLoadBalancer && obj.Spec.Type != core.ServiceTypeLoadBalancer {
		if obj.Spec.AllocateLoadBalancerNodePorts != nil && equal(old.Spec.AllocateLoadBalancerNodePorts, obj.Spec.AllocateLoadBalancerNodePorts) {
			obj.Spec.AllocateLoadBalancerNodePorts = nil
		}
		if equal(old.Spec.LoadBalancerClass, obj.Spec.LoadBalancerClass) {
			obj.Spec.LoadBalancerClass = nil
		}
	}
	if serviceapi.ExternallyAccessible(old) && !serviceapi.ExternallyAccessible(obj) && old.Spec.ExternalTrafficPolicy == obj.Spec.ExternalTrafficPolicy {
		obj.Spec.ExternalTrafficPolicy = ""
	}
	if obj.Spec.Type != core.ServiceTypeLoadBalancer {
		obj.Status.LoadBalancer = core.LoadBalancerStatus{}
	}
}

// normalizeClusterIPs keeps clusterIP and clusterIPs in step, as older clients
// that know clusterIP alone expect.
func normalizeClusterIPs(obj, old *core.Service) {
	spec := &obj.Spec
	if old == nil {
		if spec.ClusterIP != "" && len(spec.ClusterIPs) == 0 {
			spec.ClusterIPs = []string{spec.ClusterIP}
		}
		return
	}
	if len(old.Spec.ClusterIPs) > 0 && len(spec.ClusterIPs) == 0 && old.Spec.ClusterIP == spec.ClusterIP {
		spec.ClusterIPs = old.Spec.ClusterIPs
	}
	if old.Spec.ClusterIP == spec.ClusterIP || !slices.Equal(old.Spec.ClusterIPs, spec.ClusterIPs) {
		return
	}
	if old.Spec.ClusterIP != "" && spec.ClusterIP == "" {
		spec.ClusterIPs = nil
	} else {
		spec.ClusterIPs = []string{spec.ClusterIP}
	}
}

// keepAllocated carries over what was allocated, so that applying the same
// manifest again is no change (patchAllocatedValues).
func keepAllocated(obj, old *core.Service) {
	if needsClusterIP(old) && needsClusterIP(obj) {
		if obj.Spec.ClusterIP == "" {
			obj.Spec.ClusterIP = old.Spec.ClusterIP
		}
		if len(obj.Spec.ClusterIPs) == 0 && len(old.Spec.ClusterIPs) > 0 {
			obj.Spec.ClusterIPs = old.Spec.ClusterIPs
		}
	}
	if allocatesNodePorts(old) && allocatesNodePorts(obj) {
		used := nodePorts(old).Intersection(nodePorts(obj))
		byName := map[string]int32{}
		for _, port := range old.Spec.Ports {
			byName[port.Name] = port.NodePort
		}
		for i := range obj.Spec.Ports {
			port := &obj.Spec.Ports[i]
			if before := byName[port.Name]; port.NodePort == 0 && !used.Has(before) {
				port.NodePort = before
			}
		}
	}
	if needsHealthCheckPort(old) && needsHealthCheckPort(obj) && obj.Spec.HealthCheckNodePort == 0 {
		obj.Spec.HealthCheckNodePort = old.Spec.HealthCheckNodePort
	}
}

func allocatesNodePorts(obj *core.Service) bool {
	switch obj.Spec.Type {
	case core.ServiceTypeNodePort:
		return true
	case core.ServiceTypeLoadBalancer:
		return obj.Spec.AllocateLoadBalancerNodePorts == nil || *obj.Spec.AllocateLoadBalancerNodePorts
	}
	return false
}

// defaultOnRead is what the storage does to a Service that it reads.
func (c *cluster) defaultOnRead(obj *core.Service) {
	normalizeClusterIPs(obj, nil)
	if !needsClusterIP(obj) {
		obj.Spec.InternalTrafficPolicy = nil
		return
	}
	if len(obj.Spec.IPFamilies) > 0 {
		return
	}
	single, dual := core.IPFamilyPolicySingleStack, core.IPFamilyPolicyRequireDualStack
	switch {
	case obj.Spec.ClusterIP == core.ClusterIPNone && len(obj.Spec.Selector) == 0:
		obj.Spec.IPFamilyPolicy = &dual
		obj.Spec.IPFamilies = []core.IPFamily{c.primary(), core.IPv6Protocol}
	case obj.Spec.ClusterIP == core.ClusterIPNone:
		obj.Spec.IPFamilyPolicy = &single
		obj.Spec.IPFamilies = []core.IPFamily{c.primary()}
	default:
		obj.Spec.IPFamilies = make([]core.IPFamily, len(obj.Spec.ClusterIPs))
		for i, ip := range obj.Spec.ClusterIPs {
			obj.Spec.IPFamilies[i] = familyOfAddress(ip)
		}
		switch len(obj.Spec.IPFamilies) {
		case 1:
			obj.Spec.IPFamilyPolicy = &single
		case 2:
			obj.Spec.IPFamilyPolicy = &dual
		}
	}
}

func familyPolicy(obj *core.Service) core.IPFamilyPolicy {
	if obj.Spec.IPFamilyPolicy == nil {
		return ""
	}
	return *obj.Spec.IPFamilyPolicy
}

func notConfigured(path *field.Path, value any, family core.IPFamily) *field.Error {
	if family == "" {
		return field.Invalid(path, value, "not configured on this cluster")
	}
	return field.Invalid(path, value, fmt.Sprintf("%s is not configured on this cluster", family))
}

package judge

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apimachinery/pkg/util/validation/field"
	serviceapi "k8s.io/kubernetes/pkg/api/service"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/apis/core/validation"
	netutils "k8s.io/utils/net"
)

// nodePortMin and nodePortMax are the default of --service-node-port-range.
const nodePortMin, nodePortMax = 30000, 32767

func familyOfAddress(ip string) core.IPFamily {
	if netutils.IsIPv6String(ip) {
		return core.IPv6Protocol
	}
	return core.IPv4Protocol
}

func (c *cluster) allocateForCreate(obj *core.Service) error {
	if err := c.initIPFamilies(obj, nil); err != nil {
		return err
	}
	if err := c.allocateIPs(obj); err != nil {
		return err
	}
	ports := newPortAllocation(obj, nil)
	if hasNodePortType(obj) {
		if err := ports.initNodePorts(obj); err != nil {
			return err
		}
	}
	if serviceapi.NeedsHealthCheck(obj) {
		return ports.allocateHealthCheck(obj)
	}
	return nil
}

func (c *cluster) allocateForUpdate(obj, old *core.Service) error {
	if err := c.initIPFamilies(obj, old); err != nil {
		return err
	}
	if err := c.updateIPs(obj, old); err != nil {
		return err
	}
	ports := newPortAllocation(obj, old)
	if hasNodePortType(obj) {
		if err := ports.updateNodePorts(obj, old); err != nil {
			return err
		}
	}
	if !serviceapi.NeedsHealthCheck(old) && serviceapi.NeedsHealthCheck(obj) {
		return ports.allocateHealthCheck(obj)
	}
	return nil
}

func hasNodePortType(obj *core.Service) bool {
	return obj.Spec.Type == core.ServiceTypeNodePort || obj.Spec.Type == core.ServiceTypeLoadBalancer
}

// initIPFamilies is initIPFamilyFields of the storage's allocator.
func (c *cluster) initIPFamilies(obj, old *core.Service) error {
	if obj.Spec.Type == core.ServiceTypeExternalName || keepsPreferDualStack(obj, old) {
		return nil
	}
	spec := &obj.Spec
	selectorless := spec.ClusterIP == core.ClusterIPNone && len(spec.Selector) == 0
	if spec.IPFamilyPolicy == nil {
		policy := core.IPFamilyPolicySingleStack
		if selectorless {
			policy = core.IPFamilyPolicyRequireDualStack
		}
		if old != nil && old.Spec.IPFamilyPolicy != nil {
			policy = *old.Spec.IPFamilyPolicy
		}
		spec.IPFamilyPolicy = &policy
	}
	if err := invalidIf(validation.ValidateServiceClusterIPsRelatedFields(obj, old)); err != nil {
		return err
	}
	errs := reduceFamilies(obj, old)
	errs = append(errs, c.inferFamilies(obj)...)
	if err := invalidIf(errs); err != nil {
		return err
	}
	if selectorless {
		if len(spec.IPFamilies) == 0 {
			spec.IPFamilies = []core.IPFamily{c.primary()}
		}
		if len(spec.IPFamilies) < 2 && *spec.IPFamilyPolicy != core.IPFamilyPolicySingleStack {
			spec.IPFamilies = append(spec.IPFamilies, otherFamily(spec.IPFamilies[0]))
		}
		return nil
	}
	if *spec.IPFamilyPolicy == core.IPFamilyPolicyRequireDualStack && !c.isDualStack() {
		errs = append(errs, field.Invalid(field.NewPath("spec", "ipFamilyPolicy"), spec.IPFamilyPolicy, "this cluster is not configured for dual-stack services"))
	}
	for i, family := range spec.IPFamilies {
		if !c.has(family) {
			errs = append(errs, notConfigured(field.NewPath("spec", "ipFamilies").Index(i), family, ""))
		}
	}
	if err := invalidIf(errs); err != nil {
		return err
	}
	if len(spec.IPFamilies) == 0 {
		spec.IPFamilies = []core.IPFamily{c.primary()}
	}
	if *spec.IPFamilyPolicy != core.IPFamilyPolicySingleStack && len(spec.IPFamilies) == 1 && c.isDualStack() {
		spec.IPFamilies = append(spec.IPFamilies, otherFamily(spec.IPFamilies[0]))
	}
	return nil
}

func otherFamily(family core.IPFamily) core.IPFamily {
	if family == core.IPv6Protocol {
		return core.IPv4Protocol
	}
	return core.IPv6Protocol
}

// reduceFamilies drops the second family and address when the policy turns to
// single stack, and refuses to drop them under any other policy.
func reduceFamilies(obj, old *core.Service) (errs field.ErrorList) {
	spec := &obj.Spec
	policyPath := field.NewPath("spec", "ipFamilyPolicy")
	single := *spec.IPFamilyPolicy == core.IPFamilyPolicySingleStack
	if old != nil {
		if single {
			if slices.Equal(old.Spec.ClusterIPs, spec.ClusterIPs) && len(spec.ClusterIPs) > 1 {
				spec.ClusterIPs = spec.ClusterIPs[:1]
			}
			if slices.Equal(old.Spec.IPFamilies, spec.IPFamilies) && len(spec.IPFamilies) > 1 {
				spec.IPFamilies = spec.IPFamilies[:1]
			}
		} else {
			if len(spec.ClusterIPs) != 0 && len(spec.ClusterIPs) < len(old.Spec.ClusterIPs) {
				errs = append(errs, field.Invalid(policyPath, spec.IPFamilyPolicy, "must be 'SingleStack' to release the secondary cluster IP"))
			}
			if len(spec.IPFamilies) != 0 && len(spec.IPFamilies) < len(old.Spec.IPFamilies) {
				errs = append(errs, field.Invalid(policyPath, spec.IPFamilyPolicy, "must be 'SingleStack' to release the secondary IP family"))
			}
		}
	}
	if single {
		if len(spec.ClusterIPs) == 2 {
			errs = append(errs, field.Invalid(policyPath, spec.IPFamilyPolicy, "must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified"))
		}
		if len(spec.IPFamilies) == 2 {
			errs = append(errs, field.Invalid(policyPath, spec.IPFamilyPolicy, "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified"))
		}
	}
	return errs
}

func (c *cluster) inferFamilies(obj *core.Service) (errs field.ErrorList) {
	spec := &obj.Spec
	for i, ip := range spec.ClusterIPs {
		if ip == core.ClusterIPNone {
			break
		}
		if i < len(spec.IPFamilies) {
			continue
		}
		if family := familyOfAddress(ip); c.has(family) {
			spec.IPFamilies = append(spec.IPFamilies, family)
		} else {
			errs = append(errs, notConfigured(field.NewPath("spec", "clusterIPs").Index(i), spec.ClusterIPs, family))
		}
	}
	return errs
}

// keepsPreferDualStack says that nothing about addresses changes
// (isMatchingPreferDualStackClusterIPFields).
func keepsPreferDualStack(obj, old *core.Service) bool {
	return old != nil && obj.Spec.IPFamilyPolicy != nil && old.Spec.Type == obj.Spec.Type &&
		(obj.Spec.Type == core.ServiceTypeClusterIP || hasNodePortType(obj)) &&
		*obj.Spec.IPFamilyPolicy == core.IPFamilyPolicyPreferDualStack &&
		(old.Spec.IPFamilyPolicy == nil || *old.Spec.IPFamilyPolicy == core.IPFamilyPolicyPreferDualStack) &&
		slices.Equal(old.Spec.ClusterIPs, obj.Spec.ClusterIPs) && slices.Equal(old.Spec.IPFamilies, obj.Spec.IPFamilies)
}

// allocateIPs gives each family of the Service an address.
func (c *cluster) allocateIPs(obj *core.Service) error {
	if !needsClusterIP(obj) || isHeadless(obj) {
		return nil
	}
	spec := &obj.Spec
	for i := range spec.IPFamilies {
		if i >= len(spec.ClusterIPs) {
			spec.ClusterIPs = append(spec.ClusterIPs, "")
		}
		if spec.ClusterIPs[i] == "" {
			spec.ClusterIPs[i] = c.firstFree(spec.IPFamilies[i])
		} else if !c.mayHave(spec.ClusterIPs[i]) {
			reason := fmt.Sprintf("failed to allocate IP %s: the provided network does not match the current range", spec.ClusterIPs[i])
			return &invalid{field.ErrorList{field.Invalid(field.NewPath("spec", "clusterIPs"), spec.ClusterIPs, reason)}}
		}
	}
	if len(spec.ClusterIPs) > 0 {
		spec.ClusterIP = spec.ClusterIPs[0]
	}
	return nil
}

func (c *cluster) updateIPs(obj, old *core.Service) error {
	if keepsPreferDualStack(obj, old) {
		return nil
	}
	if old.Spec.Type == core.ServiceTypeExternalName && obj.Spec.Type != core.ServiceTypeExternalName {
		return c.allocateIPs(obj)
	}
	if isHeadless(old) || obj.Spec.Type == core.ServiceTypeExternalName {
		return nil
	}
	if len(old.Spec.IPFamilies) == 1 && len(obj.Spec.IPFamilies) == 2 && len(obj.Spec.ClusterIPs) < 2 {
		return c.allocateIPs(obj)
	}
	return nil
}

// portAllocation hands out node ports for one Service.
type portAllocation struct {
	next  int32
	taken map[int32]bool
	// requested ports are not handed out: the real allocator draws at random,
	// so that it would hit one of them once in thousands of times.
	requested sets.Set[int32]
}

func newPortAllocation(obj, old *core.Service) *portAllocation {
	p := &portAllocation{next: nodePortMin, taken: map[int32]bool{}, requested: nodePorts(obj).Insert(obj.Spec.HealthCheckNodePort)}
	if old != nil {
		for port := range nodePorts(old) {
			p.taken[port] = true
		}
	}
	return p
}

// allocate takes a port that was asked for.
func (p *portAllocation) allocate(port int32) error {
	if port < nodePortMin || port > nodePortMax {
		return fmt.Errorf("provided port is not in the valid range. The range of valid ports is %d-%d", nodePortMin, nodePortMax)
	}
	if p.taken[port] {
		return fmt.Errorf("provided port is already allocated")
	}
	p.taken[port] = true
	return nil
}

func (p *portAllocation) allocateNext() int32 {
	for p.taken[p.next] || p.requested.Has(p.next) {
		p.next++
	}
	p.taken[p.next] = true
	return p.next
}

func (p *portAllocation) initNodePorts(obj *core.Service) error {
	byPort := map[int32]int32{}
	for i := range obj.Spec.Ports {
		port := &obj.Spec.Ports[i]
		if port.NodePort == 0 && !allocatesNodePorts(obj) {
			continue
		}
		before := byPort[port.Port]
		switch {
		case before == 0:
			requested := requestedNodePort(port.Port, obj.Spec.Ports)
			if requested == 0 {
				requested = p.allocateNext()
			} else if err := p.allocate(requested); err != nil {
				return invalidNodePort(i, requested, err)
			}
			port.NodePort, byPort[port.Port] = requested, requested
		case port.NodePort == 0:
			port.NodePort = before
		case port.NodePort != before:
			if err := p.allocate(port.NodePort); err != nil {
				return invalidNodePort(i, port.NodePort, err)
			}
		}
	}
	return nil
}

// requestedNodePort is the node port asked for by any of the entries for port.
func requestedNodePort(port int32, ports []core.ServicePort) int32 {
	for _, p := range ports {
		if p.Port == port && p.NodePort != 0 {
			return p.NodePort
		}
	}
	return 0
}

func (p *portAllocation) updateNodePorts(obj, old *core.Service) error {
	type nodePort struct {
		protocol core.Protocol
		port     int32
	}
	before, allocated, seen := nodePorts(old), map[int32]bool{}, map[nodePort]bool{}
	for i := range obj.Spec.Ports {
		port := &obj.Spec.Ports[i]
		if port.NodePort == 0 {
			if !allocatesNodePorts(obj) {
				continue
			}
			port.NodePort = p.allocateNext()
		} else if !before.Has(port.NodePort) && !allocated[port.NodePort] {
			if err := p.allocate(port.NodePort); err != nil {
				return invalidNodePort(i, port.NodePort, err)
			}
			allocated[port.NodePort] = true
		}
		key := nodePort{port.Protocol, port.NodePort}
		if seen[key] {
			return badRequest(field.NewPath("spec", "ports").Index(i).Child("nodePort").String(), "duplicate nodePort: {%s %d}", key.protocol, key.port)
		}
		seen[key] = true
	}
	return nil
}

func invalidNodePort(i int, port int32, err error) error {
	return &invalid{field.ErrorList{field.Invalid(field.NewPath("spec", "ports").Index(i).Child("nodePort"), port, err.Error())}}
}

func (p *portAllocation) allocateHealthCheck(obj *core.Service) error {
	if port := obj.Spec.HealthCheckNodePort; port == 0 {
		obj.Spec.HealthCheckNodePort = p.allocateNext()
	} else if err := p.allocate(port); err != nil {
		return &refusal{FieldError{Field: "spec.healthCheckNodePort", Type: "InternalError",
			Message: fmt.Sprintf("failed to allocate requested HealthCheck NodePort %d: %v", port, err)}}
	}
	return nil
}

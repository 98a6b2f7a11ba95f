package judge

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/kubernetes/pkg/apis/core"
)

// cluster is what an object is judged by that a manifest does not say.
type cluster struct {
	// namespace is where namespaced objects without a namespace are.
	namespace string
	// families are those of Services, the primary one first.
	families []core.IPFamily
	// ranges are those that were given; without any, no address is out of range.
	ranges []netip.Prefix
}

// The defaults of kube-apiserver, and for the second family what clusters use.
const (
	defaultServiceRange = "10.0.0.0/24"
	otherServiceRange   = "fd00:10:96::/112"
)

var defaultRanges = []netip.Prefix{netip.MustParsePrefix(defaultServiceRange), netip.MustParsePrefix(otherServiceRange)}

// clusterOf reads the options of a request.
func (r *Request) clusterOf() (*cluster, error) {
	c := &cluster{namespace: r.Namespace}
	if c.namespace == "" {
		c.namespace = metav1.NamespaceDefault
	}
	for _, name := range r.IPFamilies {
		family := core.IPFamily(name)
		if family != core.IPv4Protocol && family != core.IPv6Protocol || slices.Contains(c.families, family) {
			return nil, fmt.Errorf("ipFamilies is %q, must be IPv4, IPv6 or both in the order of the cluster", strings.Join(r.IPFamilies, ","))
		}
		c.families = append(c.families, family)
	}
	var given []core.IPFamily
	for _, text := range strings.Split(r.ServiceCIDR, ",") {
		if text == "" {
			continue
		}
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("serviceCidr is %q, must be a range such as %s, or one of each family with a comma between: %v", r.ServiceCIDR, defaultServiceRange, err)
		}
		family := familyOfRange(prefix)
		if slices.Contains(given, family) {
			return nil, fmt.Errorf("serviceCidr is %q, must be one range of each family", r.ServiceCIDR)
		}
		given = append(given, family)
		c.ranges = append(c.ranges, prefix.Masked())
	}
	switch {
	case len(c.families) > 0 && len(given) > 0 && !slices.Equal(c.families, given):
		return nil, fmt.Errorf("serviceCidr is %q, must be a range of each family of ipFamilies, in their order", r.ServiceCIDR)
	case len(c.families) == 0 && len(given) > 0:
		c.families = given
	case len(c.families) == 0:
		c.families = []core.IPFamily{core.IPv4Protocol}
	}
	return c, nil
}

func familyOfRange(prefix netip.Prefix) core.IPFamily {
	if prefix.Addr().Is6() {
		return core.IPv6Protocol
	}
	return core.IPv4Protocol
}

// firstFree is the address of a family that a Service is taken to get, empty of
// what is no family. It is the tenth of the range: the first are those of the API
// server and of the cluster's own Services.
func (c *cluster) firstFree(family core.IPFamily) string {
	for _, prefix := range slices.Concat(c.ranges, defaultRanges) {
		if familyOfRange(prefix) != family {
			continue
		}
		at := prefix.Addr()
		for range 10 {
			if next := at.Next(); prefix.Contains(next) {
				at = next
			}
		}
		return at.String()
	}
	return ""
}

// mayHave says whether an address that a Service asks for can be its: those of
// the network itself and, in IPv4, of broadcasts cannot (PrefixContainsIP of
// pkg/api/servicecidr).
func (c *cluster) mayHave(ip string) bool {
	address, err := netip.ParseAddr(ip)
	return err != nil || len(c.ranges) == 0 || slices.ContainsFunc(c.ranges, func(r netip.Prefix) bool {
		isLast := !r.Contains(address.Next())
		return r.Contains(address) && address != r.Addr() && !(address.Is4() && isLast)
	})
}

func (c *cluster) primary() core.IPFamily { return c.families[0] }

func (c *cluster) has(family core.IPFamily) bool { return slices.Contains(c.families, family) }

func (c *cluster) isDualStack() bool { return len(c.families) == 2 }

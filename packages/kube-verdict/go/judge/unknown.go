package judge

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/version"

	"kube-verdict/go/internal/served"
)

// formerGroups are those of Kubernetes' own that no version serves any more.
var formerGroups = []string{"extensions", "auditregistration.k8s.io", "settings.k8s.io"}

// unknownKind tells a kind that no API server has from one that is not judged.
func unknownKind(gvk schema.GroupVersionKind) error {
	isOwn := !canBeDefined(gvk.GroupVersion()) || slices.Contains(formerGroups, gvk.Group)
	var switchable bool
	for _, k := range served.Kinds {
		isOwn = isOwn || k.Group == gvk.Group
		if k.Group != gvk.Group || k.Version != gvk.Version || k.Kind != gvk.Kind && k.Kind+"List" != gvk.Kind {
			continue
		}
		if k.ByDefault {
			return unjudgedKind(gvk)
		}
		switchable = true
	}
	if !isOwn {
		return &unjudged{fmt.Sprintf("%s %s is not a kind that is judged; a custom resource is judged by its own definition, in the cluster", gvk.GroupVersion(), gvk.Kind)}
	}
	message := fmt.Sprintf("no matches for kind %q in version %q", gvk.Kind, gvk.GroupVersion())
	switch instead := insteadOf(gvk); {
	case instead != "":
		message += "; " + instead
	case switchable:
		message += fmt.Sprintf("; it is served with --runtime-config=%s=true alone", gvk.GroupVersion())
	}
	return badRequest("kind", "%s", message)
}

// canBeDefined says whether a custom resource, or the API of another server, can
// have the version (ValidateCustomResourceDefinition, ValidateAPIService). What
// has none is Kubernetes' own, or nobody's.
func canBeDefined(gv schema.GroupVersion) bool {
	return strings.Contains(gv.Group, ".") && len(validation.IsDNS1123Subdomain(gv.Group)) == 0 && len(validation.IsDNS1035Label(gv.Version)) == 0
}

// insteadOf says what is served and was probably meant, or nothing.
func insteadOf(gvk schema.GroupVersionKind) string {
	if gvk.Group == "policy" && gvk.Kind == "PodSecurityPolicy" {
		return "it was removed in v1.25: label Namespaces with pod-security.kubernetes.io/enforce"
	}
	var same, inGroup []served.Kind
	var switchable string
	for _, k := range served.Kinds {
		isSame := strings.EqualFold(k.Kind, gvk.Kind)
		switch {
		case !k.ByDefault && isSame && k.Group == gvk.Group && k.Version != gvk.Version:
			switchable = fmt.Sprintf("kind %s of %s is served with --runtime-config=%[2]s=true alone", k.Kind, k.APIVersion())
		case !k.ByDefault:
		case isSame:
			same = append(same, k)
		case k.Group == gvk.Group:
			inGroup = append(inGroup, k)
		}
	}
	if len(same) > 0 {
		return "use " + described(nearestVersion(same, gvk.GroupVersion()))
	}
	if switchable != "" {
		return switchable
	}
	if len(inGroup) > 0 {
		far := func(k served.Kind) int { return distance(k.Kind, gvk.Kind) }
		closest := slices.MinFunc(inGroup, func(a, b served.Kind) int { return far(a) - far(b) })
		if far(closest) <= max(len(gvk.Kind)/3, 2) || strings.HasPrefix(closest.Kind, gvk.Kind) {
			return "use " + described(closest)
		}
		return ""
	}
	if slices.Contains(formerGroups, gvk.Group) {
		return "the group is not served any more"
	}
	if lower := strings.ToLower(gvk.GroupVersion().String()); strings.Contains(gvk.Group, ".") {
		if gv, err := schema.ParseGroupVersion(lower); err == nil && canBeDefined(gv) {
			return fmt.Sprintf("groups and versions are in lower case: use %s", lower)
		}
		return "a group is a DNS subdomain, and a version a DNS label, such as example.com/v1"
	}
	closest := slices.MinFunc(served.Kinds, func(a, b served.Kind) int {
		return distance(a.Group, gvk.Group) - distance(b.Group, gvk.Group)
	})
	return fmt.Sprintf("there is no group %q in Kubernetes, the nearest is %q, and those of custom resources have a dot", gvk.Group, closest.Group)
}

// nearestVersion is the version of a kind that was probably meant: of the nearest
// group the same version, or else the newest.
func nearestVersion(kinds []served.Kind, meant schema.GroupVersion) served.Kind {
	far := func(k served.Kind) int { return distance(k.APIVersion(), meant.String()) }
	group := slices.MinFunc(kinds, func(a, b served.Kind) int { return far(a) - far(b) }).Group
	return slices.MaxFunc(kinds, func(a, b served.Kind) int {
		return cmp.Or(
			compareBool(a.Group == group, b.Group == group),
			compareBool(a.Version == meant.Version, b.Version == meant.Version),
			version.CompareKubeAwareVersionStrings(a.Version, b.Version),
		)
	})
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func described(k served.Kind) string { return fmt.Sprintf("kind %s of %s", k.Kind, k.APIVersion()) }

// distance is how many letters are to be added, taken away or replaced
// (Levenshtein), whatever their case.
func distance(a, b string) int {
	a, b = strings.ToLower(a), strings.ToLower(b)
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := before
			if a[i] != b[j] {
				replaced++
			}
			before = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

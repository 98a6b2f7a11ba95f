package judge

import (
	"fmt"
	"slices"
	"strings"

	apiequality "k8s.io/apimachinery/pkg/api/equality"
	genericvalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/api/validation/path"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apiserver/pkg/endpoints/deprecation"
)

// What the server generates is fixed here, so that answers are reproducible.
const (
	liveUID         = "00000000-0000-4000-8000-000000000001"
	liveVersion     = "4611686018427387904"
	generatedSuffix = "abcde"
	// maxGeneratedBase is maxGeneratedNameLength of k8s.io/apiserver/pkg/storage/names.
	maxGeneratedBase = 63 - len(generatedSuffix)
)

var created = metav1.Unix(1700000000, 0)

// call is one call of the API, with what it warns of on the way.
type call struct {
	podSecurity string
	cluster     *cluster
	warnings    []string
	// isMute says that nobody hears its warnings.
	isMute bool
	// attempted is the object that an update would have stored.
	attempted object
	// contents are what contentOf has made.
	contents map[view]map[string]any
}

// again is another call of the same API, of which only the object counts.
func (c *call) again() *call { return &call{cluster: c.cluster, isMute: true} }

func (c *call) warn(warnings func() []string) {
	if !c.isMute {
		c.warnings = append(c.warnings, warnings()...)
	}
}

// create decodes a manifest and takes it through what a POST does.
func (c *call) create(data []byte) (object, *Kind, error) {
	obj, gvk, kind, err := decode(data)
	if err != nil {
		return nil, nil, err
	}
	c.deprecated(gvk)
	return obj, kind, c.admitCreate(obj, kind)
}

// admitCreate is, in this order: the create handler's metadata work, mutating
// admission, Store.Create and rest.BeforeCreate (k8s.io/apiserver/pkg/registry).
func (c *call) admitCreate(obj object, kind *Kind) error {
	c.setNamespace(obj, kind)
	obj.SetDeletionTimestamp(nil)
	obj.SetDeletionGracePeriodSeconds(nil)
	obj.SetSelfLink("")
	obj.SetResourceVersion("")
	c.dropRepeatedOwners(obj, repeatedOwners)
	if err := admissionOnCreate(obj); err != nil {
		return err
	}
	obj.SetCreationTimestamp(created)
	obj.SetUID(liveUID)
	if base := obj.GetGenerateName(); base != "" && obj.GetName() == "" {
		obj.SetName(kind.nameOf(base))
	}
	if err := kind.Strategy.BeginCreate(obj, c.cluster); err != nil {
		return err
	}
	c.warn(func() []string { return kind.Strategy.WarningsBeforeCreate(obj) })
	kind.Strategy.PrepareForCreate(obj)
	if err := invalidIf(kind.Strategy.Validate(obj)); err != nil {
		return err
	}
	if err := invalidIf(genericvalidation.ValidateObjectMetaAccessor(obj, !kind.ClusterScoped, path.ValidatePathSegmentName, field.NewPath("metadata"))); err != nil {
		return err
	}
	c.warn(func() []string { return kind.Strategy.WarningsOnCreate(obj) })
	kind.Strategy.Canonicalize(obj)
	if err := validatingAdmission(obj, nil); err != nil {
		return err
	}
	obj.SetResourceVersion(liveVersion)
	return nil
}

// The warnings of k8s.io/apiserver/pkg/endpoints/handlers/rest.go. A PATCH is
// looked at after mutating admission alone.
const (
	repeatedOwners        = ".metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: %v"
	repeatedOwnersInPatch = ".metadata.ownerReferences contains duplicate entries after mutating admission happens; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: %v"
)

func (c *call) dropRepeatedOwners(obj object, format string) {
	var owners []metav1.OwnerReference
	var repeated []string
	for _, owner := range obj.GetOwnerReferences() {
		if slices.ContainsFunc(owners, func(o metav1.OwnerReference) bool { return apiequality.Semantic.DeepEqual(o, owner) }) {
			repeated = append(repeated, string(owner.UID))
		} else {
			owners = append(owners, owner)
		}
	}
	if len(repeated) > 0 {
		obj.SetOwnerReferences(owners)
		c.warnings = append(c.warnings, fmt.Sprintf(format, strings.Join(repeated, ", ")))
	}
}

func (k *Kind) nameOf(base string) string {
	if k.generatedName != nil {
		return k.generatedName(base)
	}
	return base[:min(len(base), maxGeneratedBase)] + generatedSuffix
}

func (c *call) setNamespace(obj object, kind *Kind) {
	if kind.ClusterScoped {
		obj.SetNamespace("")
	} else if obj.GetNamespace() == "" {
		obj.SetNamespace(c.cluster.namespace)
	}
}

// deprecated warns of kinds that the API server marks as deprecated.
func (c *call) deprecated(gvk schema.GroupVersionKind) {
	c.warn(func() []string {
		versioned, err := scheme.New(gvk)
		if err != nil {
			return nil
		}
		versioned.GetObjectKind().SetGroupVersionKind(gvk)
		if text := deprecation.WarningMessage(versioned); text != "" {
			return []string{text}
		}
		return nil
	})
}

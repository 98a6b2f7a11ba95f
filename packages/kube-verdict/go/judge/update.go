package judge

import (
	genericvalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/api/validation/path"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// admitUpdate is, in this order: mutating admission, Store.Update and
// rest.BeforeUpdate (k8s.io/apiserver/pkg/registry).
func (c *call) admitUpdate(obj, live object, kind *Kind) error {
	c.setNamespace(obj, kind)
	if obj.GetName() != live.GetName() {
		return badRequest("metadata.name", "the name of the object (%s) does not match the name on the URL (%s)", obj.GetName(), live.GetName())
	}
	if obj.GetNamespace() != live.GetNamespace() {
		return badRequest("metadata.namespace", "the namespace of the provided object does not match the namespace sent on the request")
	}
	admissionOnUpdate(obj, live)
	c.dropRepeatedOwners(obj, repeatedOwnersInPatch)
	if err := sameVersion(obj, live, kind); err != nil {
		return err
	}
	// The strategies may rewrite the old object too (a claim's data sources).
	old := live.DeepCopyObject().(object)
	if err := kind.Strategy.BeginUpdate(obj, old, c.cluster); err != nil {
		return err
	}
	obj.SetGeneration(old.GetGeneration())
	kind.Strategy.PrepareForUpdate(obj, old)
	if obj.GetUID() == "" {
		obj.SetUID(old.GetUID())
	}
	if old := old.GetCreationTimestamp(); !old.IsZero() {
		obj.SetCreationTimestamp(old)
	}
	if old := old.GetDeletionTimestamp(); !old.IsZero() {
		obj.SetDeletionTimestamp(old)
	}
	if old := old.GetDeletionGracePeriodSeconds(); old != nil && obj.GetDeletionGracePeriodSeconds() == nil {
		obj.SetDeletionGracePeriodSeconds(old)
	}
	c.attempted = obj
	metadata := field.NewPath("metadata")
	errs := genericvalidation.ValidateObjectMetaAccessor(obj, !kind.ClusterScoped, path.ValidatePathSegmentName, metadata)
	errs = append(errs, genericvalidation.ValidateObjectMetaAccessorUpdate(obj, old, metadata)...)
	errs = append(errs, kind.Strategy.ValidateUpdate(obj, old)...)
	if err := invalidIf(errs); err != nil {
		return err
	}
	c.warn(func() []string { return kind.Strategy.WarningsOnUpdate(obj, old) })
	kind.Strategy.Canonicalize(obj)
	return validatingAdmission(obj, old)
}

// sameVersion holds an update to the version that its author left in the
// manifest. One that was left in the manifest before, and is not any more, is
// taken away: then most kinds take any version.
func sameVersion(obj, live object, kind *Kind) error {
	version := obj.GetResourceVersion()
	if version != "" && version != live.GetResourceVersion() {
		return conflict("metadata.resourceVersion", "the object has been modified; please apply your changes to the latest version and try again")
	}
	if version == "" && !kind.Strategy.AllowUnconditionalUpdate() {
		return invalidIf(field.ErrorList{field.Invalid(field.NewPath("metadata", "resourceVersion"), 0, "must be specified for an update")})
	}
	obj.SetResourceVersion(live.GetResourceVersion())
	return nil
}

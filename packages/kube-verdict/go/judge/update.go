package judge

import (
	genericvalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/api/validation/path"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/core"
)

// applied is the outcome of an apply that is not refused.
type applied struct {
	obj, live object
	gvk       schema.GroupVersionKind
	kind      *Kind
}

// admitUpdate is, in this order: mutating admission, Store.Update and
// rest.BeforeUpdate (k8s.io/apiserver/pkg/registry).
func (c *call) admitUpdate(obj, live object, kind *Kind) error {
	setNamespace(obj, kind)
	if obj.GetName() != live.GetName() {
		return badRequest("metadata.name", "the name of the object (%s) does not match the name on the URL (%s)", obj.GetName(), live.GetName())
	}
	if obj.GetNamespace() != live.GetNamespace() {
		return badRequest("metadata.namespace", "the namespace of the provided object does not match the namespace sent on the request")
	}
	admissionOnUpdate(obj, live)
	c.dropRepeatedOwners(obj, repeatedOwnersInPatch)
	// The strategies may rewrite the old object too (a claim's data sources).
	old := live.DeepCopyObject().(object)
	if err := kind.Strategy.BeginUpdate(obj, old); err != nil {
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
	metadata := field.NewPath("metadata")
	errs := genericvalidation.ValidateObjectMetaAccessor(obj, !kind.ClusterScoped, path.ValidatePathSegmentName, metadata)
	errs = append(errs, genericvalidation.ValidateObjectMetaAccessorUpdate(obj, old, metadata)...)
	errs = append(errs, kind.Strategy.ValidateUpdate(obj, old)...)
	if err := invalidIf(errs); err != nil {
		return err
	}
	c.warnings = append(c.warnings, kind.Strategy.WarningsOnUpdate(obj, old)...)
	kind.Strategy.Canonicalize(obj)
	return validatingAdmission(obj, old)
}

// liveObject is the object that the cluster holds: the one given, or else what
// the API server and the controllers make of the manifest applied before.
func liveObject(r *Request, stored object, gvk schema.GroupVersionKind, kind *Kind) (object, error) {
	if len(r.Live) == 0 || string(r.Live) == "null" {
		return settle(stored), nil
	}
	liveGVK, _, err := identify(r.Live)
	if err != nil {
		return nil, inManifest("live object", err)
	}
	if liveGVK.GroupKind() != gvk.GroupKind() {
		return nil, badRequest("kind", "the live object is a %s, the manifests are of kind %s", liveGVK.GroupKind(), gvk.GroupKind())
	}
	if err := checkQuantities(r.Live, liveGVK); err != nil {
		return nil, inManifest("live object", err)
	}
	decoded, _, err := decoder.Decode(r.Live, nil, nil)
	if err != nil && !runtime.IsStrictDecodingError(err) {
		return nil, inManifest("live object", decodeError(err, r.Live, liveGVK))
	}
	live := decoded.(object)
	setNamespace(live, kind)
	if live.GetResourceVersion() == "" {
		live.SetResourceVersion(liveVersion)
	}
	return live, nil
}

// settle fills in what controllers write into an object that decides later
// updates: a claim is bound to a volume of the size that it asked for.
func settle(obj object) object {
	if claim, ok := obj.(*core.PersistentVolumeClaim); ok {
		if claim.Spec.VolumeName == "" {
			claim.Spec.VolumeName = "pvc-" + liveUID
		}
		claim.Status = core.PersistentVolumeClaimStatus{
			Phase: core.ClaimBound, AccessModes: claim.Spec.AccessModes, Capacity: claim.Spec.Resources.Requests.DeepCopy(),
		}
	}
	return obj
}

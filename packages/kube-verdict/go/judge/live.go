package judge

import (
	"slices"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/kubernetes/pkg/apis/core"
)

// liveObject is the object that the cluster holds, as it was given.
func (c *call) liveObject(data []byte, m *manifest) (object, error) {
	gvk, err := groupVersionKind(data)
	if err != nil {
		return nil, inManifest("live object", err)
	}
	kind := lookup(gvk)
	if kind == nil || !sameStorage(kind, m.kind) {
		return nil, badRequest("kind", "the live object is a %s, the manifests are of kind %s", gvk.GroupKind(), m.gvk.GroupKind())
	}
	if err := checkQuantities(data, gvk); err != nil {
		return nil, inManifest("live object", err)
	}
	decoded, _, err := decoder.Decode(data, nil, nil)
	if err != nil && !runtime.IsStrictDecodingError(err) {
		return nil, inManifest("live object", decodeError(err, data, gvk))
	}
	live := decoded.(object)
	c.setNamespace(live, kind)
	if live.GetResourceVersion() == "" {
		live.SetResourceVersion(liveVersion)
	}
	return live, nil
}

// settle fills in what controllers write into an object that decides later
// updates: a claim is bound to a volume of the size that it asked for, and a
// node is ready.
func settle(obj object) object {
	switch o := obj.(type) {
	case *core.PersistentVolumeClaim:
		bind(o)
	case *core.Node:
		o.Spec.Taints = slices.DeleteFunc(o.Spec.Taints, notReady.MatchTaint)
	}
	return obj
}

func bind(claim *core.PersistentVolumeClaim) {
	if claim.Spec.VolumeName == "" {
		claim.Spec.VolumeName = "pvc-" + liveUID
	}
	claim.Status = core.PersistentVolumeClaimStatus{
		Phase: core.ClaimBound, AccessModes: claim.Spec.AccessModes, Capacity: claim.Spec.Resources.Requests.DeepCopy(),
	}
}

// atRest is the object as it comes out of storage, where defaults are filled in
// anew: a Job's labels, for one, from the template that was completed meanwhile.
// It takes what the object consists of, which is not to be used any more.
func atRest(obj object, kind *Kind) (object, error) {
	gvk := kind.preferred()
	versioned, err := scheme.UnsafeConvertToVersion(obj, gvk.GroupVersion())
	if err != nil {
		return nil, err
	}
	scheme.Default(versioned)
	read, err := scheme.UnsafeConvertToVersion(versioned, internal(gvk))
	if err != nil {
		return nil, err
	}
	fillBytes(read.(object))
	return read.(object), nil
}

// fillBytes makes of bytes that are null the empty ones that storage has of them.
func fillBytes(obj object) {
	switch o := obj.(type) {
	case *core.Secret:
		fill(o.Data)
	case *core.ConfigMap:
		fill(o.BinaryData)
	}
}

func fill(data map[string][]byte) {
	for key, value := range data {
		if value == nil {
			data[key] = []byte{}
		}
	}
}

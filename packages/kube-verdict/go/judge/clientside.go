package judge

import (
	"encoding/json"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/mergepatch"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	kjson "sigs.k8s.io/json"
)

// clientSide is `kubectl apply`.
type clientSide struct{ *call }

// create is what kubectl apply does where there is no object yet: it creates
// the manifest without its nulls and with the annotation of what it applied.
func (c clientSide) create(m *manifest) (object, error) {
	data, err := m.toCreate()
	if err != nil {
		return nil, err
	}
	obj, _, err := c.call.create(data)
	return obj, err
}

// update patches the live object from what was applied before.
func (c clientSide) update(live object, before *previous, m *manifest) (object, error) {
	_, modified, err := m.lastApplied()
	if err != nil {
		return nil, err
	}
	c.deprecated(m.gvk)
	obj, err := mergeOnto(live, before.original, modified, m.gvk)
	if err != nil {
		return nil, err
	}
	if obj == nil { // an empty patch, which kubectl does not send
		return live, nil
	}
	return obj, c.admitUpdate(obj, live, m.kind)
}

// mergeOnto makes kubectl's patch and applies it as the API server does
// (strategicPatchObject of k8s.io/apiserver/pkg/endpoints/handlers/patch.go).
// It returns nil if the patch is empty.
func mergeOnto(live object, original, modified []byte, gvk schema.GroupVersionKind) (object, error) {
	versioned, err := viewIn(live, gvk)
	if err != nil {
		return nil, err
	}
	current, err := json.Marshal(versioned)
	if err != nil {
		return nil, err
	}
	target, err := scheme.New(gvk)
	if err != nil {
		return nil, err
	}
	patchMeta, err := strategicpatch.NewPatchMetaFromStruct(target)
	if err != nil {
		return nil, err
	}
	patch, err := strategicpatch.CreateThreeWayMergePatch(original, modified, current, patchMeta, true,
		mergepatch.RequireKeyUnchanged("apiVersion"), mergepatch.RequireKeyUnchanged("kind"), mergepatch.RequireMetadataKeyUnchanged("name"))
	if err != nil {
		return nil, err
	}
	if string(patch) == "{}" {
		return nil, nil
	}
	currentMap, err := runtime.DefaultUnstructuredConverter.ToUnstructured(versioned)
	if err != nil {
		return nil, err
	}
	patchMap := map[string]any{}
	if err := kjson.UnmarshalCaseSensitivePreserveInts(patch, &patchMap); err != nil {
		return nil, err
	}
	patched, err := strategicpatch.StrategicMergeMapPatch(currentMap, patchMap, target)
	if err != nil {
		return nil, err
	}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(patched, target, true); err != nil {
		return nil, err
	}
	scheme.Default(target)
	obj, err := scheme.UnsafeConvertToVersion(target, internal(gvk))
	if err != nil {
		return nil, err
	}
	return obj.(object), nil
}

package judge

import (
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
)

// clientSide is `kubectl apply`.
type clientSide struct{ *call }

// create is what kubectl apply does where there is no object yet: it creates
// the manifest without its nulls and with the annotation of what it applied.
func (c clientSide) create(m *manifest) (object, error) {
	if obj, ok := m.plainlyAnnotated(); ok {
		c.deprecated(m.gvk)
		return obj, c.admitCreate(obj, m.kind)
	}
	data, err := m.toCreate()
	if err != nil {
		return nil, err
	}
	obj, _, err := c.call.create(data)
	return obj, err
}

// update patches the live object from what was applied before.
func (c clientSide) update(live object, before *previous, m *manifest) (object, error) {
	var original map[string]any
	if before.manifest != nil {
		var err error
		if original, err = before.manifest.lastApplied(); err != nil {
			return nil, err
		}
	}
	modified, err := m.toApply()
	if err != nil {
		return nil, err
	}
	c.deprecated(m.gvk)
	obj, err := c.mergeOnto(live, original, modified, m.gvk)
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
func (c *call) mergeOnto(live object, original, modified map[string]any, gvk schema.GroupVersionKind) (object, error) {
	current, err := c.contentOf(view{of: live, in: gvk})
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
	patch, err := threeWayPatch(original, modified, current, patchMeta)
	if patch == nil || err != nil {
		return nil, err
	}
	patched, err := strategicpatch.StrategicMergeMapPatch(forPatch(current, patch), patch, target)
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

package judge

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"kube-verdict/go/internal/smdschema"
)

// manager is the field manager that kubectl applies as.
const manager = "kubectl"

var (
	typeConverter = managedfields.NewSchemeTypeConverter(scheme, &smdschema.Parser)
	fieldManagers = map[schema.GroupVersionKind]*managedfields.FieldManager{}
)

// fieldManager is made as k8s.io/apiserver/pkg/endpoints/installer.go makes it.
func fieldManager(gvk schema.GroupVersionKind, kind *Kind) (*managedfields.FieldManager, error) {
	if m := fieldManagers[gvk]; m != nil {
		return m, nil
	}
	var reset map[fieldpath.APIVersion]fieldpath.Filter
	if len(kind.Resets) > 0 {
		fields := fieldpath.NewSet()
		for _, name := range kind.Resets {
			fields.Insert(fieldpath.MakePathOrDie(name))
		}
		reset = fieldpath.NewExcludeFilterSetMap(map[fieldpath.APIVersion]*fieldpath.Set{
			fieldpath.APIVersion(gvk.GroupVersion().String()): fields,
		})
	}
	m, err := managedfields.NewDefaultFieldManager(typeConverter, runtime.UnsafeObjectConvertor(scheme), scheme, scheme, gvk, internal(gvk), "", reset)
	if err == nil {
		fieldManagers[gvk] = m
	}
	return m, err
}

// serverSide is `kubectl apply --server-side --force-conflicts`.
type serverSide struct{ *call }

// create applies the manifest where there is no object yet
// (applyPatcher.createNewObject of k8s.io/apiserver/pkg/endpoints/handlers).
func (c serverSide) create(m *manifest) (object, error) {
	if uid := m.object.GetUID(); uid != "" {
		return nil, conflict("metadata.uid", "uid mismatch: the provided object specified uid %s, and no existing object was found", uid)
	}
	fields, err := fieldManager(m.gvk, m.kind)
	if err != nil {
		return nil, err
	}
	empty, err := scheme.New(m.gvk)
	if err != nil {
		return nil, err
	}
	applied, err := fields.Apply(empty, m.body(), manager, true)
	if err != nil {
		return nil, err
	}
	c.deprecated(m.gvk)
	obj := applied.(object)
	if _, err := storedVersion(obj); err != nil {
		return nil, err
	}
	return obj, c.admitNew(obj, m.kind)
}

// update applies the manifest to the live object.
func (c serverSide) update(live object, before *previous, m *manifest) (object, error) {
	fields, err := fieldManager(m.gvk, m.kind)
	if err != nil {
		return nil, err
	}
	c.deprecated(m.gvk)
	owned := runtime.Object(live)
	if before.isLive && before.manifest != nil && !tellsOwner(live) {
		// The manager owns what it applied, whatever else has changed since.
		if owned, err = c.own(live, before.manifest); err != nil {
			return nil, inManifest("old manifest", err)
		}
	}
	patched, err := fields.Apply(owned.DeepCopyObject(), m.body(), manager, true)
	if err != nil {
		return nil, err
	}
	if patched == nil { // nothing changed
		return owned.(object), nil
	}
	obj := patched.(object)
	return obj, c.admitUpdate(obj, live, m.kind)
}

// tellsOwner says whether the live object came with what the manager owns of it:
// what others have written over since is theirs.
func tellsOwner(live object) bool {
	return slices.ContainsFunc(live.GetManagedFields(), func(e metav1.ManagedFieldsEntry) bool {
		return e.Manager == manager && e.Operation == metav1.ManagedFieldsOperationApply && e.Subresource == ""
	})
}

// own is the live object as it is once the manifest was applied to it.
func (c serverSide) own(live object, m *manifest) (runtime.Object, error) {
	fields, err := fieldManager(m.gvk, m.kind)
	if err != nil {
		return nil, err
	}
	owned, err := fields.Apply(live.DeepCopyObject(), m.body(), manager, true)
	if err == nil && owned == nil {
		return live, nil
	}
	return owned, err
}

// body is the manifest as the apply handler decodes it, where numbers are float64.
func (m *manifest) body() *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: withFloats(m.object.Object).(map[string]any)}
}

func withFloats(value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, inner := range v {
			out[key] = withFloats(inner)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = withFloats(item)
		}
		return out
	case int64:
		return float64(v)
	}
	return value
}

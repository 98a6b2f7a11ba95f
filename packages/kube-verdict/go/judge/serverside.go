package judge

import (
	"encoding/json"

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
	if kind.HasStatus {
		reset = fieldpath.NewExcludeFilterSetMap(map[fieldpath.APIVersion]*fieldpath.Set{
			fieldpath.APIVersion(gvk.GroupVersion().String()): fieldpath.NewSet(fieldpath.MakePathOrDie("status")),
		})
	}
	m, err := managedfields.NewDefaultFieldManager(typeConverter, runtime.UnsafeObjectConvertor(scheme), scheme, scheme, gvk, internal(gvk), "", reset)
	if err == nil {
		fieldManagers[gvk] = m
	}
	return m, err
}

// serverSide is `kubectl apply --server-side --force-conflicts` of the new
// manifest onto an object that the same apply of the old one made.
func (c *call) serverSide(r *Request) (*applied, error) {
	oldManifest, _, _, err := applyBody(r.Old)
	if err != nil {
		return nil, inManifest("old manifest", err)
	}
	newManifest, gvk, kind, err := applyBody(r.New)
	if err != nil {
		return nil, err
	}
	if err := sameObject(oldManifest, newManifest); err != nil {
		return nil, err
	}
	c.deprecated(gvk)
	fields, err := fieldManager(gvk, kind)
	if err != nil {
		return nil, err
	}
	empty, err := scheme.New(gvk)
	if err != nil {
		return nil, err
	}
	first, err := fields.Apply(empty, oldManifest, manager, true)
	if err != nil {
		return nil, inManifest("old manifest", err)
	}
	stored := first.(object)
	if err := new(call).admitCreate(stored, kind); err != nil {
		return nil, inManifest("old manifest", err)
	}
	live, err := liveObject(r, stored, gvk, kind)
	if err != nil {
		return nil, err
	}
	owned := runtime.Object(live)
	if live != stored {
		// The manager owns what it applied, whatever else has changed since.
		if owned, err = fields.Apply(live.DeepCopyObject(), oldManifest, manager, true); err != nil {
			return nil, inManifest("old manifest", err)
		}
		if owned == nil {
			owned = live
		}
	}
	patched, err := fields.Apply(owned.DeepCopyObject(), newManifest, manager, true)
	if err != nil {
		return nil, err
	}
	if patched == nil { // nothing changed
		return &applied{owned.(object), live, gvk, kind}, nil
	}
	obj := patched.(object)
	if err := c.admitUpdate(obj, live, kind); err != nil {
		return nil, err
	}
	return &applied{obj, live, gvk, kind}, nil
}

// applyBody decodes as the apply handler does, where numbers become float64,
// with the namespace that kubectl writes into it.
func applyBody(data []byte) (*unstructured.Unstructured, schema.GroupVersionKind, *Kind, error) {
	gvk, kind, err := identify(data)
	if err != nil {
		return nil, gvk, nil, err
	}
	if err := checkQuantities(data, gvk); err != nil {
		return nil, gvk, nil, err
	}
	u := &unstructured.Unstructured{}
	if err := json.Unmarshal(data, &u.Object); err != nil {
		return nil, gvk, nil, err
	}
	metadata, ok := u.Object["metadata"].(map[string]any)
	if !ok {
		return nil, gvk, nil, badRequest("metadata", "metadata must be an object with a name")
	}
	if name, ok := metadata["name"].(string); !ok || name == "" {
		return nil, gvk, nil, badRequest("metadata.name", "an apply needs metadata.name")
	}
	if !kind.ClusterScoped && u.GetNamespace() == "" {
		u.SetNamespace(defaultNamespace)
	}
	return u, gvk, kind, nil
}

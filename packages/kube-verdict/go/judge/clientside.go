package judge

import (
	"encoding/json"
	"errors"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/mergepatch"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/kubernetes/pkg/apis/core"
	kjson "sigs.k8s.io/json"
)

// clientSide is `kubectl apply` of the new manifest onto an object that
// `kubectl apply` of the old one made.
func (c *call) clientSide(r *Request) (*applied, error) {
	original, err := lastApplied(r.Old)
	if err != nil {
		return nil, inManifest("old manifest", err)
	}
	modified, err := lastApplied(r.New)
	if err != nil {
		return nil, err
	}
	if err := sameObject(original.object, modified.object); err != nil {
		return nil, err
	}
	gvk := modified.object.GroupVersionKind()
	if err := checkQuantities(r.New, gvk); err != nil {
		return nil, err
	}
	stored, kind, err := new(call).create(original.annotated)
	if err != nil {
		return nil, inManifest("old manifest", err)
	}
	c.deprecated(gvk)
	live, err := liveObject(r, stored, gvk, kind)
	if err != nil {
		return nil, err
	}
	obj, err := mergeOnto(live, original.plain, modified.annotated, gvk)
	if err != nil {
		return nil, err
	}
	if obj == nil { // an empty patch, which kubectl does not send
		return &applied{live, live, gvk, kind}, nil
	}
	if err := c.admitUpdate(obj, live, kind); err != nil {
		return nil, err
	}
	return &applied{obj, live, gvk, kind}, nil
}

// mergeOnto makes kubectl's patch and applies it as the API server does
// (strategicPatchObject of k8s.io/apiserver/pkg/endpoints/handlers/patch.go).
// It returns nil if the patch is empty.
func mergeOnto(live object, original, modified []byte, gvk schema.GroupVersionKind) (object, error) {
	versioned, err := toVersion(live, gvk)
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
	obj, err := scheme.ConvertToVersion(target, internal(gvk))
	if err != nil {
		return nil, err
	}
	return obj.(object), nil
}

// manifest is what kubectl makes of a manifest before it sends it
// (util.GetModifiedConfiguration of k8s.io/kubectl).
type manifest struct {
	object *unstructured.Unstructured
	// plain is without the last-applied annotation, annotated with it.
	plain, annotated []byte
}

func lastApplied(data []byte) (*manifest, error) {
	gvk, kind, err := identify(data)
	if err != nil {
		return nil, err
	}
	// kubectl decodes the metadata before anything else (cli-runtime's metadataValidatingDecoder).
	var typed struct {
		metav1.TypeMeta   `json:",inline"`
		metav1.ObjectMeta `json:"metadata"`
	}
	if err := kjson.UnmarshalCaseSensitivePreserveInts(data, &typed); err != nil {
		return nil, decodeError(err, data, gvk)
	}
	u := &unstructured.Unstructured{}
	strict, err := kjson.UnmarshalStrict(data, &u.Object)
	if err == nil && len(strict) > 0 {
		err = runtime.NewStrictDecodingError(strict)
	}
	if err != nil {
		return nil, err
	}
	if _, ok := u.Object["metadata"].(map[string]any); !ok {
		return nil, badRequest("metadata", "metadata must be an object with a name")
	}
	if u.GetName() == "" {
		return nil, badRequest("metadata.name", "an apply needs metadata.name: kubectl cannot apply an object whose name is generated")
	}
	if !kind.ClusterScoped && u.GetNamespace() == "" {
		u.SetNamespace(defaultNamespace)
	}
	annotations := u.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	delete(annotations, core.LastAppliedConfigAnnotation)
	u.SetAnnotations(annotations)
	m := &manifest{object: u}
	if m.plain, err = json.Marshal(u.Object); err != nil {
		return nil, err
	}
	annotations[core.LastAppliedConfigAnnotation] = string(m.plain) + "\n"
	u.SetAnnotations(annotations)
	m.annotated, err = json.Marshal(u.Object)
	return m, err
}

// sameObject refuses to judge one object as an update of another.
func sameObject(old, neu *unstructured.Unstructured) error {
	for _, part := range []struct{ field, old, neu string }{
		{"apiVersion", old.GetAPIVersion(), neu.GetAPIVersion()},
		{"kind", old.GetKind(), neu.GetKind()},
		{"metadata.name", old.GetName(), neu.GetName()},
		{"metadata.namespace", old.GetNamespace(), neu.GetNamespace()},
	} {
		if part.old != part.neu {
			return badRequest(part.field, "%s was changed from %q to %q: to the cluster these are two objects", part.field, part.old, part.neu)
		}
	}
	return nil
}

// inManifest says that it is not the new manifest that err is about.
func inManifest(which string, err error) error {
	var gaveUp *unjudged
	if errors.As(err, &gaveUp) {
		return &unjudged{which + ": " + gaveUp.reason}
	}
	list := fieldErrors(err)
	reason := list[0]
	reason.Message = which + ": " + reason.Message
	if more := len(list) - 1; more > 0 {
		reason.Message += fmt.Sprintf(" (and %d more)", more)
	}
	return &locatedError{reason}
}

package judge

import (
	"bytes"
	"encoding/json"
	"maps"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/kubernetes/pkg/apis/core"
	kjson "sigs.k8s.io/json"
)

// manifest is what kubectl apply makes of a manifest before it sends anything.
type manifest struct {
	object *unstructured.Unstructured
	gvk    schema.GroupVersionKind
	kind   *Kind
	// plain and annotated are what lastApplied has found.
	plain, annotated []byte
}

// manifestToApply decodes a manifest as kubectl does: with its namespace
// (SetNamespace and FilterNamespace of k8s.io/cli-runtime/pkg/resource), and
// with the name without which there is nothing to apply to.
func (c *call) manifestToApply(data []byte, gvk schema.GroupVersionKind, kind *Kind) (*manifest, error) {
	if err := checkQuantities(data, gvk); err != nil {
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
	if u.GetName() == "" && u.GetGenerateName() != "" {
		return nil, badRequest("metadata.generateName", "from %s: cannot use generate name with apply", u.GetGenerateName())
	}
	if u.GetName() == "" {
		return nil, badRequest("metadata.name", "an apply needs metadata.name: resource name may not be empty")
	}
	if kind.ClusterScoped {
		unstructured.RemoveNestedField(u.Object, "metadata", "namespace")
	} else if u.GetNamespace() == "" {
		u.SetNamespace(c.cluster.namespace)
	}
	return &manifest{object: u, gvk: gvk, kind: kind}, nil
}

// lastApplied is the JSON of the manifest without the annotation in which
// kubectl keeps it, and with it (GetModifiedConfiguration of k8s.io/kubectl).
func (m *manifest) lastApplied() (plain, annotated []byte, err error) {
	if m.annotated != nil {
		return m.plain, m.annotated, nil
	}
	annotations := m.object.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	delete(annotations, core.LastAppliedConfigAnnotation)
	m.object.SetAnnotations(annotations)
	if plain, err = json.Marshal(m.object.Object); err != nil {
		return nil, nil, err
	}
	annotations[core.LastAppliedConfigAnnotation] = string(plain) + "\n"
	m.object.SetAnnotations(annotations)
	if annotated, err = json.Marshal(m.object.Object); err != nil {
		return nil, nil, err
	}
	m.plain, m.annotated = plain, annotated
	return plain, annotated, nil
}

// toCreate is the JSON that kubectl apply creates the object of.
func (m *manifest) toCreate() ([]byte, error) {
	_, annotated, err := m.lastApplied()
	if err != nil || !bytes.Contains(annotated, []byte("null")) {
		return annotated, err
	}
	return json.Marshal(withoutNulls(m.object.Object))
}

// withoutNulls is what kubectl apply creates (pruneNullsFromMap of
// k8s.io/kubectl/pkg/cmd/apply).
func withoutNulls(content map[string]any) map[string]any {
	out := maps.Clone(content)
	for key, value := range out {
		if value == nil {
			delete(out, key)
		} else {
			out[key] = pruned(value)
		}
	}
	return out
}

func pruned(value any) any {
	switch v := value.(type) {
	case map[string]any:
		return withoutNulls(v)
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = pruned(item)
		}
		return out
	}
	return value
}

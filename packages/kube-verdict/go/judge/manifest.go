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
	// plain is the JSON that annotate keeps.
	plain []byte
}

// manifestToApply decodes a manifest as kubectl does: with its namespace
// (SetNamespace and FilterNamespace of k8s.io/cli-runtime/pkg/resource), and
// with the name without which there is nothing to apply to.
func (c *call) manifestToApply(data []byte, gvk schema.GroupVersionKind, kind *Kind) (*manifest, error) {
	if err := checkQuantities(data, gvk); err != nil {
		return nil, err
	}
	u := &unstructured.Unstructured{}
	strict, err := kjson.UnmarshalStrict(data, &u.Object)
	if err != nil || !isPlainMetadata(u.Object["metadata"]) {
		// kubectl decodes the metadata before anything else (cli-runtime's metadataValidatingDecoder).
		var typed struct {
			metav1.TypeMeta   `json:",inline"`
			metav1.ObjectMeta `json:"metadata"`
		}
		if err := kjson.UnmarshalCaseSensitivePreserveInts(data, &typed); err != nil {
			return nil, decodeError(err, data, gvk)
		}
	}
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

// isPlainMetadata says of metadata whether it is plain that it can be decoded.
func isPlainMetadata(metadata any) bool {
	content, ok := metadata.(map[string]any)
	for key, value := range content {
		switch key {
		case "name", "namespace":
			_, isText := value.(string)
			ok = ok && isText
		case "labels", "annotations":
			texts, isMap := value.(map[string]any)
			ok = ok && isMap
			for _, value := range texts {
				_, isText := value.(string)
				ok = ok && isText
			}
		default:
			return false
		}
	}
	return ok
}

// annotate puts the manifest's JSON into the annotation in which kubectl keeps it
// (GetModifiedConfiguration of k8s.io/kubectl).
func (m *manifest) annotate() error {
	if m.plain != nil {
		return nil
	}
	annotations := m.object.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	delete(annotations, core.LastAppliedConfigAnnotation)
	m.object.SetAnnotations(annotations)
	plain, err := json.Marshal(m.object.Object)
	if err != nil {
		return err
	}
	annotations[core.LastAppliedConfigAnnotation] = string(plain) + "\n"
	m.object.SetAnnotations(annotations)
	m.plain = plain
	return nil
}

// toApply is the content that kubectl makes its patch from: with the annotation.
func (m *manifest) toApply() (map[string]any, error) {
	if err := m.annotate(); err != nil {
		return nil, err
	}
	if has(m.object.Object, isFloat) { // 1.0 is an integer once it is written
		return readAgain(m.object.Object)
	}
	return m.object.Object, nil
}

// readAgain is the content as it is read from its JSON.
func readAgain(content map[string]any) (read map[string]any, err error) {
	data, err := json.Marshal(content)
	if err != nil {
		return nil, err
	}
	return read, kjson.UnmarshalCaseSensitivePreserveInts(data, &read)
}

// lastApplied is the content that kubectl finds in the annotation.
func (m *manifest) lastApplied() (map[string]any, error) {
	content, err := m.toApply()
	if err != nil {
		return nil, err
	}
	annotations, _, err := unstructured.NestedMap(content, "metadata", "annotations")
	if err != nil {
		return nil, err
	}
	content = maps.Clone(content)
	metadata := maps.Clone(content["metadata"].(map[string]any))
	content["metadata"], metadata["annotations"] = metadata, annotations
	delete(annotations, core.LastAppliedConfigAnnotation)
	return content, nil
}

// toCreate is the JSON that kubectl apply creates the object of.
func (m *manifest) toCreate() ([]byte, error) {
	if err := m.annotate(); err != nil {
		return nil, err
	}
	return json.Marshal(withoutNulls(m.object.Object))
}

// plainlyAnnotated is toCreate as it is decoded, where it is plain that it can be.
func (m *manifest) plainlyAnnotated() (object, bool) {
	if m.annotate() != nil || len(m.plain) > mostPlain || bytes.Contains(m.plain, []byte("null")) {
		return nil, false
	}
	obj, err := decodeAs(m.plain, m.gvk)
	if err != nil {
		return nil, false
	}
	obj.SetAnnotations(m.object.GetAnnotations())
	return obj, true
}

// withoutNulls is what kubectl apply creates (pruneNullsFromMap of
// k8s.io/kubectl/pkg/cmd/apply).
func withoutNulls(content map[string]any) map[string]any {
	if !has(content, isNull) {
		return content
	}
	return pruned(content).(map[string]any)
}

func pruned(value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := maps.Clone(v)
		for key, inner := range out {
			if inner == nil {
				delete(out, key)
			} else {
				out[key] = pruned(inner)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = pruned(item)
		}
		return out
	}
	return value
}

func isNull(value any) bool { return value == nil }

func isFloat(value any) bool {
	_, is := value.(float64)
	return is
}

// has says whether a value is, or has anywhere in it, what is looked for.
func has(value any, isIt func(any) bool) bool {
	switch v := value.(type) {
	case map[string]any:
		for _, inner := range v {
			if has(inner, isIt) {
				return true
			}
		}
	case []any:
		for _, item := range v {
			if has(item, isIt) {
				return true
			}
		}
	default:
		return isIt(value)
	}
	return false
}

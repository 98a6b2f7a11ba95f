package judge

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"

	apiequality "k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/apps"
	"k8s.io/kubernetes/pkg/apis/core"
)

// changeOf says what an accepted apply does: nothing, an update of the object,
// or an update after which its controller replaces Pods.
func changeOf(a *applied) *Change {
	fields := changedFields(a)
	switch {
	case rollsOut(a.obj, a.live):
		return &Change{Kind: "rollout", Fields: fields}
	case len(fields) > 0:
		return &Change{Kind: "update", Fields: fields}
	}
	return &Change{Kind: "none", Fields: fields}
}

// rollsOut makes the comparison that the kind's controller makes.
func rollsOut(obj, live runtime.Object) bool {
	switch n := obj.(type) {
	case *apps.Deployment:
		// EqualIgnoreHash of pkg/controller/deployment/util; while a Deployment
		// is paused, nothing rolls out.
		return !n.Spec.Paused && !apiequality.Semantic.DeepEqual(n.Spec.Template, live.(*apps.Deployment).Spec.Template)
	case *apps.StatefulSet:
		return !sameRevision(&n.Spec.Template, &live.(*apps.StatefulSet).Spec.Template)
	case *apps.DaemonSet:
		return !sameRevision(&n.Spec.Template, &live.(*apps.DaemonSet).Spec.Template)
	}
	return false
}

// sameRevision compares the JSON of v1 Pod templates, as the StatefulSet and
// DaemonSet controllers keep it in ControllerRevisions (getPatch).
func sameRevision(a, b *core.PodTemplateSpec) bool {
	return bytes.Equal(revisionData(a), revisionData(b))
}

// revisionData goes through a PodTemplate, the only kind around a bare template.
func revisionData(template *core.PodTemplateSpec) []byte {
	v, err := toVersion(&core.PodTemplate{Template: *template.DeepCopy()}, schema.GroupVersionKind{Version: "v1", Kind: "PodTemplate"})
	if err != nil {
		panic(err)
	}
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}

// changedFields are the paths at which the two objects differ, in the version
// of the manifest, as the API server shows them: with defaults filled in, without what the server keeps for
// itself: status, managedFields, generation, and kubectl's annotation.
func changedFields(a *applied) []string {
	paths := []string{}
	if apiequality.Semantic.DeepEqual(a.obj, a.live) {
		return paths
	}
	diff(nil, comparableContent(a.live, a.gvk), comparableContent(a.obj, a.gvk), &paths)
	return paths
}

func comparableContent(obj object, gvk schema.GroupVersionKind) map[string]any {
	shown := obj.DeepCopyObject()
	if service, ok := shown.(*core.Service); ok {
		defaultOnRead(service)
	}
	versioned, err := toVersion(shown, gvk)
	if err != nil {
		panic(err)
	}
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(versioned)
	if err != nil {
		panic(err)
	}
	delete(content, "status")
	if metadata, ok := content["metadata"].(map[string]any); ok {
		for _, name := range []string{"managedFields", "generation", "resourceVersion", "uid", "creationTimestamp", "selfLink"} {
			delete(metadata, name)
		}
		if annotations, ok := metadata["annotations"].(map[string]any); ok {
			delete(annotations, core.LastAppliedConfigAnnotation)
			if len(annotations) == 0 {
				delete(metadata, "annotations")
			}
		}
	}
	return content
}

// diff adds the paths at which old and neu differ: as deep as both have the
// same shape, list items by index, sorted by key.
func diff(at *field.Path, old, neu any, paths *[]string) {
	switch o := old.(type) {
	case map[string]any:
		if n, ok := neu.(map[string]any); ok {
			diffMaps(at, o, n, paths)
			return
		}
	case []any:
		if n, ok := neu.([]any); ok {
			for i := range max(len(o), len(n)) {
				diff(at.Index(i), itemAt(o, i), itemAt(n, i), paths)
			}
			return
		}
	}
	if !isEmpty(old) || !isEmpty(neu) {
		if !reflect.DeepEqual(old, neu) {
			*paths = append(*paths, at.String())
		}
	}
}

func diffMaps(at *field.Path, old, neu map[string]any, paths *[]string) {
	keys := map[string]bool{}
	for key := range old {
		keys[key] = true
	}
	for key := range neu {
		keys[key] = true
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		diff(childOf(at, key), old[key], neu[key], paths)
	}
}

// childOf writes free keys, such as those of labels, in brackets.
func childOf(at *field.Path, key string) *field.Path {
	if at != nil {
		switch at.String() {
		case "metadata.labels", "metadata.annotations", "data", "binaryData", "stringData":
			return at.Key(key)
		}
	}
	for _, c := range key {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '$') {
			return at.Key(key)
		}
	}
	return at.Child(key)
}

func itemAt(items []any, i int) any {
	if i < len(items) {
		return items[i]
	}
	return nil
}

// isEmpty says whether v means the same as its absence.
func isEmpty(v any) bool {
	switch x := v.(type) {
	case nil:
		return true
	case map[string]any:
		return len(x) == 0
	case []any:
		return len(x) == 0
	}
	return false
}

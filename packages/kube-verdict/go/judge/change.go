package judge

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"

	apiequality "k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/kubernetes/pkg/apis/apps"
	"k8s.io/kubernetes/pkg/apis/core"
)

// Change is what an accepted apply does.
type Change struct {
	// Kind is "create", "none", "update", or "rollout" if running Pods are replaced.
	Kind string `json:"kind"`
	// Fields are the paths that differ, defaults filled in on both sides.
	Fields []string `json:"fields"`
	// Changes are the same with their values, if asked for.
	Changes []FieldChange `json:"changes,omitempty"`
	// Waits says what a new Pod template waits for, if it does not roll out.
	Waits *Waits `json:"waits,omitempty"`
	// Lost are fields in which the object is not what its manifest says, if
	// asked for.
	Lost []LostField `json:"lost,omitempty"`
	// OldErrors say why the old manifest could never have been applied: the new
	// one makes a new object.
	OldErrors []FieldError `json:"oldErrors,omitempty"`
}

// Waits is what keeps Pods of the old template in place.
type Waits struct {
	// For is "resume", "deletion", "partition", "scale" or "replacement".
	For     string `json:"for"`
	Message string `json:"message"`
}

var (
	waitsForResume      = &Waits{"resume", "the new template waits until spec.paused is taken back"}
	waitsForDeletion    = &Waits{"deletion", "the new template waits until each Pod is deleted"}
	waitsForPartition   = &Waits{"partition", "the new template waits until spec.updateStrategy.rollingUpdate.partition is below spec.replicas"}
	waitsForScale       = &Waits{"scale", "the new template waits until there are to be Pods: spec.replicas is 0"}
	waitsForReplacement = &Waits{"replacement", "the Pods stay as they are: the new template is for those that replace them"}
)

// changeOf says what an accepted apply does.
func changeOf(a *applied) *Change {
	c := &Change{Kind: "none", Fields: []string{}, Changes: []FieldChange{}}
	if a.live == nil {
		c.Kind = "create"
		return c
	}
	if !apiequality.Semantic.DeepEqual(a.obj, a.live) {
		c.setChanges(diffOf(a.comparable(a.live), a.comparable(a.obj), a.gvk))
	}
	if a.before != a.gvk {
		// Nothing in the cluster but kubectl's own notes may differ.
		moved := FieldChange{Field: "apiVersion", Key: "apiVersion", Old: a.before.GroupVersion().String(), New: a.gvk.GroupVersion().String()}
		c.setChanges(slices.Insert(c.Changes, 0, moved))
	}
	if newTemplate(a.obj, a.live) {
		if c.Waits = waits(a.obj); c.Waits == nil {
			c.Kind = "rollout"
		}
	}
	return c
}

func (c *Change) setChanges(changes []FieldChange) {
	c.Kind, c.Fields, c.Changes = "none", []string{}, changes
	if len(changes) > 0 {
		c.Kind = "update"
	}
	seen := map[string]bool{}
	for _, change := range changes {
		if !seen[change.Field] {
			seen[change.Field] = true
			c.Fields = append(c.Fields, change.Field)
		}
	}
}

// newTemplate makes the comparison that the kind's controller makes.
func newTemplate(obj, live runtime.Object) bool {
	switch n := obj.(type) {
	case *apps.Deployment:
		// EqualIgnoreHash of pkg/controller/deployment/util.
		return !apiequality.Semantic.DeepEqual(n.Spec.Template, live.(*apps.Deployment).Spec.Template)
	case *apps.StatefulSet:
		return !sameRevision(&n.Spec.Template, &live.(*apps.StatefulSet).Spec.Template)
	case *apps.DaemonSet:
		return !sameRevision(&n.Spec.Template, &live.(*apps.DaemonSet).Spec.Template)
	case *apps.ReplicaSet:
		return !apiequality.Semantic.DeepEqual(n.Spec.Template, live.(*apps.ReplicaSet).Spec.Template)
	case *core.ReplicationController:
		return !apiequality.Semantic.DeepEqual(n.Spec.Template, live.(*core.ReplicationController).Spec.Template)
	}
	return false
}

// waits says why a new template replaces no Pods; nil where it does.
func waits(obj runtime.Object) *Waits {
	switch o := obj.(type) {
	case *apps.Deployment:
		switch {
		case o.Spec.Paused:
			return waitsForResume
		case o.Spec.Replicas == 0:
			return waitsForScale
		}
	case *apps.StatefulSet:
		rolling := o.Spec.UpdateStrategy.RollingUpdate
		switch {
		case o.Spec.UpdateStrategy.Type == apps.OnDeleteStatefulSetStrategyType:
			return waitsForDeletion
		case o.Spec.Replicas == 0:
			return waitsForScale
		case rolling != nil && rolling.Partition >= o.Spec.Replicas:
			// pkg/controller/statefulset/stateful_set_control.go counts Pods from 0,
			// whatever ordinal they start at.
			return waitsForPartition
		}
	case *apps.DaemonSet:
		if o.Spec.UpdateStrategy.Type == apps.OnDeleteDaemonSetStrategyType {
			return waitsForDeletion
		}
	case *apps.ReplicaSet, *core.ReplicationController:
		return waitsForReplacement
	}
	return nil
}

// sameRevision compares the JSON of v1 Pod templates, as the StatefulSet and
// DaemonSet controllers keep it in ControllerRevisions (getPatch).
func sameRevision(a, b *core.PodTemplateSpec) bool {
	return bytes.Equal(revisionData(a), revisionData(b))
}

// revisionData goes through a PodTemplate, the only kind around a bare template.
func revisionData(template *core.PodTemplateSpec) []byte {
	v, err := viewIn(&core.PodTemplate{Template: *template}, schema.GroupVersionKind{Version: "v1", Kind: "PodTemplate"})
	if err != nil {
		panic(err)
	}
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}

// view is an object in a version, as it is stored or as it is read.
type view struct {
	of     object
	in     schema.GroupVersionKind
	isRead bool
}

// contentOf is the content of a view, which is only to be read.
func (c *call) contentOf(v view) (map[string]any, error) {
	if content, known := c.contents[v]; known {
		return content, nil
	}
	obj := v.of
	if service, ok := obj.(*core.Service); ok && v.isRead {
		service = service.DeepCopy()
		c.cluster.defaultOnRead(service)
		obj = service
	}
	versioned, err := viewIn(obj, v.in)
	if err != nil {
		return nil, err
	}
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(versioned)
	if err != nil {
		return nil, err
	}
	if c.contents == nil {
		c.contents = map[view]map[string]any{}
	}
	c.contents[v] = content
	return content, nil
}

// shown is the object as the API server shows it, which is only to be read; nil of none.
func (a *applied) shown(obj object) map[string]any {
	if obj == nil {
		return nil
	}
	_, isService := obj.(*core.Service)
	content, err := a.on.contentOf(view{obj, a.gvk, isService})
	if err != nil {
		panic(err)
	}
	return content
}

// The annotations in which kubectl and the API server keep books.
var bookkeeping = []string{core.LastAppliedConfigAnnotation, "deprecated.daemonset.template.generation"}

// comparable is what the API server shows, without what it and kubectl
// keep for themselves.
func (a *applied) comparable(obj object) map[string]any {
	content := maps.Clone(a.shown(obj))
	delete(content, "status")
	if metadata, ok := content["metadata"].(map[string]any); ok {
		metadata = maps.Clone(metadata)
		content["metadata"] = metadata
		for _, name := range []string{"managedFields", "generation", "resourceVersion", "uid", "creationTimestamp", "selfLink"} {
			delete(metadata, name)
		}
		if annotations, ok := metadata["annotations"].(map[string]any); ok {
			annotations = maps.Clone(annotations)
			metadata["annotations"] = annotations
			for _, name := range bookkeeping {
				delete(annotations, name)
			}
			if len(annotations) == 0 {
				delete(metadata, "annotations")
			}
		}
	}
	if secret, ok := obj.(*core.Secret); ok && len(secret.Data) == 0 {
		content["data"] = map[string]any{} // so that each key is a change of its own
	}
	return content
}

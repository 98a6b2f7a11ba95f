package judge

import (
	"cmp"
	"slices"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/apps"
	"k8s.io/kubernetes/pkg/apis/batch"
	"k8s.io/kubernetes/pkg/apis/core"
)

// Kind is one row of the table of kinds that are judged.
type Kind struct {
	Group string
	Kind  string
	// Versions are the served versions, the preferred one first.
	Versions []string
	// ClusterScoped kinds have no namespace.
	ClusterScoped bool
	// HasStatus says that a status in the manifest is reset on create and ignored on update.
	HasStatus bool
	Strategy  Strategy
	// pods finds what the object's Pods are made from, with its path. Nil for
	// kinds that make none.
	pods func(obj runtime.Object) (*core.PodTemplateSpec, *field.Path)
}

// Kinds is the table. Adding a kind is one row here, its hooks beside those of
// its group, and its name in the list of internal/genschema.
var Kinds = []Kind{
	{Kind: "Pod", Versions: v1, HasStatus: true, Strategy: pod, pods: podOf},
	{Kind: "PodTemplate", Versions: v1, Strategy: podTemplate, pods: templateOf(func(o *core.PodTemplate) *core.PodTemplateSpec { return &o.Template }, "template")},
	{Kind: "ReplicationController", Versions: v1, HasStatus: true, Strategy: replicationController, pods: templateOf(func(o *core.ReplicationController) *core.PodTemplateSpec { return o.Spec.Template }, "spec", "template")},
	{Kind: "Service", Versions: v1, HasStatus: true, Strategy: service},
	{Kind: "Endpoints", Versions: v1, Strategy: endpoints},
	{Kind: "ConfigMap", Versions: v1, Strategy: configMap},
	{Kind: "Secret", Versions: v1, Strategy: secret},
	{Kind: "ServiceAccount", Versions: v1, Strategy: serviceAccount},
	{Kind: "PersistentVolumeClaim", Versions: v1, HasStatus: true, Strategy: persistentVolumeClaim},
	{Kind: "PersistentVolume", Versions: v1, ClusterScoped: true, HasStatus: true, Strategy: persistentVolume},
	{Kind: "Namespace", Versions: v1, ClusterScoped: true, HasStatus: true, Strategy: namespace},
	{Kind: "LimitRange", Versions: v1, Strategy: limitRange},
	{Kind: "ResourceQuota", Versions: v1, HasStatus: true, Strategy: resourceQuota},

	{Group: "apps", Kind: "Deployment", Versions: v1, HasStatus: true, Strategy: deployment, pods: templateOf(func(o *apps.Deployment) *core.PodTemplateSpec { return &o.Spec.Template }, "spec", "template")},
	{Group: "apps", Kind: "ReplicaSet", Versions: v1, HasStatus: true, Strategy: replicaSet, pods: templateOf(func(o *apps.ReplicaSet) *core.PodTemplateSpec { return &o.Spec.Template }, "spec", "template")},
	{Group: "apps", Kind: "StatefulSet", Versions: v1, HasStatus: true, Strategy: statefulSet, pods: templateOf(func(o *apps.StatefulSet) *core.PodTemplateSpec { return &o.Spec.Template }, "spec", "template")},
	{Group: "apps", Kind: "DaemonSet", Versions: v1, HasStatus: true, Strategy: daemonSet, pods: templateOf(func(o *apps.DaemonSet) *core.PodTemplateSpec { return &o.Spec.Template }, "spec", "template")},
	{Group: "apps", Kind: "ControllerRevision", Versions: v1, Strategy: controllerRevision},

	{Group: "batch", Kind: "Job", Versions: v1, HasStatus: true, Strategy: batchJob, pods: templateOf(func(o *batch.Job) *core.PodTemplateSpec { return &o.Spec.Template }, "spec", "template")},
	{Group: "batch", Kind: "CronJob", Versions: v1, HasStatus: true, Strategy: cronJob, pods: templateOf(func(o *batch.CronJob) *core.PodTemplateSpec { return &o.Spec.JobTemplate.Spec.Template }, "spec", "jobTemplate", "spec", "template")},

	{Group: "autoscaling", Kind: "HorizontalPodAutoscaler", Versions: []string{"v2", "v1"}, HasStatus: true, Strategy: horizontalPodAutoscaler},
	{Group: "policy", Kind: "PodDisruptionBudget", Versions: v1, HasStatus: true, Strategy: podDisruptionBudget},
	{Group: "scheduling.k8s.io", Kind: "PriorityClass", Versions: v1, ClusterScoped: true, Strategy: priorityClass},

	{Group: "networking.k8s.io", Kind: "NetworkPolicy", Versions: v1, Strategy: networkPolicy},
	{Group: "networking.k8s.io", Kind: "Ingress", Versions: v1, HasStatus: true, Strategy: ingress},
	{Group: "networking.k8s.io", Kind: "IngressClass", Versions: v1, ClusterScoped: true, Strategy: ingressClass},

	{Group: "rbac.authorization.k8s.io", Kind: "Role", Versions: v1, Strategy: role},
	{Group: "rbac.authorization.k8s.io", Kind: "RoleBinding", Versions: v1, Strategy: roleBinding},
	{Group: "rbac.authorization.k8s.io", Kind: "ClusterRole", Versions: v1, ClusterScoped: true, Strategy: clusterRole},
	{Group: "rbac.authorization.k8s.io", Kind: "ClusterRoleBinding", Versions: v1, ClusterScoped: true, Strategy: clusterRoleBinding},

	{Group: "storage.k8s.io", Kind: "StorageClass", Versions: v1, ClusterScoped: true, Strategy: storageClass},
	{Group: "storage.k8s.io", Kind: "VolumeAttributesClass", Versions: v1, ClusterScoped: true, Strategy: volumeAttributesClass},
	{Group: "storage.k8s.io", Kind: "CSIDriver", Versions: v1, ClusterScoped: true, Strategy: csiDriver},
}

var v1 = []string{"v1"}

// lookup finds the row of gvk, or nil.
func lookup(gvk schema.GroupVersionKind) *Kind {
	for i := range Kinds {
		if k := &Kinds[i]; k.Kind == gvk.Kind && k.Group == gvk.Group && slices.Contains(k.Versions, gvk.Version) {
			return k
		}
	}
	return nil
}

// preferred is the kind in the version that manifests should have.
func (k *Kind) preferred() schema.GroupVersionKind {
	return schema.GroupVersionKind{Group: k.Group, Version: k.Versions[0], Kind: k.Kind}
}

// GroupVersionKinds lists every served version of every kind, sorted.
func GroupVersionKinds() (all []schema.GroupVersionKind) {
	for _, k := range Kinds {
		for _, version := range k.Versions {
			all = append(all, schema.GroupVersionKind{Group: k.Group, Version: version, Kind: k.Kind})
		}
	}
	slices.SortFunc(all, func(a, b schema.GroupVersionKind) int {
		return cmp.Or(cmp.Compare(a.GroupVersion().String(), b.GroupVersion().String()), cmp.Compare(a.Kind, b.Kind))
	})
	return all
}

func templateOf[T runtime.Object](template func(T) *core.PodTemplateSpec, path string, more ...string) func(runtime.Object) (*core.PodTemplateSpec, *field.Path) {
	return func(obj runtime.Object) (*core.PodTemplateSpec, *field.Path) {
		return template(obj.(T)), field.NewPath(path, more...)
	}
}

func podOf(obj runtime.Object) (*core.PodTemplateSpec, *field.Path) {
	p := obj.(*core.Pod)
	return &core.PodTemplateSpec{ObjectMeta: p.ObjectMeta, Spec: p.Spec}, nil
}

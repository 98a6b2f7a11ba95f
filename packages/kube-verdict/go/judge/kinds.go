package judge

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
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
	// Resets are the fields that nobody owns by applying them: mostly the status,
	// which is emptied on create and kept on update.
	Resets   []string
	Strategy Strategy
	// generatedName is what is made of a generateName. Nil for the usual, a random suffix.
	generatedName func(base string) string
	// pods finds what the object's Pods are made from, with its path. Nil for
	// kinds that make none.
	pods func(obj runtime.Object) (*core.PodTemplateSpec, *field.Path)
}

// Kinds is the table. Adding a kind is one row here, its hooks beside those of
// its group, and its name in the list of internal/genschema.
var Kinds = []Kind{
	{Kind: "Pod", Versions: v1, Resets: status, Strategy: pod, pods: podOf},
	{Kind: "PodTemplate", Versions: v1, Strategy: podTemplate, pods: templateOf(func(o *core.PodTemplate) *core.PodTemplateSpec { return &o.Template }, "template")},
	{Kind: "ReplicationController", Versions: v1, Resets: status, Strategy: replicationController, pods: templateOf(func(o *core.ReplicationController) *core.PodTemplateSpec { return o.Spec.Template }, "spec", "template")},
	{Kind: "Service", Versions: v1, Resets: status, Strategy: service},
	{Kind: "Endpoints", Versions: v1, Strategy: endpoints},
	{Kind: "ConfigMap", Versions: v1, Strategy: configMap},
	{Kind: "Secret", Versions: v1, Strategy: secret},
	{Kind: "ServiceAccount", Versions: v1, Strategy: serviceAccount},
	{Kind: "PersistentVolumeClaim", Versions: v1, Resets: status, Strategy: persistentVolumeClaim},
	{Kind: "PersistentVolume", Versions: v1, ClusterScoped: true, Resets: status, Strategy: persistentVolume},
	{Kind: "Namespace", Versions: v1, ClusterScoped: true, Resets: status, Strategy: namespace},
	{Kind: "LimitRange", Versions: v1, Strategy: limitRange},
	{Kind: "ResourceQuota", Versions: v1, Resets: status, Strategy: resourceQuota},
	{Kind: "Node", Versions: v1, ClusterScoped: true, Resets: status, Strategy: node},
	{Kind: "Event", Versions: v1, Strategy: event(corev1.SchemeGroupVersion)},

	{Group: "apps", Kind: "Deployment", Versions: v1, Resets: status, Strategy: deployment, pods: templateOf(func(o *apps.Deployment) *core.PodTemplateSpec { return &o.Spec.Template }, "spec", "template")},
	{Group: "apps", Kind: "ReplicaSet", Versions: v1, Resets: status, Strategy: replicaSet, pods: templateOf(func(o *apps.ReplicaSet) *core.PodTemplateSpec { return &o.Spec.Template }, "spec", "template")},
	{Group: "apps", Kind: "StatefulSet", Versions: v1, Resets: status, Strategy: statefulSet, pods: templateOf(func(o *apps.StatefulSet) *core.PodTemplateSpec { return &o.Spec.Template }, "spec", "template")},
	{Group: "apps", Kind: "DaemonSet", Versions: v1, Resets: status, Strategy: daemonSet, pods: templateOf(func(o *apps.DaemonSet) *core.PodTemplateSpec { return &o.Spec.Template }, "spec", "template")},
	{Group: "apps", Kind: "ControllerRevision", Versions: v1, Strategy: controllerRevision},

	{Group: "batch", Kind: "Job", Versions: v1, Resets: status, Strategy: batchJob, pods: templateOf(func(o *batch.Job) *core.PodTemplateSpec { return &o.Spec.Template }, "spec", "template")},
	{Group: "batch", Kind: "CronJob", Versions: v1, Resets: status, Strategy: cronJob, pods: templateOf(func(o *batch.CronJob) *core.PodTemplateSpec { return &o.Spec.JobTemplate.Spec.Template }, "spec", "jobTemplate", "spec", "template")},

	{Group: "autoscaling", Kind: "HorizontalPodAutoscaler", Versions: []string{"v2", "v1"}, Resets: status, Strategy: horizontalPodAutoscaler},
	{Group: "policy", Kind: "PodDisruptionBudget", Versions: v1, Resets: status, Strategy: podDisruptionBudget},
	{Group: "scheduling.k8s.io", Kind: "PriorityClass", Versions: v1, ClusterScoped: true, Strategy: priorityClass},
	{Group: "node.k8s.io", Kind: "RuntimeClass", Versions: v1, ClusterScoped: true, Strategy: runtimeClass},
	{Group: "coordination.k8s.io", Kind: "Lease", Versions: v1, Strategy: lease},
	{Group: "events.k8s.io", Kind: "Event", Versions: v1, Strategy: event(eventsv1.SchemeGroupVersion)},
	{Group: "discovery.k8s.io", Kind: "EndpointSlice", Versions: v1, Strategy: endpointSlice},

	{Group: "networking.k8s.io", Kind: "NetworkPolicy", Versions: v1, Strategy: networkPolicy},
	{Group: "networking.k8s.io", Kind: "Ingress", Versions: v1, Resets: status, Strategy: ingress},
	{Group: "networking.k8s.io", Kind: "IngressClass", Versions: v1, ClusterScoped: true, Strategy: ingressClass},
	// The strategy resets the status of the group "networking", which is none.
	{Group: "networking.k8s.io", Kind: "ServiceCIDR", Versions: v1, ClusterScoped: true, Strategy: serviceCIDR},
	{Group: "networking.k8s.io", Kind: "IPAddress", Versions: v1, ClusterScoped: true, Strategy: ipAddress, generatedName: func(base string) string { return base }},

	{Group: "rbac.authorization.k8s.io", Kind: "Role", Versions: v1, Strategy: role},
	{Group: "rbac.authorization.k8s.io", Kind: "RoleBinding", Versions: v1, Strategy: roleBinding},
	{Group: "rbac.authorization.k8s.io", Kind: "ClusterRole", Versions: v1, ClusterScoped: true, Strategy: clusterRole},
	{Group: "rbac.authorization.k8s.io", Kind: "ClusterRoleBinding", Versions: v1, ClusterScoped: true, Strategy: clusterRoleBinding},

	{Group: "storage.k8s.io", Kind: "StorageClass", Versions: v1, ClusterScoped: true, Strategy: storageClass},
	{Group: "storage.k8s.io", Kind: "VolumeAttributesClass", Versions: v1, ClusterScoped: true, Strategy: volumeAttributesClass},
	{Group: "storage.k8s.io", Kind: "CSIDriver", Versions: v1, ClusterScoped: true, Strategy: csiDriver},
	{Group: "storage.k8s.io", Kind: "CSINode", Versions: v1, ClusterScoped: true, Strategy: csiNode},
	{Group: "storage.k8s.io", Kind: "CSIStorageCapacity", Versions: v1, Strategy: csiStorageCapacity},
	{Group: "storage.k8s.io", Kind: "VolumeAttachment", Versions: v1, ClusterScoped: true, Resets: status, Strategy: volumeAttachment},

	{Group: "certificates.k8s.io", Kind: "CertificateSigningRequest", Versions: v1, ClusterScoped: true, Resets: []string{"spec", "status"}, Strategy: certificateSigningRequest},
	{Group: "flowcontrol.apiserver.k8s.io", Kind: "FlowSchema", Versions: v1, ClusterScoped: true, Resets: status, Strategy: flowSchema},
	{Group: "flowcontrol.apiserver.k8s.io", Kind: "PriorityLevelConfiguration", Versions: v1, ClusterScoped: true, Resets: status, Strategy: priorityLevelConfiguration},
	{Group: "apiregistration.k8s.io", Kind: "APIService", Versions: v1, ClusterScoped: true, Resets: status, Strategy: apiService},
}

var (
	v1     = []string{"v1"}
	status = []string{"status"}
)

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

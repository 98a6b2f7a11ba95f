package judge

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/runtime/serializer/versioning"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/kube-aggregator/pkg/apis/apiregistration"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	"k8s.io/kubernetes/pkg/apis/apps"
	appsv1 "k8s.io/kubernetes/pkg/apis/apps/v1"
	"k8s.io/kubernetes/pkg/apis/autoscaling"
	autoscalingv1 "k8s.io/kubernetes/pkg/apis/autoscaling/v1"
	autoscalingv2 "k8s.io/kubernetes/pkg/apis/autoscaling/v2"
	"k8s.io/kubernetes/pkg/apis/batch"
	batchv1 "k8s.io/kubernetes/pkg/apis/batch/v1"
	"k8s.io/kubernetes/pkg/apis/certificates"
	certificatesv1 "k8s.io/kubernetes/pkg/apis/certificates/v1"
	"k8s.io/kubernetes/pkg/apis/coordination"
	coordinationv1 "k8s.io/kubernetes/pkg/apis/coordination/v1"
	"k8s.io/kubernetes/pkg/apis/core"
	corev1 "k8s.io/kubernetes/pkg/apis/core/v1"
	"k8s.io/kubernetes/pkg/apis/discovery"
	discoveryv1 "k8s.io/kubernetes/pkg/apis/discovery/v1"
	"k8s.io/kubernetes/pkg/apis/events"
	eventsv1 "k8s.io/kubernetes/pkg/apis/events/v1"
	"k8s.io/kubernetes/pkg/apis/flowcontrol"
	flowcontrolv1 "k8s.io/kubernetes/pkg/apis/flowcontrol/v1"
	"k8s.io/kubernetes/pkg/apis/networking"
	networkingv1 "k8s.io/kubernetes/pkg/apis/networking/v1"
	nodeapi "k8s.io/kubernetes/pkg/apis/node"
	nodev1 "k8s.io/kubernetes/pkg/apis/node/v1"
	"k8s.io/kubernetes/pkg/apis/policy"
	policyv1 "k8s.io/kubernetes/pkg/apis/policy/v1"
	"k8s.io/kubernetes/pkg/apis/rbac"
	rbacv1 "k8s.io/kubernetes/pkg/apis/rbac/v1"
	"k8s.io/kubernetes/pkg/apis/scheduling"
	schedulingv1 "k8s.io/kubernetes/pkg/apis/scheduling/v1"
	"k8s.io/kubernetes/pkg/apis/storage"
	storagev1 "k8s.io/kubernetes/pkg/apis/storage/v1"
)

// scheme knows the group versions that a Kubernetes 1.34 API server serves of
// the groups judged here. The install packages would register versions that
// are no longer served and link the protobuf and CBOR serializers with them.
var scheme = newScheme()

func newScheme() *runtime.Scheme {
	s := runtime.NewScheme()
	metav1.AddToGroupVersion(s, schema.GroupVersion{Version: "v1"})
	for _, add := range []func(*runtime.Scheme) error{
		core.AddToScheme, corev1.AddToScheme,
		apps.AddToScheme, appsv1.AddToScheme,
		batch.AddToScheme, batchv1.AddToScheme,
		autoscaling.AddToScheme, autoscalingv2.AddToScheme, autoscalingv1.AddToScheme,
		networking.AddToScheme, networkingv1.AddToScheme,
		policy.AddToScheme, policyv1.AddToScheme,
		rbac.AddToScheme, rbacv1.AddToScheme,
		storage.AddToScheme, storagev1.AddToScheme,
		scheduling.AddToScheme, schedulingv1.AddToScheme,
		nodeapi.AddToScheme, nodev1.AddToScheme,
		coordination.AddToScheme, coordinationv1.AddToScheme,
		events.AddToScheme, eventsv1.AddToScheme,
		discovery.AddToScheme, discoveryv1.AddToScheme,
		certificates.AddToScheme, certificatesv1.AddToScheme,
		flowcontrol.AddToScheme, flowcontrolv1.AddToScheme,
		apiregistration.AddToScheme, apiregistrationv1.AddToScheme,
	} {
		utilruntime.Must(add(s))
	}
	return s
}

// decoder is what serializer.NewCodecFactory(scheme, serializer.EnableStrict)
// would return as its UniversalDecoder, for JSON alone: strict decoding, then
// defaults, then conversion to the internal version.
var decoder = versioning.NewDefaultingCodecForScheme(scheme, nil,
	json.NewSerializerWithOptions(metaFactory{}, scheme, scheme, json.SerializerOptions{Strict: true}),
	nil, runtime.InternalGroupVersioner)

// viewIn is an internal object as gvk, with its apiVersion and kind set. It consists
// of what the object does, and both are only to be read.
func viewIn(obj runtime.Object, gvk schema.GroupVersionKind) (runtime.Object, error) {
	versioned, err := scheme.UnsafeConvertToVersion(obj, gvk.GroupVersion())
	if err != nil {
		return nil, err
	}
	versioned.GetObjectKind().SetGroupVersionKind(gvk)
	return versioned, nil
}

// internal is the group's internal version, on which strategies work.
func internal(gvk schema.GroupVersionKind) schema.GroupVersion {
	return schema.GroupVersion{Group: gvk.Group, Version: runtime.APIVersionInternal}
}

package judge

import (
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/runtime/serializer/versioning"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	apiregistrationv1beta1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1beta1"
	appsv1beta1 "k8s.io/kubernetes/pkg/apis/apps/v1beta1"
	appsv1beta2 "k8s.io/kubernetes/pkg/apis/apps/v1beta2"
	autoscalingv2beta1 "k8s.io/kubernetes/pkg/apis/autoscaling/v2beta1"
	autoscalingv2beta2 "k8s.io/kubernetes/pkg/apis/autoscaling/v2beta2"
	batchv1beta1 "k8s.io/kubernetes/pkg/apis/batch/v1beta1"
	certificatesv1beta1 "k8s.io/kubernetes/pkg/apis/certificates/v1beta1"
	coordinationv1beta1 "k8s.io/kubernetes/pkg/apis/coordination/v1beta1"
	discoveryv1beta1 "k8s.io/kubernetes/pkg/apis/discovery/v1beta1"
	eventsv1beta1 "k8s.io/kubernetes/pkg/apis/events/v1beta1"
	"k8s.io/kubernetes/pkg/apis/extensions"
	extensionsv1beta1 "k8s.io/kubernetes/pkg/apis/extensions/v1beta1"
	flowcontrolv1beta1 "k8s.io/kubernetes/pkg/apis/flowcontrol/v1beta1"
	flowcontrolv1beta2 "k8s.io/kubernetes/pkg/apis/flowcontrol/v1beta2"
	flowcontrolv1beta3 "k8s.io/kubernetes/pkg/apis/flowcontrol/v1beta3"
	networkingv1beta1 "k8s.io/kubernetes/pkg/apis/networking/v1beta1"
	nodev1beta1 "k8s.io/kubernetes/pkg/apis/node/v1beta1"
	policyv1beta1 "k8s.io/kubernetes/pkg/apis/policy/v1beta1"
	rbacv1beta1 "k8s.io/kubernetes/pkg/apis/rbac/v1beta1"
	schedulingv1beta1 "k8s.io/kubernetes/pkg/apis/scheduling/v1beta1"
	storagev1beta1 "k8s.io/kubernetes/pkg/apis/storage/v1beta1"
)

// beforeScheme also knows versions that were served once, in which the old
// manifest of an apply may be. An object that was made of one is stored, and is
// read back in a version that is served.
var beforeScheme = func() *runtime.Scheme {
	s := newScheme()
	for _, add := range []func(*runtime.Scheme) error{
		appsv1beta1.AddToScheme, appsv1beta2.AddToScheme, extensions.AddToScheme, extensionsv1beta1.AddToScheme,
		batchv1beta1.AddToScheme, autoscalingv2beta1.AddToScheme, autoscalingv2beta2.AddToScheme,
		networkingv1beta1.AddToScheme, policyv1beta1.AddToScheme, rbacv1beta1.AddToScheme,
		storagev1beta1.AddToScheme, schedulingv1beta1.AddToScheme,
		certificatesv1beta1.AddToScheme, coordinationv1beta1.AddToScheme, discoveryv1beta1.AddToScheme, eventsv1beta1.AddToScheme,
		flowcontrolv1beta1.AddToScheme, flowcontrolv1beta2.AddToScheme, flowcontrolv1beta3.AddToScheme, nodev1beta1.AddToScheme,
		apiregistrationv1beta1.AddToScheme,
	} {
		utilruntime.Must(add(s))
	}
	return s
}()

var beforeDecoder = versioning.NewDefaultingCodecForScheme(beforeScheme, nil,
	json.NewSerializerWithOptions(json.DefaultMetaFactory, beforeScheme, beforeScheme, json.SerializerOptions{Strict: true}),
	nil, runtime.InternalGroupVersioner)

// lookupBefore finds the row that a version which is not served any more has
// come to, or nil.
func lookupBefore(gvk schema.GroupVersionKind) *Kind {
	obj, err := beforeScheme.New(gvk)
	if err != nil {
		return nil
	}
	stored, err := beforeScheme.UnsafeConvertToVersion(obj, runtime.InternalGroupVersioner)
	if err != nil {
		return nil
	}
	kinds, _, err := scheme.ObjectKinds(stored)
	if err != nil {
		return nil
	}
	for i := range Kinds {
		if Kinds[i].Group == kinds[0].Group && Kinds[i].Kind == kinds[0].Kind {
			return &Kinds[i]
		}
	}
	return nil
}

// decodeBefore is decode for such a version.
func decodeBefore(data []byte, gvk schema.GroupVersionKind) (object, error) {
	obj, _, err := beforeDecoder.Decode(data, nil, nil)
	if err != nil {
		return nil, decodeError(err, data, gvk)
	}
	return obj.(object), nil
}

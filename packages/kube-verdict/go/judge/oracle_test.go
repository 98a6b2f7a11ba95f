package judge

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/generic"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/apiserver/pkg/storage"
	"k8s.io/apiserver/pkg/storage/storagebackend"
	"k8s.io/apiserver/pkg/storage/storagebackend/factory"
	"k8s.io/apiserver/pkg/warning"
	"k8s.io/client-go/tools/cache"
	apiregistrationinstall "k8s.io/kube-aggregator/pkg/apis/apiregistration/install"
	"k8s.io/kube-aggregator/pkg/registry/apiservice"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/registry/apps/controllerrevision"
	"k8s.io/kubernetes/pkg/registry/apps/daemonset"
	deploymentregistry "k8s.io/kubernetes/pkg/registry/apps/deployment"
	"k8s.io/kubernetes/pkg/registry/apps/replicaset"
	"k8s.io/kubernetes/pkg/registry/apps/statefulset"
	"k8s.io/kubernetes/pkg/registry/autoscaling/horizontalpodautoscaler"
	"k8s.io/kubernetes/pkg/registry/batch/cronjob"
	jobregistry "k8s.io/kubernetes/pkg/registry/batch/job"
	csrregistry "k8s.io/kubernetes/pkg/registry/certificates/certificates"
	leaseregistry "k8s.io/kubernetes/pkg/registry/coordination/lease"
	"k8s.io/kubernetes/pkg/registry/core/configmap"
	endpointregistry "k8s.io/kubernetes/pkg/registry/core/endpoint"
	eventregistry "k8s.io/kubernetes/pkg/registry/core/event"
	"k8s.io/kubernetes/pkg/registry/core/limitrange"
	namespaceregistry "k8s.io/kubernetes/pkg/registry/core/namespace"
	noderegistry "k8s.io/kubernetes/pkg/registry/core/node"
	"k8s.io/kubernetes/pkg/registry/core/persistentvolume"
	"k8s.io/kubernetes/pkg/registry/core/persistentvolumeclaim"
	podregistry "k8s.io/kubernetes/pkg/registry/core/pod"
	"k8s.io/kubernetes/pkg/registry/core/podtemplate"
	"k8s.io/kubernetes/pkg/registry/core/replicationcontroller"
	"k8s.io/kubernetes/pkg/registry/core/resourcequota"
	secretregistry "k8s.io/kubernetes/pkg/registry/core/secret"
	serviceregistry "k8s.io/kubernetes/pkg/registry/core/service"
	"k8s.io/kubernetes/pkg/registry/core/service/ipallocator"
	"k8s.io/kubernetes/pkg/registry/core/service/portallocator"
	servicestorage "k8s.io/kubernetes/pkg/registry/core/service/storage"
	serviceaccountregistry "k8s.io/kubernetes/pkg/registry/core/serviceaccount"
	"k8s.io/kubernetes/pkg/registry/discovery/endpointslice"
	flowschemaregistry "k8s.io/kubernetes/pkg/registry/flowcontrol/flowschema"
	"k8s.io/kubernetes/pkg/registry/flowcontrol/prioritylevelconfiguration"
	ingressregistry "k8s.io/kubernetes/pkg/registry/networking/ingress"
	"k8s.io/kubernetes/pkg/registry/networking/ingressclass"
	"k8s.io/kubernetes/pkg/registry/networking/ipaddress"
	"k8s.io/kubernetes/pkg/registry/networking/networkpolicy"
	"k8s.io/kubernetes/pkg/registry/networking/servicecidr"
	"k8s.io/kubernetes/pkg/registry/node/runtimeclass"
	"k8s.io/kubernetes/pkg/registry/policy/poddisruptionbudget"
	"k8s.io/kubernetes/pkg/registry/rbac/clusterrole"
	"k8s.io/kubernetes/pkg/registry/rbac/clusterrolebinding"
	roleregistry "k8s.io/kubernetes/pkg/registry/rbac/role"
	"k8s.io/kubernetes/pkg/registry/rbac/rolebinding"
	"k8s.io/kubernetes/pkg/registry/scheduling/priorityclass"
	"k8s.io/kubernetes/pkg/registry/storage/csidriver"
	"k8s.io/kubernetes/pkg/registry/storage/csinode"
	"k8s.io/kubernetes/pkg/registry/storage/csistoragecapacity"
	"k8s.io/kubernetes/pkg/registry/storage/storageclass"
	"k8s.io/kubernetes/pkg/registry/storage/volumeattachment"
	"k8s.io/kubernetes/pkg/registry/storage/volumeattributesclass"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
)

// restStrategy is what every REST strategy of the API server is.
type restStrategy interface {
	rest.RESTCreateStrategy
	rest.RESTUpdateStrategy
}

// oracles are the API server's own strategies, which do not build for
// WebAssembly (they link etcd's file locks) but do natively.
var oracles = map[string]restStrategy{
	"Pod": podregistry.Strategy, "PodTemplate": podtemplate.Strategy, "ReplicationController": replicationcontroller.Strategy,
	"Service": serviceregistry.Strategy, "Endpoints": endpointregistry.Strategy, "ConfigMap": configmap.Strategy,
	"Secret": secretregistry.Strategy, "ServiceAccount": serviceaccountregistry.Strategy,
	"PersistentVolumeClaim": persistentvolumeclaim.Strategy, "PersistentVolume": persistentvolume.Strategy,
	"Namespace": namespaceregistry.Strategy, "LimitRange": limitrange.Strategy, "ResourceQuota": resourcequota.Strategy,
	"Deployment": deploymentregistry.Strategy, "ReplicaSet": replicaset.Strategy, "StatefulSet": statefulset.Strategy,
	"DaemonSet": daemonset.Strategy, "ControllerRevision": controllerrevision.Strategy,
	"Job": jobregistry.Strategy, "CronJob": cronjob.Strategy,
	"HorizontalPodAutoscaler": horizontalpodautoscaler.Strategy, "PodDisruptionBudget": poddisruptionbudget.Strategy,
	"PriorityClass": priorityclass.Strategy,
	"NetworkPolicy": networkpolicy.Strategy, "Ingress": ingressregistry.Strategy, "IngressClass": ingressclass.Strategy,
	"Role": roleregistry.Strategy, "RoleBinding": rolebinding.Strategy,
	"ClusterRole": clusterrole.Strategy, "ClusterRoleBinding": clusterrolebinding.Strategy,
	"StorageClass": storageclass.Strategy, "VolumeAttributesClass": volumeattributesclass.Strategy, "CSIDriver": csidriver.Strategy,
	"CSINode": csinode.Strategy, "CSIStorageCapacity": csistoragecapacity.Strategy, "VolumeAttachment": volumeattachment.Strategy,
	"Node": noderegistry.Strategy, "Event": eventregistry.Strategy, "RuntimeClass": runtimeclass.Strategy, "Lease": leaseregistry.Strategy,
	"EndpointSlice": endpointslice.Strategy, "ServiceCIDR": servicecidr.Strategy, "IPAddress": ipaddress.Strategy,
	"CertificateSigningRequest": csrregistry.Strategy,
	"FlowSchema":                flowschemaregistry.Strategy, "PriorityLevelConfiguration": prioritylevelconfiguration.Strategy,
	"APIService": apiservice.NewStrategy(legacyscheme.Scheme),
}

// The aggregation layer has a scheme of its own in an API server.
func init() { apiregistrationinstall.Install(legacyscheme.Scheme) }

func TestEveryKindHasAnOracle(t *testing.T) {
	for _, kind := range Kinds {
		oracle := oracles[kind.Kind]
		if oracle == nil {
			t.Errorf("%s has no REST strategy to be compared with", kind.Kind)
			continue
		}
		if oracle.NamespaceScoped() == kind.ClusterScoped {
			t.Errorf("%s: ClusterScoped is %v, the REST strategy says otherwise", kind.Kind, kind.ClusterScoped)
		}
		for _, version := range kind.Versions {
			if resets := resetFields(oracle, schema.GroupVersion{Group: kind.Group, Version: version}); !slices.Equal(resets, kind.Resets) {
				t.Errorf("%s: Resets are %v, those of the REST strategy %v", kind.Kind, kind.Resets, resets)
			}
		}
	}
	for name := range oracles {
		if !slices.ContainsFunc(Kinds, func(k Kind) bool { return k.Kind == name }) {
			t.Errorf("%s has an oracle, and is not judged", name)
		}
	}
}

func resetFields(oracle restStrategy, version schema.GroupVersion) (names []string) {
	resetting, ok := oracle.(rest.ResetFieldsStrategy)
	if !ok {
		return nil
	}
	if set := resetting.GetResetFields()[fieldpath.APIVersion(version.String())]; set != nil {
		set.Iterate(func(path fieldpath.Path) { names = append(names, strings.TrimPrefix(path.String(), ".")) })
	}
	return names
}

// outcome is what the API server's own code says of one object.
type outcome struct {
	errs     []FieldError
	warnings []string
}

type recorder struct{ warnings []string }

func (r *recorder) AddWarning(_, text string) { r.warnings = append(r.warnings, text) }

var strictDecoder = serializer.NewCodecFactory(legacyscheme.Scheme, serializer.EnableStrict).UniversalDecoder()

// oracleCreate takes a manifest through the API server's decoding, admission
// plugins, allocation and rest.BeforeCreate.
func oracleCreate(t testing.TB, data []byte, kind *Kind) (object, outcome) {
	decoded, _, err := strictDecoder.Decode(data, nil, nil)
	if err != nil {
		return nil, outcome{errs: oracleReasons(err)}
	}
	obj := decoded.(object)
	ctx, warned := oracleContext(obj, kind)
	rest.WipeObjectMetaSystemFields(obj)
	obj.SetResourceVersion("")
	if err := admit(t, ctx, obj, nil); err != nil {
		return nil, outcome{errs: oracleReasons(err)}
	}
	obj.SetCreationTimestamp(created)
	obj.SetUID(liveUID)
	if obj.GetGenerateName() != "" && obj.GetName() == "" {
		name := oracles[kind.Kind].GenerateName(obj.GetGenerateName())
		if name != obj.GetGenerateName() { // with a random suffix
			name = name[:len(name)-len(generatedSuffix)] + generatedSuffix
		}
		obj.SetName(name)
	}
	if service, ok := obj.(*core.Service); ok {
		if _, err := serviceStore(t).BeginCreate(ctx, service, &metav1.CreateOptions{}); err != nil {
			return nil, outcome{errs: oracleReasons(err)}
		}
	}
	if err := rest.BeforeCreate(oracles[kind.Kind], ctx, obj); err != nil {
		return nil, outcome{errs: oracleReasons(err)}
	}
	if err := validateAdmission(t, ctx, obj, nil); err != nil {
		return nil, outcome{errs: oracleReasons(err)}
	}
	obj.SetResourceVersion(liveVersion)
	return obj, outcome{warnings: warned.warnings}
}

// oracleUpdate takes a whole new object through the API server's update.
func oracleUpdate(t testing.TB, data []byte, live object, kind *Kind) outcome {
	decoded, _, err := strictDecoder.Decode(data, nil, nil)
	if err != nil {
		return outcome{errs: oracleReasons(err)}
	}
	obj, old := decoded.(object), live.DeepCopyObject().(object)
	obj.SetResourceVersion(liveVersion)
	ctx, warned := oracleContext(obj, kind)
	if err := admit(t, ctx, obj, old); err != nil {
		return outcome{errs: oracleReasons(err)}
	}
	if service, ok := obj.(*core.Service); ok {
		if _, err := serviceStore(t).BeginUpdate(ctx, service, old, &metav1.UpdateOptions{}); err != nil {
			return outcome{errs: oracleReasons(err)}
		}
	}
	if err := rest.BeforeUpdate(oracles[kind.Kind], ctx, obj, old); err != nil {
		return outcome{errs: oracleReasons(err)}
	}
	if err := validateAdmission(t, ctx, obj, old); err != nil {
		return outcome{errs: oracleReasons(err)}
	}
	return outcome{warnings: warned.warnings}
}

func oracleContext(obj object, kind *Kind) (context.Context, *recorder) {
	testCall().setNamespace(obj, kind)
	warned := &recorder{}
	ctx := genericapirequest.WithNamespace(genericapirequest.NewContext(), obj.GetNamespace())
	version := kind.Versions[0]
	ctx = genericapirequest.WithRequestInfo(ctx, &genericapirequest.RequestInfo{APIGroup: kind.Group, APIVersion: version})
	return warning.WithWarningRecorder(ctx, warned), warned
}

func oracleReasons(err error) (out []FieldError) {
	var status *apierrors.StatusError
	if errors.As(err, &status) && status.ErrStatus.Details != nil && len(status.ErrStatus.Details.Causes) > 0 {
		for _, cause := range status.ErrStatus.Details.Causes {
			out = append(out, FieldError{Field: cause.Field, Type: string(cause.Type), Message: cause.Message})
		}
		sortFieldErrors(out)
		return out
	}
	if strict, ok := runtime.AsStrictDecodingError(err); ok {
		for _, e := range strict.Errors() {
			out = append(out, strictReason(e))
		}
		sortFieldErrors(out)
		return out
	}
	return []FieldError{{Message: err.Error()}}
}

// serviceStore is the Service's storage with its real allocators in memory.
func serviceStore(t testing.TB) *servicestorage.REST {
	_, serviceNet, err := net.ParseCIDR(defaultServiceRange)
	if err != nil {
		t.Fatal(err)
	}
	ips, err := ipallocator.NewInMemory(serviceNet)
	if err != nil {
		t.Fatal(err)
	}
	ports, err := portallocator.NewInMemory(utilnet.PortRange{Base: nodePortMin, Size: nodePortMax - nodePortMin + 1})
	if err != nil {
		t.Fatal(err)
	}
	store, _, _, err := servicestorage.NewREST(noStorage{}, core.IPv4Protocol,
		map[core.IPFamily]ipallocator.Interface{core.IPv4Protocol: ips}, ports, nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// noStorage makes stores that allocate but never read or write.
type noStorage struct{}

func (noStorage) GetRESTOptions(resource schema.GroupResource, _ runtime.Object) (generic.RESTOptions, error) {
	return generic.RESTOptions{
		StorageConfig: &storagebackend.ConfigForResource{}, ResourcePrefix: resource.Resource,
		Decorator: func(*storagebackend.ConfigForResource, string, func(runtime.Object) (string, error), func() runtime.Object, func() runtime.Object,
			storage.AttrFunc, storage.IndexerFuncs, *cache.Indexers) (storage.Interface, factory.DestroyFunc, error) {
			return nil, func() {}, nil
		},
	}, nil
}

package judge

import (
	"context"
	"crypto/tls"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	utilvalidation "k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	podutil "k8s.io/kubernetes/pkg/api/pod"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/apis/core/helper"
	"k8s.io/kubernetes/pkg/apis/core/validation"
)

// podNameWarnings warns of names that the kind's Pods cannot bear as host names.
func podNameWarnings(name string) []string {
	if msgs := utilvalidation.IsDNS1123Label(name); len(msgs) != 0 {
		return []string{fmt.Sprintf("metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: %v", msgs)}
	}
	return nil
}

// replicationController is pkg/registry/core/replicationcontroller/strategy.go.
// Its declarative validation runs there too, for metrics only: the takeover
// gate is off.
var replicationController = hooks[*core.ReplicationController]{
	prepareCreate: func(obj *core.ReplicationController) {
		obj.Status = core.ReplicationControllerStatus{}
		obj.Generation = 1
		podutil.DropDisabledTemplateFields(obj.Spec.Template, nil)
	},
	validateCreate: func(obj *core.ReplicationController) field.ErrorList {
		return validation.ValidateReplicationController(obj, podutil.GetValidationOptionsFromPodTemplate(obj.Spec.Template, nil))
	},
	warnCreate: func(obj *core.ReplicationController) []string {
		return append(podNameWarnings(obj.Name),
			podutil.GetWarningsForPodTemplate(context.Background(), templatePath, obj.Spec.Template, nil)...)
	},
	prepareUpdate: func(obj, old *core.ReplicationController) {
		obj.Status = old.Status
		podutil.DropDisabledTemplateFields(obj.Spec.Template, old.Spec.Template)
		if !apiequality.Semantic.DeepEqual(old.Spec, obj.Spec) {
			obj.Generation = old.Generation + 1
		}
	},
	validateUpdate: func(obj, old *core.ReplicationController) field.ErrorList {
		opts := podutil.GetValidationOptionsFromPodTemplate(obj.Spec.Template, old.Spec.Template)
		errs := append(validation.ValidateReplicationController(obj, opts), validation.ValidateReplicationControllerUpdate(obj, old, opts)...)
		return append(errs, nonConvertibleErrors(obj, old)...)
	},
	warnUpdate: func(obj, old *core.ReplicationController) []string {
		if obj.Generation == old.Generation {
			return nil
		}
		// The strategy passes the old template for the new one.
		return podutil.GetWarningsForPodTemplate(context.Background(), templatePath, old.Spec.Template, obj.Spec.Template)
	},
}

func nonConvertibleErrors(obj, old *core.ReplicationController) (errs field.ErrorList) {
	for key, value := range helper.NonConvertibleFields(old.Annotations) {
		parts := strings.Split(key, "/")
		if len(parts) != 2 {
			continue
		}
		if !strings.Contains(parts[1], "selector") {
			errs = append(errs, &field.Error{Type: field.ErrorTypeNotFound, BadValue: value, Field: parts[1], Detail: "unknown non-convertible field"})
		} else if !apiequality.Semantic.DeepEqual(old.Spec.Selector, obj.Spec.Selector) {
			errs = append(errs, field.Invalid(field.NewPath("spec").Child("selector"), obj.Spec.Selector, "cannot update non-convertible selector"))
		}
	}
	return errs
}

// podTemplate is pkg/registry/core/podtemplate/strategy.go.
var podTemplate = hooks[*core.PodTemplate]{
	prepareCreate: func(obj *core.PodTemplate) {
		obj.Generation = 1
		podutil.DropDisabledTemplateFields(&obj.Template, nil)
	},
	validateCreate: func(obj *core.PodTemplate) field.ErrorList {
		return validation.ValidatePodTemplate(obj, podutil.GetValidationOptionsFromPodTemplate(&obj.Template, nil))
	},
	warnCreate: func(obj *core.PodTemplate) []string {
		return podutil.GetWarningsForPodTemplate(context.Background(), field.NewPath("template"), &obj.Template, nil)
	},
	prepareUpdate: func(obj, old *core.PodTemplate) {
		podutil.DropDisabledTemplateFields(&obj.Template, &old.Template)
		if !apiequality.Semantic.DeepEqual(obj.Template, old.Template) {
			obj.Generation = old.Generation + 1
		}
	},
	validateUpdate: func(obj, old *core.PodTemplate) field.ErrorList {
		return validation.ValidatePodTemplateUpdate(obj, old, podutil.GetValidationOptionsFromPodTemplate(&obj.Template, &old.Template))
	},
	warnUpdate: func(obj, old *core.PodTemplate) []string {
		if obj.Generation == old.Generation {
			return nil
		}
		return podutil.GetWarningsForPodTemplate(context.Background(), field.NewPath("template"), &obj.Template, &old.Template)
	},
}

// configMap is pkg/registry/core/configmap/strategy.go.
var configMap = hooks[*core.ConfigMap]{
	validateCreate: validation.ValidateConfigMap,
	validateUpdate: validation.ValidateConfigMapUpdate,
}

// secret is pkg/registry/core/secret/strategy.go.
var secret = hooks[*core.Secret]{
	validateCreate: validation.ValidateSecret,
	warnCreate:     secretWarnings,
	prepareUpdate: func(obj, old *core.Secret) {
		if obj.Type == "" {
			obj.Type = old.Type
		}
	},
	validateUpdate: validation.ValidateSecretUpdate,
	warnUpdate:     func(obj, _ *core.Secret) []string { return secretWarnings(obj) },
}

func secretWarnings(obj *core.Secret) []string {
	if obj.Type != core.SecretTypeTLS {
		return nil
	}
	if _, err := tls.X509KeyPair(obj.Data[core.TLSCertKey], obj.Data[core.TLSPrivateKeyKey]); err != nil {
		return []string{err.Error()}
	}
	return nil
}

// enforceMountableSecrets is pkg/serviceaccount.EnforceMountableSecretsAnnotation,
// whose package would link the token authenticators.
const enforceMountableSecrets = "kubernetes.io/enforce-mountable-secrets"

// serviceAccount is pkg/registry/core/serviceaccount/strategy.go.
var serviceAccount = hooks[*core.ServiceAccount]{
	prepareCreate:  keepSecretNames,
	validateCreate: validation.ValidateServiceAccount,
	warnCreate:     func(obj *core.ServiceAccount) []string { return mountableSecretsWarnings(obj, nil) },
	prepareUpdate:  func(obj, _ *core.ServiceAccount) { keepSecretNames(obj) },
	validateUpdate: validation.ValidateServiceAccountUpdate,
	warnUpdate:     mountableSecretsWarnings,
}

func keepSecretNames(obj *core.ServiceAccount) {
	for i, reference := range obj.Secrets {
		obj.Secrets[i] = core.ObjectReference{Name: reference.Name}
	}
}

func mountableSecretsWarnings(obj, old *core.ServiceAccount) []string {
	if old != nil {
		if _, had := old.Annotations[enforceMountableSecrets]; had {
			return nil
		}
	}
	if _, has := obj.Annotations[enforceMountableSecrets]; has {
		return []string{fmt.Sprintf("metadata.annotations[%s]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets", enforceMountableSecrets)}
	}
	return nil
}

// namespace is pkg/registry/core/namespace/strategy.go.
var namespace = hooks[*core.Namespace]{
	prepareCreate: func(obj *core.Namespace) {
		obj.Status = core.NamespaceStatus{Phase: core.NamespaceActive}
		if !slices.Contains(obj.Spec.Finalizers, core.FinalizerKubernetes) {
			obj.Spec.Finalizers = append(obj.Spec.Finalizers, core.FinalizerKubernetes)
		}
	},
	validateCreate: validation.ValidateNamespace,
	prepareUpdate: func(obj, old *core.Namespace) {
		obj.Spec.Finalizers = old.Spec.Finalizers
		obj.Status = old.Status
	},
	validateUpdate: func(obj, old *core.Namespace) field.ErrorList {
		return append(validation.ValidateNamespace(obj), validation.ValidateNamespaceUpdate(obj, old)...)
	},
	canonicalizeObj: func(obj *core.Namespace) {
		if obj.Labels == nil {
			obj.Labels = map[string]string{}
		}
		obj.Labels[corev1.LabelMetadataName] = obj.Name
	},
}

// limitRange is pkg/registry/core/limitrange/strategy.go.
var limitRange = hooks[*core.LimitRange]{
	prepareCreate: func(obj *core.LimitRange) {
		if obj.Name == "" {
			obj.Name = liveUID
		}
	},
	validateCreate: validation.ValidateLimitRange,
	validateUpdate: func(obj, _ *core.LimitRange) field.ErrorList { return validation.ValidateLimitRange(obj) },
}

// resourceQuota is pkg/registry/core/resourcequota/strategy.go.
var resourceQuota = hooks[*core.ResourceQuota]{
	prepareCreate:  func(obj *core.ResourceQuota) { obj.Status = core.ResourceQuotaStatus{} },
	validateCreate: validation.ValidateResourceQuota,
	prepareUpdate:  func(obj, old *core.ResourceQuota) { obj.Status = old.Status },
	validateUpdate: validation.ValidateResourceQuotaUpdate,
}

// endpoints is pkg/registry/core/endpoint/strategy.go.
var endpoints = hooks[*core.Endpoints]{
	validateCreate: validation.ValidateEndpointsCreate,
	warnCreate:     endpointsWarnings,
	validateUpdate: validation.ValidateEndpointsUpdate,
	warnUpdate:     func(obj, _ *core.Endpoints) []string { return endpointsWarnings(obj) },
}

// endpointsManagedBy marks what the endpoints controller wrote
// (k8s.io/kubernetes/pkg/controller/endpoint.LabelManagedBy and ControllerName).
const (
	endpointsManagedBy  = "endpoints.kubernetes.io/managed-by"
	endpointsController = "endpoint-controller"
)

func endpointsWarnings(obj *core.Endpoints) (warnings []string) {
	if obj.Labels[endpointsManagedBy] == endpointsController {
		return nil
	}
	for i, subset := range obj.Subsets {
		path := field.NewPath("subsets").Index(i)
		for j, address := range subset.Addresses {
			warnings = append(warnings, utilvalidation.GetWarningsForIP(path.Child("addresses").Index(j).Child("ip"), address.IP)...)
		}
		for j, address := range subset.NotReadyAddresses {
			warnings = append(warnings, utilvalidation.GetWarningsForIP(path.Child("notReadyAddresses").Index(j).Child("ip"), address.IP)...)
		}
	}
	return warnings
}

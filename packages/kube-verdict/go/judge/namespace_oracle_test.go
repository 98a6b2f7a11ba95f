package judge

import (
	"context"
	"testing"

	admissionv1 "k8s.io/api/admission/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	podsecurity "k8s.io/pod-security-admission/admission"
	"k8s.io/pod-security-admission/admission/api/load"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/metrics"
	"k8s.io/pod-security-admission/policy"
)

// validateNamespace asks the PodSecurity admission plugin about a Namespace
// in a cluster without Pods.
func validateNamespace(t testing.TB, obj, old object) error {
	configuration, err := load.LoadFromData(nil)
	if err != nil {
		t.Fatal(err)
	}
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks())
	if err != nil {
		t.Fatal(err)
	}
	plugin := &podsecurity.Admission{Configuration: configuration, Evaluator: evaluator, Metrics: nothing{}, NamespaceGetter: nothing{}, PodLister: nothing{}}
	if err := plugin.CompleteConfiguration(); err != nil {
		t.Fatal(err)
	}
	gvk := corev1.SchemeGroupVersion.WithKind("Namespace")
	attributes := &api.AttributesRecord{Kind: gvk, Resource: corev1.SchemeGroupVersion.WithResource("namespaces"), Operation: admissionv1.Create}
	if attributes.Object, err = viewIn(obj.DeepCopyObject(), gvk); err != nil {
		t.Fatal(err)
	}
	if old != nil {
		attributes.Operation = admissionv1.Update
		if attributes.OldObject, err = viewIn(old.DeepCopyObject(), gvk); err != nil {
			t.Fatal(err)
		}
	}
	if response := plugin.ValidateNamespace(context.Background(), attributes); !response.Allowed {
		return &apierrors.StatusError{ErrStatus: *response.Result}
	}
	return nil
}

// nothing is a cluster without Namespaces and Pods, which records no metrics.
type nothing struct{}

func (nothing) GetNamespace(context.Context, string) (*corev1.Namespace, error)                   { return nil, nil }
func (nothing) ListPods(context.Context, string) ([]*corev1.Pod, error)                           { return nil, nil }
func (nothing) RecordEvaluation(metrics.Decision, api.LevelVersion, metrics.Mode, api.Attributes) {}
func (nothing) RecordExemption(api.Attributes)                                                    {}
func (nothing) RecordError(bool, api.Attributes)                                                  {}

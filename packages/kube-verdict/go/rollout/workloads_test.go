package rollout

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/go-logr/logr"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/klog/v2"
	_ "k8s.io/kubernetes/pkg/apis/apps/install" // what the controllers' scheme knows
	kubeappsv1 "k8s.io/kubernetes/pkg/apis/apps/v1"
)

// The controllers log what they decide.
func init() { klog.SetLogger(logr.Discard()) }

// seeded draws anew on every run; VERDICT_SEED repeats one.
func seeded(t testing.TB) *rand.Rand {
	seed := uint64(time.Now().UnixNano())
	if given := os.Getenv("VERDICT_SEED"); given != "" {
		parsed, err := strconv.ParseUint(given, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		seed = parsed
	}
	t.Logf("VERDICT_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 1))
}

var labels = map[string]string{"app": "web"}

func template(image string) corev1.PodTemplateSpec {
	return corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: labels},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "web", Image: image}}},
	}
}

func metadata() metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: "web", Namespace: "default", UID: "00000000-0000-4000-8000-000000000001"}
}

func deploymentOf(replicas int32, image string, strategy appsv1.DeploymentStrategy) *appsv1.Deployment {
	d := &appsv1.Deployment{ObjectMeta: metadata(), Spec: appsv1.DeploymentSpec{
		Replicas: &replicas, Selector: &metav1.LabelSelector{MatchLabels: labels}, Template: template(image), Strategy: strategy,
	}}
	kubeappsv1.SetObjectDefaults_Deployment(d)
	return d
}

func rolling(surge, unavailable intstr.IntOrString) appsv1.DeploymentStrategy {
	return appsv1.DeploymentStrategy{
		Type:          appsv1.RollingUpdateDeploymentStrategyType,
		RollingUpdate: &appsv1.RollingUpdateDeployment{MaxSurge: &surge, MaxUnavailable: &unavailable},
	}
}

func statefulSetOf(replicas int32, image string, change func(*appsv1.StatefulSetSpec)) *appsv1.StatefulSet {
	s := &appsv1.StatefulSet{ObjectMeta: metadata(), Spec: appsv1.StatefulSetSpec{
		Replicas: &replicas, Selector: &metav1.LabelSelector{MatchLabels: labels}, Template: template(image), ServiceName: "web",
	}}
	if change != nil {
		change(&s.Spec)
	}
	kubeappsv1.SetObjectDefaults_StatefulSet(s)
	return s
}

func daemonSetOf(image string, surge, unavailable *intstr.IntOrString) *appsv1.DaemonSet {
	d := &appsv1.DaemonSet{ObjectMeta: metadata(), Spec: appsv1.DaemonSetSpec{
		Selector: &metav1.LabelSelector{MatchLabels: labels}, Template: template(image),
	}}
	if surge != nil || unavailable != nil {
		d.Spec.UpdateStrategy = appsv1.DaemonSetUpdateStrategy{
			Type:          appsv1.RollingUpdateDaemonSetStrategyType,
			RollingUpdate: &appsv1.RollingUpdateDaemonSet{MaxSurge: surge, MaxUnavailable: unavailable},
		}
	}
	kubeappsv1.SetObjectDefaults_DaemonSet(d)
	return d
}

// bound draws a number or a percentage.
func bound(r *rand.Rand, most int) intstr.IntOrString {
	if r.IntN(2) == 0 {
		return intstr.FromInt32(int32(r.IntN(most + 1)))
	}
	return intstr.FromString(fmt.Sprintf("%d%%", r.IntN(101)))
}

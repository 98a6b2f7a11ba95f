package judge

import (
	"slices"
	"testing"

	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

func level(name string) func(*Request) { return func(r *Request) { r.PodSecurity = name } }

const restrictedPod = `
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
  containers:
  - {name: a, image: a, securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}
`

func TestPodSecurityNamesTheFieldsThatARefusalIsAbout(t *testing.T) {
	for _, test := range []struct {
		promise, level, manifest string
		fields                   []string
	}{
		{"a restricted Pod passes", "restricted", restrictedPod, nil},
		{"nothing is asked", "", replace(restrictedPod, "spec:", "spec:\n  hostNetwork: true"), nil},
		{"everything is allowed", "privileged", replace(restrictedPod, "spec:", "spec:\n  hostNetwork: true"), nil},
		{"host namespaces", "baseline", replace(restrictedPod, "spec:", "spec:\n  hostPID: true\n  hostNetwork: true"), []string{"spec.hostNetwork", "spec.hostPID"}},
		{"a host path", "baseline", replace(restrictedPod, "spec:", "spec:\n  volumes: [{name: ok, emptyDir: {}}, {name: h, hostPath: {path: /}}]"), []string{"spec.volumes[1]"}},
		{"what the Pod sets is not reported for its containers", "restricted", replace(restrictedPod, "runAsNonRoot: true", "runAsNonRoot: true, runAsUser: 0"), []string{"spec.securityContext.runAsUser"}},
		{"a Deployment's containers", "restricted", deploymentV1, []string{
			"spec.template.spec.containers[0].securityContext.allowPrivilegeEscalation",
			"spec.template.spec.containers[0].securityContext.capabilities",
			"spec.template.spec.containers[0].securityContext.runAsNonRoot",
			"spec.template.spec.containers[0].securityContext.seccompProfile",
		}},
		{"a ConfigMap has no Pods", "restricted", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}", nil},
	} {
		t.Run(test.promise, func(t *testing.T) {
			a := ask(t, "create", "", test.manifest, level(test.level))
			if a.Accepted == nil || !*a.Accepted || !slices.Equal(fieldsOf(a.PodErrors), test.fields) && len(test.fields)+len(a.PodErrors) > 0 {
				t.Fatalf("fields %q, want %q\n%v", fieldsOf(a.PodErrors), test.fields, a)
			}
		})
	}
}

// TestChecksAreTheEvaluatorsOwn holds the selection of checks against the
// library's evaluator, which does not tell which check a result is from.
func TestChecksAreTheEvaluatorsOwn(t *testing.T) {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range manifests(t) {
		obj, _, kind, err := decode(marshal(t, m))
		if err != nil {
			t.Fatal(err)
		}
		for _, level := range []api.Level{api.LevelBaseline, api.LevelRestricted} {
			spec := podSpecOf(obj, kind)
			if spec == nil {
				continue
			}
			want := policy.AggregateCheckResults(evaluator.EvaluatePod(api.LevelVersion{Level: level, Version: api.LatestVersion()}, &spec.ObjectMeta, &spec.Spec))
			var results []policy.CheckResult
			for _, check := range podSecurityChecks(level) {
				results = append(results, check.run(&spec.ObjectMeta, &spec.Spec))
			}
			got := policy.AggregateCheckResults(results)
			slices.Sort(got.ForbiddenReasons)
			slices.Sort(want.ForbiddenReasons)
			if !slices.Equal(got.ForbiddenReasons, want.ForbiddenReasons) {
				t.Errorf("%s %v at %s: %q, the evaluator says %q", kind.Kind, obj.GetName(), level, got.ForbiddenReasons, want.ForbiddenReasons)
			}
			if refused := len(podErrors(obj, kind, string(level))) > 0; refused == want.Allowed {
				t.Errorf("%s %v at %s: refused %v, the evaluator allows %v", kind.Kind, obj.GetName(), level, refused, want.Allowed)
			}
		}
	}
}

package judge

import (
	"fmt"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// podSecurityChecks are the checks of a level at its latest version, as the
// PodSecurity admission plugin selects them.
func podSecurityChecks(level api.Level) []namedCheck {
	if level == api.LevelBaseline {
		return checks().baseline
	}
	return checks().restricted
}

type namedCheck struct {
	id  policy.CheckID
	run policy.CheckPodFn
}

// checks makes the selection of policy.NewEvaluator for the latest version,
// which does not tell which check a result is from.
var checks = sync.OnceValue(func() (all struct{ baseline, restricted []namedCheck }) {
	overridden := map[policy.CheckID]bool{}
	for _, c := range policy.DefaultChecks() {
		if c.Level == api.LevelRestricted {
			for _, id := range c.Versions[len(c.Versions)-1].OverrideCheckIDs {
				overridden[id] = true
			}
		}
	}
	for _, c := range policy.DefaultChecks() {
		check := namedCheck{c.ID, c.Versions[len(c.Versions)-1].CheckPod}
		if c.Level == api.LevelBaseline {
			all.baseline = append(all.baseline, check)
		}
		if !overridden[c.ID] {
			all.restricted = append(all.restricted, check)
		}
	}
	return all
})

// podErrors says what the PodSecurity admission plugin would refuse the
// object's Pods for. The object itself is accepted all the same: only its
// Pods, which a controller makes, are refused.
func podErrors(obj object, kind *Kind, level string) []FieldError {
	out := []FieldError{}
	if level == "" || level == string(api.LevelPrivileged) {
		return out
	}
	pod := podSpecOf(obj, kind)
	if pod == nil {
		return out
	}
	_, at := kind.pods(obj)
	for _, check := range podSecurityChecks(api.Level(level)) {
		e := evaluation{check: check, level: level, metadata: &pod.ObjectMeta, at: at}
		out = append(out, e.errors(&pod.Spec)...)
	}
	sortFieldErrors(out)
	return out
}

// podSpecOf is what the object's Pods are made from, or nil if it makes none.
func podSpecOf(obj object, kind *Kind) *corev1.PodTemplateSpec {
	if kind.pods == nil {
		return nil
	}
	template, _ := kind.pods(obj)
	if template == nil {
		return nil
	}
	v, err := viewIn(&core.PodTemplate{Template: *template}, schema.GroupVersionKind{Version: "v1", Kind: "PodTemplate"})
	if err != nil {
		panic(err)
	}
	return &v.(*corev1.PodTemplate).Template
}

// evaluation is one check of one Pod.
type evaluation struct {
	check    namedCheck
	level    string
	metadata *metav1.ObjectMeta
	at       *field.Path
}

// checkedFields are the fields that a check is about: of the Pod's spec, and
// of each container. The library's answers have no paths.
var checkedFields = map[policy.CheckID]struct{ pod, container []string }{
	"allowPrivilegeEscalation": {container: []string{"securityContext", "allowPrivilegeEscalation"}},
	"appArmorProfile":          {pod: []string{"securityContext", "appArmorProfile"}, container: []string{"securityContext", "appArmorProfile"}},
	"capabilities_baseline":    {container: []string{"securityContext", "capabilities", "add"}},
	"capabilities_restricted":  {container: []string{"securityContext", "capabilities"}},
	"hostPorts":                {container: []string{"ports"}},
	"privileged":               {container: []string{"securityContext", "privileged"}},
	"procMount":                {container: []string{"securityContext", "procMount"}},
	"runAsNonRoot":             {pod: []string{"securityContext", "runAsNonRoot"}, container: []string{"securityContext", "runAsNonRoot"}},
	"runAsUser":                {pod: []string{"securityContext", "runAsUser"}, container: []string{"securityContext", "runAsUser"}},
	"seLinuxOptions":           {pod: []string{"securityContext", "seLinuxOptions"}, container: []string{"securityContext", "seLinuxOptions"}},
	"seccompProfile_baseline":  {pod: []string{"securityContext", "seccompProfile"}, container: []string{"securityContext", "seccompProfile"}},
	"seccompProfile_restricted": {
		pod: []string{"securityContext", "seccompProfile"}, container: []string{"securityContext", "seccompProfile"}},
	"sysctls":            {pod: []string{"securityContext", "sysctls"}},
	"windowsHostProcess": {pod: []string{"securityContext", "windowsOptions", "hostProcess"}, container: []string{"securityContext", "windowsOptions", "hostProcess"}},
}

// errors finds the fields that a failed check is about, by asking again with
// less of the Pod: without containers and volumes, then with one at a time.
func (e evaluation) errors(spec *corev1.PodSpec) (out []FieldError) {
	if e.check.run(e.metadata, spec).Allowed {
		return nil
	}
	specPath := e.at.Child("spec")
	report := func(part *corev1.PodSpec, path func() *field.Path) bool {
		result := e.check.run(e.metadata, part)
		if !result.Allowed {
			out = append(out, e.fieldError(path(), result))
		}
		return !result.Allowed
	}
	if e.check.id == "hostNamespaces" {
		for name, part := range map[string]corev1.PodSpec{
			"hostNetwork": {HostNetwork: spec.HostNetwork}, "hostPID": {HostPID: spec.HostPID}, "hostIPC": {HostIPC: spec.HostIPC},
		} {
			report(&part, func() *field.Path { return specPath.Child(name) })
		}
	}
	fields := checkedFields[e.check.id]
	part := *spec
	part.HostNetwork, part.HostPID, part.HostIPC = false, false, false
	part.InitContainers, part.Containers, part.EphemeralContainers, part.Volumes = nil, nil, nil, nil
	if report(&part, func() *field.Path { return childPath(specPath, fields.pod) }) {
		// What the Pod sets wrongly, its containers inherit: report them only
		// for what they set themselves.
		part.SecurityContext = nil
	}
	for i := range spec.InitContainers {
		part.InitContainers = spec.InitContainers[i : i+1]
		report(&part, func() *field.Path {
			return childPath(specPath.Child("initContainers").Index(i), fields.container)
		})
	}
	part.InitContainers = nil
	for i := range spec.Containers {
		part.Containers = spec.Containers[i : i+1]
		report(&part, func() *field.Path {
			return childPath(specPath.Child("containers").Index(i), fields.container)
		})
	}
	part.Containers = nil
	for i := range spec.Volumes {
		part.Volumes = spec.Volumes[i : i+1]
		report(&part, func() *field.Path { return specPath.Child("volumes").Index(i) })
	}
	if len(out) == 0 {
		out = append(out, e.fieldError(specPath, e.check.run(e.metadata, spec)))
	}
	return out
}

func (e evaluation) fieldError(path *field.Path, result policy.CheckResult) FieldError {
	text := policy.AggregateCheckResults([]policy.CheckResult{result})
	return FieldError{
		Field: path.String(), Type: "Forbidden",
		Message: fmt.Sprintf("violates PodSecurity %q: %s", e.level+":latest", text.ForbiddenDetail()),
	}
}

func childPath(at *field.Path, names []string) *field.Path {
	for _, name := range names {
		at = at.Child(name)
	}
	return at
}

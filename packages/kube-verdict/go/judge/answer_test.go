package judge

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestRefusalsNameFieldTypeAndRule(t *testing.T) {
	for _, test := range []struct{ promise, manifest, field, errorType, message string }{
		{"an unknown field", replace(deploymentV1, "image:", "imagee:"), "spec.template.spec.containers[0].imagee", "FieldValueUnknown", "unknown field"},
		{"a value of the wrong type", replace(deploymentV1, "replicas: 3", `replicas: "3"`), "spec.replicas", "FieldValueTypeInvalid", "cannot unmarshal string"},
		{"a list for an object", replace(deploymentV1, "{matchLabels: {app: user}}", "[]"), "spec.selector", "FieldValueTypeInvalid", "cannot unmarshal array"},
		{"text for a list", replace(deploymentV1, "[{name: user, image: \"user:v1\", resources: {requests: {cpu: 1000m}}}]", "none"), "spec.template.spec.containers", "FieldValueTypeInvalid", "cannot unmarshal string"},
		{"a quantity without a number", replace(deploymentV1, "1000m", "many"), "spec.template.spec.containers[0].resources.requests[cpu]", "FieldValueTypeInvalid", "quantities must match"},
		{"a value out of range", replace(deploymentV1, "replicas: 3", "replicas: -3"), "spec.replicas", "FieldValueInvalid", "must be greater than or equal to 0"},
		{"a missing name", replace(deploymentV1, "{name: user}\nspec", "{}\nspec"), "metadata.name", "FieldValueRequired", "name or generateName is required"},
		{"a kind that was removed", replace(deploymentV1, "apps/v1", "extensions/v1beta1"), "kind", "BadRequest", `no matches for kind "Deployment" in version "extensions/v1beta1"`},
		{"a misspelt kind", replace(deploymentV1, "Deployment", "Deploymant"), "kind", "BadRequest", "no matches for kind"},
		{"no kind", replace(deploymentV1, "kind: Deployment", ""), "kind", "BadRequest", "kind not set"},
		{"a kind that is no text", replace(deploymentV1, "kind: Deployment", "kind: [a]"), "kind", "BadRequest", "must be text"},
		{"no object", "[]", "", "BadRequest", "must be an object"},
		{"null", "null", "", "BadRequest", "must be an object"},
		{"null metadata", "{apiVersion: v1, kind: ConfigMap, metadata: null}", "metadata.name", "FieldValueRequired", "required"},
		{"a node port out of range", replace(serviceV1, "port: 80", "port: 80, nodePort: 80"), "spec.ports[0].nodePort", "FieldValueInvalid", "30000-32767"},
		{"a priority without its class", "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {priority: 7, containers: [{name: a, image: a}]}}", "spec.priority", "Forbidden", "must not be provided"},
		{"a Pod Security label without meaning", "{apiVersion: v1, kind: Namespace, metadata: {name: a, labels: {pod-security.kubernetes.io/enforce: strict}}}", "metadata.labels[pod-security.kubernetes.io/enforce]", "FieldValueInvalid", "must be one of"},
	} {
		t.Run(test.promise, func(t *testing.T) {
			a := ask(t, "create", "", test.manifest)
			if a.Accepted == nil || *a.Accepted || len(a.Errors) == 0 {
				t.Fatalf("not refused: %v", a)
			}
			if !slices.ContainsFunc(a.Errors, func(e FieldError) bool {
				return e.Field == test.field && e.Type == test.errorType && strings.Contains(e.Message, test.message)
			}) {
				t.Fatalf("not refused as %s of %q, %q: %v", test.errorType, test.field, test.message, a)
			}
		})
	}
}

func TestWhatIsNotJudgedIsNeverAccepted(t *testing.T) {
	for promise, manifest := range map[string]string{
		"a custom resource":                   "{apiVersion: example.com/v1, kind: Backup, metadata: {name: a}}",
		"a kind outside of the table":         "{apiVersion: resource.k8s.io/v1, kind: DeviceClass, metadata: {name: a}}",
		"a quantity that would not end":       replace(deploymentV1, "1000m", "1e999999999"),
		"a number that would not end":         `{"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"a"},"spec":{"hard":{"pods":1e-999999999}}}`,
		"an object that Kubernetes panics on": replace(jobV1, "spec: {template", "spec: {parallelism: 2, completionMode: Indexed, successPolicy: {rules: [{succeededIndexes: '0'}]}, template"),
	} {
		t.Run(promise, func(t *testing.T) {
			r := &Request{Op: "create", New: json.RawMessage(manifest)}
			if !json.Valid(r.New) {
				r.New = fromYAML(t, manifest)
			}
			a := Judge(r)
			if a.Accepted != nil || len(a.Warnings) != 1 || !strings.HasPrefix(a.Warnings[0], "not judged: ") {
				t.Fatalf("judged: %v", a)
			}
		})
	}
}

func TestTextThatOnlyLooksLikeAHugeQuantityIsJudged(t *testing.T) {
	a := ask(t, "create", "", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {commit: 7e999999999}}, data: {n: 1e999999999}}")
	if a.Accepted == nil || !*a.Accepted {
		t.Fatalf("refused: %v", a)
	}
}

func nested(depth int) string {
	return strings.Repeat(`{"a":`, depth) + "1" + strings.Repeat("}", depth)
}

// hostile inputs are answered within a deadline, whatever the answer.
func TestHostileInputIsAnswered(t *testing.T) {
	env := make([]string, 1000)
	for i := range env {
		env[i] = fmt.Sprintf(`{"name":"V%d","value":"%d"}`, i, i)
	}
	for promise, in := range map[string]string{
		"nothing":                   "",
		"half an object":            `{"op":"create","new":{`,
		"half an array":             `[{"op":"create"},`,
		"3,000 levels of nesting":   `{"op":"create","new":` + nested(3000) + `}`,
		"a million open brackets":   strings.Repeat("[", 1_000_000),
		"a million open objects":    strings.Repeat(`{"a":`, 1_000_000),
		"1,000 variables":           `{"op":"create","new":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[{"name":"a","image":"a","env":[` + strings.Join(env, ",") + `]}]}}}`,
		"invalid UTF-8":             "{\"op\":\"create\",\"new\":{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"\xff\xfe\"}}}",
		"a name of a million":       `{"op":"create","new":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"` + strings.Repeat("a", 1_000_000) + `"}}}`,
		"an unknown operation":      `{"op":"delete"}`,
		"an unknown level":          `{"op":"create","podSecurity":"strict"}`,
		"nothing to apply onto":     `{"op":"apply","new":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}}`,
		"a quantity of many digits": `{"op":"create","new":{"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"a"},"spec":{"hard":{"pods":"` + strings.Repeat("9", 100_000) + `"}}}}`,
	} {
		t.Run(promise, func(t *testing.T) {
			done := make(chan []byte, 1)
			go func() { done <- JSON([]byte(in)) }()
			select {
			case out := <-done:
				if !json.Valid(out) {
					t.Fatalf("answered with %.200s", out)
				}
			case <-time.After(10 * time.Second):
				t.Fatal("no answer after 10 s")
			}
		})
	}
}

// TestManifestsThatFollowARequestAreThoseInIt compares both ways to give them.
func TestManifestsThatFollowARequestAreThoseInIt(t *testing.T) {
	config := func(data string) string {
		return `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":` + data + `}`
	}
	one := config(`{"x":"1"}`)
	for _, manifests := range [][2]string{
		{one, config(`{"x":"2"}`)}, {one, config("[]")}, {"null", one}, {one, "null"},
		{one, config(nested(maxDepth - 2))}, {one, config(nested(maxDepth - 1))}, {config(nested(maxDepth - 1)), one},
	} {
		old, neu := manifests[0], manifests[1]
		inIt := JSON([]byte(`{"op":"apply","changes":true,"old":` + old + `,"new":` + neu + `}`))
		following := JSON([]byte(`{"op":"apply","changes":true,"follow":["old","new"]}` + "\t" + old + "\t" + neu))
		if !bytes.Equal(inIt, following) {
			t.Errorf("%s onto %s:\n%s\nfollowing the request:\n%s", neu, old, inIt, following)
		}
	}
	for _, request := range []string{"{\"op\":\"create\",\"follow\":[\"new\"]}\t", `{"op":"create","follow":["new","old"]}`, "{\"op\":\"create\",\"follow\":[\"x\"]}\t{}"} {
		var a Answer
		if err := json.Unmarshal(JSON([]byte(request)), &a); err != nil || a.Accepted != nil && *a.Accepted {
			t.Errorf("%q: %v %v", request, a, err)
		}
	}
}

func TestWhatFollowsARequestIsItsOwn(t *testing.T) {
	text := `{"op":"read","text":"{apiVersion: v1, kind: Pod}"}`
	for range 2 {
		if in, after := JSON([]byte(text)), JSON([]byte(text+"\n")); !bytes.Equal(in, after) || !bytes.Contains(in, []byte("Pod")) {
			t.Errorf("%s, with a line break behind it %s", in, after)
		}
		for _, kind := range []string{"Secret", "Service"} {
			if out := JSON([]byte("{\"op\":\"read\"}\n{apiVersion: v1, kind: " + kind + "}")); !bytes.Contains(out, []byte(kind)) {
				t.Errorf("%s is answered with %s", kind, out)
			}
		}
	}
	spaced := "{\n\t\"op\": \"about\"\n}"
	if out := JSON([]byte(spaced)); !bytes.Equal(out, JSON([]byte(`{"op":"about"}`))) {
		t.Errorf("%s is answered with %s", spaced, out)
	}
}

func TestABatchIsAnsweredItemByItem(t *testing.T) {
	deep := strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000)
	good := `{"op":"create","new":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"x":"],}\""}}}`
	out := JSON([]byte(" [" + good + ", {\"op\":\"create\",\"new\":" + deep + "} ,3," + good + "]\n"))
	var answers []Answer
	if err := json.Unmarshal(out, &answers); err != nil {
		t.Fatalf("%v: %.300s", err, out)
	}
	var accepted []bool
	for _, a := range answers {
		accepted = append(accepted, a.Accepted != nil && *a.Accepted)
	}
	if !slices.Equal(accepted, []bool{true, false, false, true}) {
		t.Fatalf("accepted %v: %.300s", accepted, out)
	}
	if out := JSON([]byte("[]")); string(out) != "[]" {
		t.Fatalf("no requests are answered with %s", out)
	}
}

func TestAnswersAreTheSameEachTime(t *testing.T) {
	manifest := replace(deploymentV1, "app: user", "app: UPPER/, b: '-', c: '*', d: _", "replicas: 3", "replicas: -1")
	first := ask(t, "create", "", manifest).String()
	for range 20 {
		if again := ask(t, "create", "", manifest).String(); again != first {
			t.Fatalf("%s\nthen\n%s", first, again)
		}
	}
}

func TestAboutListsTheKinds(t *testing.T) {
	var a About
	if err := json.Unmarshal(JSON([]byte(`{"op":"about"}`)), &a); err != nil {
		t.Fatal(err)
	}
	if a.Kubernetes != Version || len(a.Kinds) != len(Kinds)+1 { // one kind has two versions
		t.Fatalf("%+v", a)
	}
	if !slices.Contains(a.Kinds, AboutKind{"v1", "Namespace", false}) || !slices.Contains(a.Kinds, AboutKind{"autoscaling/v1", "HorizontalPodAutoscaler", true}) {
		t.Fatalf("%+v", a.Kinds)
	}
	for _, k := range []AboutKind{{"resource.k8s.io/v1", "ResourceClaim", true}, {"coordination.k8s.io/v1beta1", "Lease", true}, {"apiextensions.k8s.io/v1", "CustomResourceDefinition", false}, {"policy/v1beta1", "PodDisruptionBudget", true}} {
		if slices.Contains(a.Kinds, k) || !slices.Contains(a.OtherKinds, k) {
			t.Errorf("%+v is not among the other kinds", k)
		}
	}
}

func TestAKindThatIsNotServedIsRefusedWithWhatIs(t *testing.T) {
	for _, test := range []struct{ apiVersion, kind, instead string }{
		{"extensions/v1beta1", "Deployment", "use kind Deployment of apps/v1"},
		{"extensions/v1beta1", "Ingress", "use kind Ingress of networking.k8s.io/v1"},
		{"extensions/v1beta1", "PodSecurityPolicy", "the group is not served any more"},
		{"policy/v1beta1", "PodSecurityPolicy", "it was removed in v1.25: label Namespaces with pod-security.kubernetes.io/enforce"},
		{"admissionregistration.k8s.io/v1", "MutatingAdmissionPolicy", "kind MutatingAdmissionPolicy of admissionregistration.k8s.io/v1beta1 is served with --runtime-config=admissionregistration.k8s.io/v1beta1=true alone"},
		{"autoscaling/v3", "HorizontalPodAutoscaler", "use kind HorizontalPodAutoscaler of autoscaling/v2"},
		{"autoscaling/v2beta2", "HorizontalPodAutoscaler", "use kind HorizontalPodAutoscaler of autoscaling/v2"},
		{"autoscalin/v1", "HorizontalPodAutoscaler", "use kind HorizontalPodAutoscaler of autoscaling/v1"},
		{"apps/v1beta2", "StatefulSet", "use kind StatefulSet of apps/v1"},
		{"apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", "use kind CustomResourceDefinition of apiextensions.k8s.io/v1"},
		{"admissionregistration.k8s.io/v1", "ValidatingWebhookConfig", "use kind ValidatingWebhookConfiguration of admissionregistration.k8s.io/v1"},
		{"certificates.k8s.io/v1", "CertificateSigningRequests", "use kind CertificateSigningRequest of certificates.k8s.io/v1"},
		{"flowcontrol.apiserver.k8s.io/v1beta3", "FlowSchema", "use kind FlowSchema of flowcontrol.apiserver.k8s.io/v1"},
		{"resource.k8s.io/v1alpha3", "DeviceTaintRule", "it is served with --runtime-config=resource.k8s.io/v1alpha3=true alone"},
		{"v1", "configmap", "use kind ConfigMap of v1"},
		{"v1", "Sevice", "use kind Service of v1"},
		{"app/v1", "Deployment", "use kind Deployment of apps/v1"},
		{"v1/apps", "Deployment", "use kind Deployment of apps/v1"},
		{"networking/v1", "Ingress", "use kind Ingress of networking.k8s.io/v1"},
		{"EXAMPLE.com/V1", "Thing", "groups and versions are in lower case: use example.com/v1"},
		{"example.com/1.0", "Thing", "a group is a DNS subdomain, and a version a DNS label, such as example.com/v1"},
		{"exa mple.com/v1", "Thing", "a group is a DNS subdomain, and a version a DNS label, such as example.com/v1"},
		{"example.com/", "Thing", "a group is a DNS subdomain, and a version a DNS label, such as example.com/v1"},
		{"Batch.K8s.io/v1", "Job", "use kind Job of batch/v1"},
		{"aps/v1", "Thing", `there is no group "aps" in Kubernetes, the nearest is "apps"`},
	} {
		a := ask(t, "create", "", fmt.Sprintf("{apiVersion: %s, kind: %s, metadata: {name: a}}", test.apiVersion, test.kind))
		want := fmt.Sprintf("no matches for kind %q in version %q; %s", test.kind, test.apiVersion, test.instead)
		if a.Accepted == nil || *a.Accepted || len(a.Errors) != 1 || !strings.HasPrefix(a.Errors[0].Message, want) {
			t.Errorf("%s %s: %v, want %s", test.apiVersion, test.kind, a, want)
		}
	}
	for _, custom := range []string{"gateway.networking.k8s.io/v1", "example.com/v1", "kubelet.config.k8s.io/v1beta1"} {
		if a := ask(t, "create", "", fmt.Sprintf("{apiVersion: %s, kind: Thing, metadata: {name: a}}", custom)); a.Accepted != nil {
			t.Errorf("%s: %v", custom, a)
		}
	}
}

func TestWarningsAreKubernetesOwn(t *testing.T) {
	for promise, test := range map[string]struct{ manifest, warning string }{
		"a deprecated kind":       {"{apiVersion: v1, kind: Endpoints, metadata: {name: a}}", "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"},
		"a deprecated annotation": {"{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a, annotations: {kubernetes.io/ingress.class: x}}, spec: {defaultBackend: {service: {name: a, port: {number: 80}}}}}", "annotation \"kubernetes.io/ingress.class\" is deprecated"},
		"a repeated variable":     {replace(deploymentV1, "image:", "env: [{name: A, value: a}, {name: A, value: b}], image:"), "hides previous definition"},
		"a repeated owner":        {"{apiVersion: v1, kind: ConfigMap, metadata: {name: a, ownerReferences: [{apiVersion: v1, kind: Pod, name: p, uid: u}, {apiVersion: v1, kind: Pod, name: p, uid: u}]}}", "ownerReferences contains duplicate entries"},
	} {
		t.Run(promise, func(t *testing.T) {
			a := ask(t, "create", "", test.manifest)
			if a.Accepted == nil || !*a.Accepted || len(a.Warnings) != 1 || !strings.Contains(a.Warnings[0], test.warning) {
				t.Fatalf("no warning %q: %v", test.warning, a)
			}
		})
	}
}

func FuzzJSON(f *testing.F) {
	for _, m := range manifests(f) {
		f.Add(marshal(f, map[string]any{"op": "create", "new": m}))
		f.Add(marshal(f, map[string]any{"op": "apply", "old": m, "new": m}))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		if out := JSON(in); !json.Valid(out) || bytes.ContainsRune(out, '\n') {
			t.Fatalf("answered with %q", out)
		}
	})
}

func TestOfSeveralWrongTypesTheFirstIsTheServersAndTheRestAreTold(t *testing.T) {
	// Not in the order of keys, in which kubectl would send them.
	manifest := `{"kind":"Service","apiVersion":"v1","spec":{"selector":{"app":1},"ports":[{"targetPort":80,"port":"80"},{"port":[]}]},"metadata":{"name":"s"}}`
	a := Judge(&Request{Op: "create", New: json.RawMessage(manifest)})
	want := []string{"spec.ports[0].port", "spec.ports[1].port", "spec.selector[app]"}
	if got := fieldsOf(a.Errors); !slices.Equal(got, want) {
		t.Fatalf("%q, want %q", got, want)
	}
	for i, text := range []string{"cannot unmarshal string", "cannot unmarshal array", "cannot unmarshal number"} {
		if !strings.Contains(a.Errors[i].Message, text) {
			t.Errorf("%s: %s, want %s", a.Errors[i].Field, a.Errors[i].Message, text)
		}
	}
}

// TestMoreThanMostAreOnlyRead holds that a document has all judgements or none.
func TestMoreThanMostAreOnlyRead(t *testing.T) {
	item := `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}`
	list := `{"apiVersion":"v1","kind":"List","items":[` + item + `,` + item + `]}`
	for most, judged := range map[int]bool{0: true, 1: false, 2: true} {
		var answer judgedDocument
		if err := json.Unmarshal(JSON(fmt.Appendf(nil, "{\"op\":\"create\",\"most\":%d}\n%s", most, list)), &answer); err != nil {
			t.Fatal(err)
		}
		for _, object := range answer.Objects {
			if (object.Judgement != nil) != judged || (object.Manifest == item) == judged {
				t.Errorf("most %d: %+v", most, object)
			}
		}
		if len(answer.Objects) != 2 {
			t.Errorf("most %d: %d objects", most, len(answer.Objects))
		}
	}
}

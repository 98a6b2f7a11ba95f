package judge

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
)

const serviceOf53 = `
apiVersion: v1
kind: Service
metadata: {name: dns}
spec: {selector: {app: dns}, ports: [{name: dns, port: 53}]}
`

const podDisruptionBudget1 = `
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: web}}}
`

// lines are the changes as a reader has them: key, old and new value.
func lines(t *testing.T, c *Change) (out []string) {
	t.Helper()
	for _, change := range c.Changes {
		old, err := json.Marshal(change.Old)
		if err != nil {
			t.Fatal(err)
		}
		neu, err := json.Marshal(change.New)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, change.Key+": "+string(old)+" → "+string(neu))
	}
	return out
}

func TestANewObjectIsJudgedAsKubectlApplyCreatesIt(t *testing.T) {
	nulls := replace(deploymentV1, "requests: {cpu: 1000m}", "requests: {cpu: 1}, limits: {cpu: null}")
	large := `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"a":"` + strings.Repeat("x", 300_000) + `"}}`
	for _, test := range []struct {
		promise, manifest string
		options           []func(*Request)
		refused           []string
	}{
		{promise: "nulls are pruned", manifest: nulls},
		{promise: "nulls count on the server", manifest: nulls, options: []func(*Request){onServer}, refused: []string{"spec.template.spec.containers[0].resources.requests"}},
		{promise: "a generated name is refused", manifest: replace(jobV1, "name: migrate}", "generateName: m-}"), refused: []string{"metadata.generateName"}},
		{promise: "the annotation counts, which holds the whole object", manifest: large, refused: []string{"metadata.annotations"}},
		{promise: "the server needs no annotation", manifest: large, options: []func(*Request){onServer}},
		{promise: "a version left in the manifest is passed over", manifest: replace(claimV1, "{name: data}", "{name: data, resourceVersion: '7', uid: a}")},
		{promise: "storage reads a version on the server", manifest: replace(claimV1, "{name: data}", "{name: data, resourceVersion: x}"), options: []func(*Request){onServer}, refused: []string{"metadata.resourceVersion"}},
		{promise: "a uid left in the manifest is a conflict on the server", manifest: replace(claimV1, "{name: data}", "{name: data, uid: a}"), options: []func(*Request){onServer}, refused: []string{"metadata.uid"}},
	} {
		t.Run(test.promise, func(t *testing.T) {
			r := &Request{Op: "apply", New: fromYAML(t, test.manifest)}
			for _, option := range test.options {
				option(r)
			}
			a := Judge(r)
			if a.Accepted == nil || *a.Accepted != (test.refused == nil) || !slices.Equal(fieldsOf(a.Errors), append([]string{}, test.refused...)) {
				t.Fatalf("want refused for %q: %.2000s", test.refused, a.String())
			}
			if test.refused == nil && a.Change.Kind != "create" {
				t.Fatalf("change %+v", a.Change)
			}
		})
	}
}

func TestChangesAreOneForEachItemAndHaveTheirValues(t *testing.T) {
	env := func(names ...string) string {
		var items []string
		for _, name := range names {
			items = append(items, "{name: "+name+", value: x}")
		}
		return replace(deploymentV1, "resources:", "env: ["+strings.Join(items, ", ")+"], resources:")
	}
	for _, test := range []struct {
		promise  string
		old, neu string
		want     []string
	}{
		{"an inserted variable", env("B", "C"), env("A", "B", "C"), []string{`spec.template.spec.containers[name="user"].env[name="A"]: null → {"name":"A","value":"x"}`}},
		{"a removed variable", env("A", "B", "C"), env("A", "C"), []string{`spec.template.spec.containers[name="user"].env[name="B"]: {"name":"B","value":"x"} → null`}},
		{"another number of a port", serviceOf53, replace(serviceOf53, "port: 53", "port: 54"), []string{`spec.ports[port=54,protocol="TCP"].port: 53 → 54`, `spec.ports[port=54,protocol="TCP"].targetPort: 53 → 54`}},
		{"an image", deploymentV1, replace(deploymentV1, "user:v1", "user:v2"), []string{`spec.template.spec.containers[name="user"].image: "user:v1" → "user:v2"`}},
		{"an argument among many", replace(deploymentV1, "resources:", "args: [a, b, c], resources:"), replace(deploymentV1, "resources:", "args: [a, x, b, c], resources:"), []string{`spec.template.spec.containers[name="user"].args[1]: null → "x"`}},
		{"a finalizer", replace(claimV1, "{name: data}", "{name: data, finalizers: [a/b]}"), replace(claimV1, "{name: data}", "{name: data, finalizers: [a/b, c/d]}"), []string{`metadata.finalizers["c/d"]: null → "c/d"`}},
		{"a Secret's keys without their values", "{apiVersion: v1, kind: Secret, metadata: {name: a}}", "{apiVersion: v1, kind: Secret, metadata: {name: a}, stringData: {password: secret, user: me}}", []string{"data[password]: null → null", "data[user]: null → null"}},
		{"a DaemonSet's template and not its bookkeeping", replace(statefulSetV1, "StatefulSet", "DaemonSet", "serviceName: mysql", ""), replace(statefulSetV1, "StatefulSet", "DaemonSet", "serviceName: mysql", "", "8.4", "9.0"), []string{`spec.template.spec.containers[name="mysql"].image: "mysql:8.4" → "mysql:9.0"`}},
		{"a Job's parallelism and not its labels", jobV1, replace(jobV1, "spec: {template", "spec: {parallelism: 3, template"), []string{"spec.parallelism: 1 → 3"}},
		{"a null label that was there before", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {baz: }}}", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {baz: }}}", nil},
		{"a version that is not served any more", replace(podDisruptionBudget1, "policy/v1", "policy/v1beta1"), replace(podDisruptionBudget1, "maxUnavailable: 1", "maxUnavailable: 2"), []string{`apiVersion: "policy/v1beta1" → "policy/v1"`, "spec.maxUnavailable: 1 → 2"}},
		{"a Deployment of extensions, with the defaults that it had there", replace(deploymentV1, "apps/v1", "extensions/v1beta1"), deploymentV1, []string{`apiVersion: "extensions/v1beta1" → "apps/v1"`}},
	} {
		for _, option := range [][]func(*Request){nil, {onServer}} {
			t.Run(test.promise, func(t *testing.T) {
				a := ask(t, "apply", test.old, test.neu, option...)
				if a.Change == nil || !slices.Equal(lines(t, a.Change), test.want) {
					t.Fatalf("want %q: %v", test.want, a)
				}
				if strings.Contains(a.String(), "secret\"") {
					t.Fatalf("a Secret's value is told: %v", a)
				}
			})
		}
	}
}

func TestWhatIsNotRolledOutSaysWhatItWaitsFor(t *testing.T) {
	partition := replace(statefulSetV1, "serviceName: mysql", "serviceName: mysql\n  updateStrategy: {rollingUpdate: {partition: 1}}")
	for _, test := range []struct{ promise, manifest, waits string }{
		{"a Deployment", deploymentV1, ""},
		{"a paused Deployment", replace(deploymentV1, "replicas: 3", "paused: true"), "resume"},
		{"a Deployment of no Pods", replace(deploymentV1, "replicas: 3", "replicas: 0"), "scale"},
		{"a StatefulSet", statefulSetV1, ""},
		{"a StatefulSet updated on deletion", replace(statefulSetV1, "serviceName: mysql", "updateStrategy: {type: OnDelete}"), "deletion"},
		{"a partition at the replicas", partition, "partition"},
		{"a partition below the replicas", replace(partition, "serviceName: mysql", "replicas: 2"), ""},
		{"a StatefulSet of no Pods", replace(statefulSetV1, "serviceName: mysql", "replicas: 0"), "scale"},
		{"a DaemonSet updated on deletion", replace(statefulSetV1, "StatefulSet", "DaemonSet", "serviceName: mysql", "updateStrategy: {type: OnDelete}"), "deletion"},
		{"a ReplicaSet", replace(deploymentV1, "Deployment", "ReplicaSet"), "replacement"},
	} {
		t.Run(test.promise, func(t *testing.T) {
			a := ask(t, "apply", test.manifest, replace(test.manifest, "user:v1", "user:v2", "8.4", "9.0"))
			if a.Change == nil {
				t.Fatal(a)
			}
			got := ""
			if a.Change.Waits != nil {
				got = a.Change.Waits.For
			}
			if want := map[bool]string{true: "rollout", false: "update"}[test.waits == ""]; got != test.waits || a.Change.Kind != want {
				t.Fatalf("%s waits for %q, want %s and %q", a.Change.Kind, got, want, test.waits)
			}
			again := ask(t, "apply", test.manifest, test.manifest)
			if again.Change.Waits != nil || again.Change.Kind != "none" {
				t.Fatalf("the same template: %+v", again.Change)
			}
		})
	}
}

func TestWhatAnApplyLosesIsTold(t *testing.T) {
	account := replace(deploymentV1, "spec: {containers", "spec: {serviceAccountName: admin, containers")
	twice := replace(deploymentV1, "resources:", "env: [{name: A, value: '1'}, {name: A, value: '2'}], resources:")
	for _, test := range []struct {
		promise    string
		old, neu   string
		serverSide bool
		want       []LostField
	}{
		{"the port of the same number under another protocol", serviceOf53, replace(serviceOf53, "port: 53}", "port: 53}, {name: dns-udp, port: 53, protocol: UDP}"), false,
			[]LostField{{Field: "spec.ports[0]", Key: `spec.ports[port=53,protocol="TCP"]`, What: "missing", Otherwise: "kept"}, {Field: "spec.ports[1].name", Key: `spec.ports[port=53,protocol="UDP"].name`, What: "missing", Otherwise: "kept"}}},
		{"no port on the server", serviceOf53, replace(serviceOf53, "port: 53}", "port: 53}, {name: dns-udp, port: 53, protocol: UDP}"), true, nil},
		{"a service account that is taken away", account, deploymentV1, false,
			[]LostField{{Field: "spec.template.spec.serviceAccountName", Key: "spec.template.spec.serviceAccountName", What: "stays", Otherwise: "lost"}}},
		{"repeated variables", twice, replace(twice, "'2'", "'3'"), false,
			[]LostField{
				{Field: "spec.template.spec.containers[0].env[0].value", Key: `spec.template.spec.containers[name="user"].env[0].value`, What: "missing", Otherwise: "refused"},
				{Field: "spec.template.spec.containers[0].env[1].value", Key: `spec.template.spec.containers[name="user"].env[1].value`, What: "missing", Otherwise: "refused"},
			}},
		{"nothing of a usual change", deploymentV1, replace(deploymentV1, "user:v1", "user:v2", "1000m", "1500m"), false, nil},
		{"nothing of a field that is taken away", deploymentV1, replace(deploymentV1, "replicas: 3", ""), false, nil},
	} {
		t.Run(test.promise, func(t *testing.T) {
			a := ask(t, "apply", test.old, test.neu, func(r *Request) { r.ServerSide = test.serverSide })
			if a.Change == nil || !slices.Equal(a.Change.Lost, test.want) {
				t.Fatalf("want %+v: %v", test.want, a)
			}
		})
	}
}

func TestAManifestThatNeverWorkedIsJudgedAsANewObject(t *testing.T) {
	for _, option := range [][]func(*Request){nil, {onServer}} {
		a := ask(t, "apply", replace(deploymentV1, "replicas: 3", "replicas: -3"), deploymentV1, option...)
		if a.Change == nil || a.Change.Kind != "create" || !slices.Equal(fieldsOf(a.Change.OldErrors), []string{"spec.replicas"}) {
			t.Fatal(a)
		}
	}
}

func TestWhatCanEverHaveBeenApplied(t *testing.T) {
	yes, no := true, false
	for _, test := range []struct {
		promise, manifest string
		accepted          *bool
	}{
		{"what is served", podDisruptionBudget1, &yes},
		{"what is refused", replace(podDisruptionBudget1, "maxUnavailable: 1", "maxUnavailable: -1"), &no},
		{"what was served once", replace(podDisruptionBudget1, "policy/v1", "policy/v1beta1"), &yes},
		{"what was refused once", replace(replace(podDisruptionBudget1, "policy/v1", "policy/v1beta1"), "maxUnavailable: 1", "maxUnavailable: -1"), &no},
		{"a kind that moved to another group", "{apiVersion: extensions/v1beta1, kind: Ingress, metadata: {name: a}, spec: {backend: {serviceName: a, servicePort: 80}}}", &yes},
		{"another version of a kind that is not judged", "{apiVersion: apiextensions.k8s.io/v1beta1, kind: CustomResourceDefinition, metadata: {name: a}}", nil},
		{"what a cluster wrote into", replace(podDisruptionBudget1, "{name: web}", "{name: web, uid: a, managedFields: [{manager: a}]}"), nil},
		{"a custom resource", "{apiVersion: example.com/v1, kind: Thing, metadata: {name: a}}", nil},
		{"a kind that there is not", "{apiVersion: apps/v1, kind: Deploymint, metadata: {name: a}}", &no},
	} {
		for _, option := range [][]func(*Request){nil, {onServer}} {
			if a := ask(t, "applied", "", test.manifest, option...); !reflect.DeepEqual(a.Accepted, test.accepted) {
				t.Errorf("%s: %v", test.promise, a)
			}
		}
	}
}

func TestAVersionLeftInTheManifestIsAConflict(t *testing.T) {
	for _, option := range [][]func(*Request){nil, {onServer}} {
		for _, left := range []struct{ member, field, errorType string }{
			{"resourceVersion: '12'", "metadata.resourceVersion", "Conflict"},
			{"resourceVersion: twelve", "metadata.resourceVersion", "BadRequest"},
			{"uid: 11111111-0000-4000-8000-000000000001", "metadata.uid", "FieldValueInvalid"},
		} {
			a := ask(t, "apply", claimV1, replace(claimV1, "{name: data}", "{name: data, "+left.member+"}"), option...)
			if a.Accepted == nil || *a.Accepted || a.Errors[0].Field != left.field || a.Errors[0].Type != left.errorType {
				t.Errorf("%s: %v", left.member, a)
			}
		}
	}
}

func TestBytesOfNullAreStoredAsEmptyOnes(t *testing.T) {
	for _, manifest := range []string{
		"{apiVersion: v1, kind: Secret, metadata: {name: a}, data: {key: }}",
		"{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, binaryData: {key: }}",
	} {
		if a := ask(t, "apply", manifest, replace(manifest, "key: ", ""), onServer); a.Change == nil || a.Change.Kind != "update" {
			t.Errorf("taken away: %v", a)
		}
		if a := ask(t, "apply", manifest, manifest, onServer); a.Change == nil || a.Change.Kind != "none" {
			t.Errorf("applied again: %v", a)
		}
		if a := ask(t, "apply", manifest, replace(manifest, "key: ", "key: ''"), onServer); a.Change == nil || a.Change.Kind != "none" {
			t.Errorf("written as text: %v", a)
		}
		immutable := replace(manifest, "metadata:", "immutable: true, metadata:")
		if a := ask(t, "apply", immutable, immutable, onServer); a.Accepted == nil || *a.Accepted {
			t.Errorf("immutable: %v", a)
		}
	}
}

func TestTheVersionZeroIsNone(t *testing.T) {
	for _, option := range [][]func(*Request){nil, {onServer}} {
		for _, zero := range []string{"'0'", "'00'"} {
			a := ask(t, "apply", claimV1, replace(claimV1, "{name: data}", "{name: data, resourceVersion: "+zero+"}"), option...)
			if a.Accepted == nil || !*a.Accepted || a.Change.Kind != "none" {
				t.Errorf("%s: %v", zero, a)
			}
		}
	}
}

func TestManagedFieldsThatCannotBeDecodedCountForNothing(t *testing.T) {
	long := "{manager: " + strings.Repeat("x", 200) + ", operation: Update, apiVersion: v1, fieldsType: FieldsV1, fieldsV1: {}}"
	for _, test := range []struct {
		promise, entry string
		refused        bool
	}{
		{promise: "an operation that there is not", entry: "{operation: Foo}"},
		{promise: "no type of fields", entry: "{manager: " + strings.Repeat("x", 200) + "}"},
		{promise: "what can be decoded is validated", entry: long, refused: true},
	} {
		manifest := replace(claimV1, "{name: data}", "{name: data, managedFields: ["+test.entry+"]}")
		for what, a := range map[string]Answer{
			"create": ask(t, "create", "", manifest),
			"apply":  ask(t, "apply", claimV1, manifest),
		} {
			if a.Accepted == nil || *a.Accepted == test.refused {
				t.Errorf("%s, %s: %v", test.promise, what, a)
			}
		}
	}
}

func TestWhatAServerSideApplyMakesKeepsHowItIsDeleted(t *testing.T) {
	for _, member := range []string{"deletionGracePeriodSeconds: 0", "deletionTimestamp: '2024-01-01T00:00:00Z'"} {
		manifest := replace(claimV1, "{name: data}", "{name: data, "+member+"}")
		if a := ask(t, "apply", manifest, manifest, onServer); a.Accepted == nil || !*a.Accepted || a.Change.Kind != "none" {
			t.Errorf("%s, server side: %v", member, a)
		}
		if a := ask(t, "apply", manifest, manifest); a.Accepted == nil || *a.Accepted {
			t.Errorf("%s, client side: %v", member, a)
		}
	}
}

func TestTakingAwayAVersionThatWasLeftInTheManifestIsAnUnconditionalUpdate(t *testing.T) {
	left := func(manifest, name string) string {
		return replace(manifest, "{name: "+name+"}", "{name: "+name+", resourceVersion: '12', uid: 11111111-0000-4000-8000-000000000001}")
	}
	if a := ask(t, "apply", left(claimV1, "data"), claimV1); a.Accepted == nil || !*a.Accepted || a.Change.Kind != "none" {
		t.Error(a)
	}
	budget := "{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: a}, spec: {maxUnavailable: 1}}"
	a := ask(t, "apply", left(budget, "a"), budget)
	if a.Accepted == nil || *a.Accepted || a.Errors[0].Field != "metadata.resourceVersion" || a.Errors[0].Message != "Invalid value: 0: must be specified for an update" {
		t.Error(a)
	}
}

func TestRefusalsForImmutableFieldsNameWhatChanged(t *testing.T) {
	binding := func(role string) string {
		return "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: a}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: " + role + "}}"
	}
	for _, test := range []struct{ promise, old, neu, field, changed string }{
		{"a Job's template", jobV1, replace(jobV1, "user:v1", "user:v2"), "spec.template", "spec.template.spec.containers[0].image"},
		{"a role that is bound", binding("a"), binding("b"), "roleRef", "roleRef.name"},
		{"a selector", deploymentV1, replace(deploymentV1, "app: user", "app: other"), "spec.selector", "spec.selector.matchLabels.app"},
		{"a StatefulSet, less what may change", statefulSetV1, replace(statefulSetV1, "serviceName: mysql", "serviceName: other", "8.4", "9.0"), "spec", "spec.serviceName"},
		{"a Pod, less what may change", "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: 'a:1', command: [a]}]}}",
			"{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: 'a:2', command: [b]}]}}", "spec", "spec.containers[0].command[0]"},
	} {
		t.Run(test.promise, func(t *testing.T) {
			a := ask(t, "apply", test.old, test.neu)
			for _, e := range a.Errors {
				if e.Field == test.field && e.Immutable != nil && len(e.Message) <= longest {
					if len(e.Immutable.Changes) != 1 || e.Immutable.Changes[0].Field != test.changed || e.Immutable.Fix == "" {
						t.Fatalf("want %s alone: %v", test.changed, a)
					}
					return
				}
			}
			t.Fatalf("no error of %s tells: %v", test.field, a)
		})
	}
}

func TestTheObjectsBeforeAndAfterAreGivenWhenAsked(t *testing.T) {
	a := ask(t, "apply", deploymentV1, replace(deploymentV1, "user:v1", "user:v2"), func(r *Request) { r.Objects = true })
	for want, object := range map[string]map[string]any{"user:v1": a.Old, "user:v2": a.New} {
		data, err := json.Marshal(object)
		if err != nil || !strings.Contains(string(data), want) || !strings.Contains(string(data), `"terminationGracePeriodSeconds":30`) {
			t.Errorf("want %s with its defaults: %s", want, data)
		}
	}
}

func TestKindsThatAreNotJudgedAreStillCompared(t *testing.T) {
	backup := "{apiVersion: example.com/v1, kind: Backup, metadata: {name: a}, spec: {keep: 3}}"
	for neu, want := range map[string]string{backup: "none", replace(backup, "3", "4"): "update"} {
		a := ask(t, "apply", backup, neu)
		if a.Accepted != nil || a.Change == nil || a.Change.Kind != want {
			t.Errorf("want %s: %v", want, a)
		}
	}
}

func TestAClusterMayHaveOtherAddresses(t *testing.T) {
	dual := replace(serviceV1, "type: NodePort", "ipFamilyPolicy: RequireDualStack")
	ranged := replace(serviceV1, "type: NodePort", "clusterIP: 10.1.2.3")
	for _, test := range []struct {
		promise, manifest string
		cluster           func(*Request)
		accepted          bool
	}{
		{"one family by default", dual, func(*Request) {}, false},
		{"two families", dual, func(r *Request) { r.IPFamilies = []string{"IPv6", "IPv4"} }, true},
		{"two ranges", dual, func(r *Request) { r.ServiceCIDR = "10.1.0.0/16,fd00::/108" }, true},
		{"any address by default", ranged, func(*Request) {}, true},
		{"an address of the range", ranged, func(r *Request) { r.ServiceCIDR = "10.1.0.0/16" }, true},
		{"the address of the network", ranged, func(r *Request) { r.ServiceCIDR = "10.1.2.3/32" }, false},
		{"the address of broadcasts", ranged, func(r *Request) { r.ServiceCIDR = "10.1.2.0/30" }, false},
		{"the last address but that of broadcasts", ranged, func(r *Request) { r.ServiceCIDR = "10.1.2.0/29" }, true},
		{"the address of a network in IPv6", replace(serviceV1, "type: NodePort", "clusterIP: \"fd00::\""), func(r *Request) { r.ServiceCIDR = "fd00::/126" }, false},
		{"the last address in IPv6", replace(serviceV1, "type: NodePort", "clusterIP: \"fd00::3\""), func(r *Request) { r.ServiceCIDR = "fd00::/126" }, true},
		{"an address out of the range", ranged, func(r *Request) { r.ServiceCIDR = "10.2.0.0/16" }, false},
		{"an address of another family", ranged, func(r *Request) { r.IPFamilies = []string{"IPv6"} }, false},
	} {
		a := ask(t, "create", "", test.manifest, test.cluster)
		if a.Accepted == nil || *a.Accepted != test.accepted {
			t.Errorf("%s: %v", test.promise, a)
		}
	}
	for _, wrong := range []Request{{IPFamilies: []string{"IPv5"}}, {IPFamilies: []string{"IPv4", "IPv4"}}, {ServiceCIDR: "10.0.0.0"}, {IPFamilies: []string{"IPv6"}, ServiceCIDR: "10.0.0.0/8"}} {
		wrong.Op, wrong.New = "create", fromYAML(t, serviceV1)
		if a := Judge(&wrong); a.Accepted != nil {
			t.Errorf("%v is judged: %v", wrong, a)
		}
	}
	named := ask(t, "apply", "", deploymentV1, func(r *Request) { r.Old, r.Namespace, r.Objects = nil, "shop", true })
	if metadata, ok := named.New["metadata"].(map[string]any); !ok || metadata["namespace"] != "shop" {
		t.Errorf("not in the namespace: %v", named)
	}
}

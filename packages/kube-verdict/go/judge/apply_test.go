package judge

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"
)

// ask answers a request whose manifests are YAML.
func ask(t testing.TB, op, old, neu string, options ...func(*Request)) Answer {
	t.Helper()
	r := &Request{Op: op, New: fromYAML(t, neu), Changes: true}
	if op == "apply" {
		r.Old = fromYAML(t, old)
	}
	for _, option := range options {
		option(r)
	}
	return Judge(r)
}

func onServer(r *Request) { r.ServerSide = true }

func fromYAML(t testing.TB, text string) json.RawMessage {
	t.Helper()
	data, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func (a Answer) String() string {
	data, err := json.MarshalIndent(a, "", "  ")
	if err != nil {
		return err.Error()
	}
	return string(data)
}

func fieldsOf(errs []FieldError) []string {
	fields := []string{}
	for _, e := range errs {
		fields = append(fields, e.Field)
	}
	return fields
}

const deploymentV1 = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: user}
spec:
  replicas: 3
  selector: {matchLabels: {app: user}}
  template:
    metadata: {labels: {app: user}}
    spec: {containers: [{name: user, image: "user:v1", resources: {requests: {cpu: 1000m}}}]}
`

const serviceV1 = `
apiVersion: v1
kind: Service
metadata: {name: user}
spec: {type: NodePort, selector: {app: user}, ports: [{name: http, port: 80}]}
`

const jobV1 = `
apiVersion: batch/v1
kind: Job
metadata: {name: migrate}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: migrate, image: "user:v1"}]}}}
`

const claimV1 = `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
`

const statefulSetV1 = `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: mysql}
spec:
  serviceName: mysql
  selector: {matchLabels: {app: mysql}}
  template:
    metadata: {labels: {app: mysql}}
    spec: {containers: [{name: mysql, image: "mysql:8.4"}]}
`

const externalV1 = `
apiVersion: v1
kind: Service
metadata: {name: database}
spec:
  type: ExternalName
  externalName: db.example.com
`

func replace(text string, pairs ...string) string { return strings.NewReplacer(pairs...).Replace(text) }

func TestAppliesAreJudgedAsKubectlAndTheServerMakeThem(t *testing.T) {
	recreate := replace(deploymentV1, "replicas: 3", "strategy: {type: Recreate}")
	for _, test := range []struct {
		promise  string
		old, neu string
		options  []func(*Request)
		refused  []string
		change   string
		fields   []string
	}{
		{promise: "the same manifest changes nothing", old: deploymentV1, neu: deploymentV1, change: "none"},
		{promise: "another spelling of a quantity changes nothing", old: deploymentV1, neu: replace(deploymentV1, "1000m", `"1"`), change: "none"},
		{promise: "a default written out changes nothing", old: deploymentV1, neu: replace(deploymentV1, "replicas: 3", "replicas: 3\n  revisionHistoryLimit: 10"), change: "none"},
		{promise: "the number of replicas is an update", old: deploymentV1, neu: replace(deploymentV1, "replicas: 3", "replicas: 4"), change: "update", fields: []string{"spec.replicas"}},
		{promise: "a label is an update", old: deploymentV1, neu: replace(deploymentV1, "{name: user}\nspec", "{name: user, labels: {a.b/c: d}}\nspec"), change: "update", fields: []string{"metadata.labels"}},
		{promise: "a label's key stands in brackets", old: replace(deploymentV1, "{name: user}\nspec", "{name: user, labels: {a.b/c: d}}\nspec"), neu: replace(deploymentV1, "{name: user}\nspec", "{name: user, labels: {a.b/c: e}}\nspec"), change: "update", fields: []string{"metadata.labels[a.b/c]"}},
		{promise: "an image rolls out", old: deploymentV1, neu: replace(deploymentV1, "user:v1", "user:v2"), change: "rollout", fields: []string{"spec.template.spec.containers[0].image"}},
		{promise: "an image rolls out on the server too", old: deploymentV1, neu: replace(deploymentV1, "user:v1", "user:v2"), options: []func(*Request){onServer}, change: "rollout", fields: []string{"spec.template.spec.containers[0].image"}},
		{promise: "a paused Deployment does not roll out", old: deploymentV1, neu: replace(deploymentV1, "user:v1", "user:v2", "replicas: 3", "replicas: 3\n  paused: true"), change: "update", fields: []string{"spec.paused", "spec.template.spec.containers[0].image"}},
		{promise: "kubectl clears the rolling update's defaults", old: deploymentV1, neu: recreate, change: "update", fields: []string{"spec.replicas", "spec.strategy.rollingUpdate", "spec.strategy.type"}},
		{promise: "a server-side apply leaves the rolling update's defaults", old: deploymentV1, neu: recreate, options: []func(*Request){onServer}, refused: []string{"spec.strategy.rollingUpdate"}},
		{promise: "a selector is immutable", old: deploymentV1, neu: replace(deploymentV1, "app: user", "app: other"), refused: []string{"spec.selector"}},
		{promise: "an unknown field is refused with its path", old: deploymentV1, neu: replace(deploymentV1, "replicas: 3", "replica: 3"), refused: []string{"spec.replica"}},
		{promise: "an unknown field is refused on the server with its path", old: deploymentV1, neu: replace(deploymentV1, "replicas: 3", "replica: 3"), options: []func(*Request){onServer}, refused: []string{"spec.replica"}},
		{promise: "another name is another object", old: deploymentV1, neu: replace(deploymentV1, "{name: user}\nspec", "{name: other}\nspec"), refused: []string{"metadata.name"}},
		{promise: "an allocated node port stays", old: serviceV1, neu: serviceV1, change: "none"},
		{promise: "a Service gives its node port back", old: serviceV1, neu: replace(serviceV1, "NodePort", "ClusterIP"), change: "update", fields: []string{"spec.externalTrafficPolicy", "spec.ports[0].nodePort", "spec.type"}},
		{promise: "a cluster address is immutable", old: serviceV1, neu: replace(serviceV1, "type: NodePort", "clusterIP: 10.0.0.99"), refused: []string{"spec.clusterIPs[0]"}},
		{promise: "a traffic policy that the API server never shows is no change", old: externalV1, neu: replace(externalV1, "type:", "internalTrafficPolicy: Cluster\n  type:"), change: "none"},
		{promise: "nor is one that was applied and is not any more", old: replace(externalV1, "type:", "internalTrafficPolicy: Cluster\n  type:"), neu: externalV1, options: []func(*Request){onServer}, change: "none"},
		{promise: "a Job keeps its generated selector", old: jobV1, neu: jobV1, change: "none"},
		{promise: "a Job's template is immutable", old: jobV1, neu: replace(jobV1, "user:v1", "user:v2"), refused: []string{"spec.template"}},
		{promise: "a bound claim may grow", old: claimV1, neu: replace(claimV1, "1Gi", "2Gi"), change: "update", fields: []string{"spec.resources.requests.storage"}},
		{promise: "a bound claim may not shrink", old: claimV1, neu: replace(claimV1, "1Gi", "512Mi"), refused: []string{"spec.resources.requests.storage"}},
		{promise: "a StatefulSet's template rolls out", old: statefulSetV1, neu: replace(statefulSetV1, "8.4", "9.0"), change: "rollout", fields: []string{"spec.template.spec.containers[0].image"}},
		{promise: "a StatefulSet's service name is immutable", old: statefulSetV1, neu: replace(statefulSetV1, "serviceName: mysql", "serviceName: other"), refused: []string{"spec"}},
	} {
		t.Run(test.promise, func(t *testing.T) {
			a := ask(t, "apply", test.old, test.neu, test.options...)
			if a.Accepted == nil || *a.Accepted != (test.refused == nil) {
				t.Fatalf("accepted is %v\n%v", a.Accepted, a)
			}
			if test.refused != nil {
				if fields := fieldsOf(a.Errors); !slices.Equal(fields, test.refused) || a.Change != nil {
					t.Fatalf("refused for %q, want %q\n%v", fields, test.refused, a)
				}
				return
			}
			if a.Change.Kind != test.change || !slices.Equal(a.Change.Fields, test.fields) && len(test.fields)+len(a.Change.Fields) > 0 {
				t.Fatalf("change %+v, want %s of %q", a.Change, test.change, test.fields)
			}
		})
	}
}

// notReappliable are manifests that the API server itself refuses when they
// are applied again, with the reason.
var notReappliable = map[string]string{
	"Pod/user": "the API server writes matchLabelKeys into label selectors inside a list that an apply replaces as a whole",
}

func TestAManifestThatIsAcceptedIsUnchangedWhenAppliedAgain(t *testing.T) {
	for _, m := range manifests(t) {
		u := m["metadata"].(map[string]any)
		if u["name"] == nil || notReappliable[m["kind"].(string)+"/"+u["name"].(string)] != "" {
			continue
		}
		for _, serverSide := range []bool{false, true} {
			if serverSide && m["kind"] == "ReplicaSet" {
				continue // repeats an environment variable, which a server-side apply refuses
			}
			a := Judge(&Request{Op: "apply", Old: marshal(t, m), New: marshal(t, m), ServerSide: serverSide})
			if a.Accepted == nil || !*a.Accepted || a.Change.Kind != "none" {
				t.Errorf("%s %v, server side %v: %v", m["kind"], u["name"], serverSide, a)
			}
		}
	}
}

func TestDefaultsWrittenOutAreNoChange(t *testing.T) {
	for _, m := range manifests(t) {
		metadata := m["metadata"].(map[string]any)
		if metadata["name"] == nil || m["kind"] == "Pod" || m["kind"] == "Secret" {
			continue // a Pod's defaults are admission's; a Secret's stringData is written as data
		}
		stored, kind, err := testCall().create(marshal(t, m))
		if err != nil {
			t.Fatal(err)
		}
		gvk := kind.preferred()
		if m["apiVersion"] == "autoscaling/v1" {
			gvk.Version = "v1"
		}
		versioned, err := viewIn(settle(stored), gvk)
		if err != nil {
			t.Fatal(err)
		}
		written, err := runtime.DefaultUnstructuredConverter.ToUnstructured(versioned)
		if err != nil {
			t.Fatal(err)
		}
		delete(written, "status")
		written["metadata"] = m["metadata"]
		a := Judge(&Request{Op: "apply", Old: marshal(t, m), New: marshal(t, written)})
		if a.Accepted == nil || !*a.Accepted || a.Change.Kind != "none" {
			t.Errorf("%s %v: %v", m["kind"], metadata["name"], a)
		}
	}
}

func TestWhatOthersHaveWrittenOverIsNotTakenAwayWithTheManifest(t *testing.T) {
	const tainted = "{apiVersion: v1, kind: Node, metadata: {name: a}, spec: {taints: [{key: dedicated, effect: NoSchedule}]}}"
	owner := func(name, operation, fields string) string {
		return fmt.Sprintf(`{"manager":%q,"operation":%q,"apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{"f:spec":%s}}`, name, operation, fields)
	}
	const taints, nothing = `{"f:taints":{}}`, `{}`
	for _, test := range []struct{ promise, owners, kind string }{
		{"who owns what is not known", "", "update"},
		{"kubectl owns the taints", owner("kubectl", "Apply", taints), "update"},
		{"a controller has written over them", owner("kubectl", "Apply", nothing) + "," + owner("controller", "Update", taints), "none"},
	} {
		live := json.RawMessage(fmt.Sprintf(`{"apiVersion":"v1","kind":"Node","metadata":{"name":"a","managedFields":[%s]},"spec":{"taints":[{"key":"dedicated","effect":"NoSchedule"},{"key":"more","effect":"NoExecute"}]}}`, test.owners))
		a := ask(t, "apply", tainted, "{apiVersion: v1, kind: Node, metadata: {name: a}, spec: {}}", onServer, func(r *Request) { r.Live = live })
		if a.Change == nil || a.Change.Kind != test.kind {
			t.Errorf("%s: want %s: %v", test.promise, test.kind, a)
		}
	}
}

func TestAnotherOrderIsAChange(t *testing.T) {
	const schema = "{apiVersion: flowcontrol.apiserver.k8s.io/v1, kind: FlowSchema, metadata: {name: a}, spec: {priorityLevelConfiguration: {name: b}, rules: [{subjects: [{kind: User, user: {name: jane}}], resourceRules: [{verbs: [get, list, watch], apiGroups: [''], resources: [pods], clusterScope: true}]}]}}"
	const field = "spec.rules[0].resourceRules[0].verbs"
	for _, options := range [][]func(*Request){{}, {onServer}} {
		for verbs, want := range map[string][]string{
			"watch, get, list":         {field},
			"get, list, watch":         {},
			"get, create, list, watch": {field + "[1]"},
		} {
			a := ask(t, "apply", schema, replace(schema, "get, list, watch", verbs), options...)
			if a.Change == nil || !slices.Equal(a.Change.Fields, want) {
				t.Errorf("%s: want %q: %v", verbs, want, a)
			}
		}
	}
}

func TestALiveObjectIsWhatTheUpdateIsComparedWith(t *testing.T) {
	live := func(text string) func(*Request) { return func(r *Request) { r.Live = fromYAML(t, text) } }
	unbound := replace(claimV1, "spec: {", "status: {phase: Pending}\nspec: {volumeMode: Filesystem, ")
	a := ask(t, "apply", claimV1, replace(claimV1, "1Gi", "2Gi"), live(unbound))
	if a.Accepted == nil || *a.Accepted {
		t.Errorf("a claim that is not bound grew: %v", a)
	}
	for _, options := range [][]func(*Request){{}, {onServer}} {
		scaled := replace(deploymentV1, "replicas: 3", "replicas: 7")
		a = ask(t, "apply", deploymentV1, deploymentV1, append(options, live(scaled))...)
		if a.Change == nil || a.Change.Kind != "update" || !slices.Contains(a.Change.Fields, "spec.replicas") {
			t.Errorf("the live object's replicas are not reset: %v", a)
		}
	}
	a = ask(t, "apply", deploymentV1, deploymentV1, live("{apiVersion: v1, kind: ConfigMap, metadata: {name: user}}"))
	if a.Accepted == nil || *a.Accepted {
		t.Errorf("a live object of another kind is accepted: %v", a)
	}
}

package judge

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"kube-verdict/go/internal/served"
)

func TestEveryServedKindIsJudgedOrSaidNotToBe(t *testing.T) {
	named := map[schema.GroupKind]bool{}
	for _, k := range served.Kinds {
		if !k.ByDefault {
			continue
		}
		gvk := schema.GroupVersionKind{Group: k.Group, Version: k.Version, Kind: k.Kind}
		why, _ := whyUnjudged(gvk.GroupKind())
		named[gvk.GroupKind()] = why != ""
		switch row := lookup(gvk); {
		case row == nil && why == "":
			t.Errorf("%s %s is served by default, is not judged, and nothing says why", k.APIVersion(), k.Kind)
		case row != nil && why != "":
			t.Errorf("%s %s is judged, and said not to be", k.APIVersion(), k.Kind)
		case row != nil && row.ClusterScoped == k.Namespaced:
			t.Errorf("%s %s: ClusterScoped is %v, and it is served otherwise", k.APIVersion(), k.Kind, row.ClusterScoped)
		}
	}
	for _, n := range unjudgedKinds {
		for _, kind := range n.kinds {
			if !named[schema.GroupKind{Group: n.group, Kind: kind}] {
				t.Errorf("%s %s is said not to be judged, and is not served", n.group, kind)
			}
		}
	}
	for _, gvk := range GroupVersionKinds() {
		if _, found := named[gvk.GroupKind()]; !found {
			t.Errorf("%s is judged, and no API server serves it by default", gvk)
		}
	}
}

func TestAnApplyOfWhatIsNotStoredIsRefusedWhereThatIsCertain(t *testing.T) {
	const notJudged = ""
	for _, test := range []struct{ manifest, onClient, onServer string }{
		{`{"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","metadata":{"name":"a"},"spec":{"token":"t"}}`, notJudged, "NotFound"},
		{`{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectRulesReview","metadata":{"name":"a"},"spec":{}}`, notJudged, "NotFound"},
		{`{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","metadata":{"name":"a"},"spec":{}}`, "FieldValueInvalid", "NotFound"},
		{`{"apiVersion":"v1","kind":"Binding","metadata":{"name":"a"},"target":{"kind":"Node","name":"b"}}`, notJudged, "NotFound"},
		{`{"apiVersion":"v1","kind":"ComponentStatus","metadata":{"name":"a"}}`, "MethodNotAllowed", "MethodNotAllowed"},
	} {
		for serverSide, want := range map[bool]string{false: test.onClient, true: test.onServer} {
			a := Judge(&Request{Op: "apply", New: []byte(test.manifest), ServerSide: serverSide})
			switch {
			case want == notJudged && a.Accepted != nil:
				t.Errorf("server side %v: %s is judged: %v", serverSide, test.manifest, a)
			case want != notJudged && (a.Accepted == nil || *a.Accepted || a.Errors[0].Type != want):
				t.Errorf("server side %v: %s, want %s: %v", serverSide, test.manifest, want, a)
			}
		}
	}
}

func TestACreateOfWhatIsNotStoredIsNotJudged(t *testing.T) {
	a := Judge(&Request{Op: "create", New: []byte(`{"apiVersion":"authorization.k8s.io/v1","kind":"SubjectAccessReview","spec":{"user":"jane"}}`)})
	if a.Accepted != nil || len(a.Warnings) != 1 {
		t.Errorf("a review: %+v", a)
	}
	a = Judge(&Request{Op: "create", New: []byte(`{"apiVersion":"v1","kind":"ComponentStatus","metadata":{"name":"a"}}`)})
	if a.Accepted == nil || *a.Accepted || a.Errors[0].Type != "MethodNotAllowed" {
		t.Errorf("a ComponentStatus: %+v", a)
	}
}

// TestThousandsOfChangesAreToldInTime holds that time grows with the fields that
// change, not with their square: that would be minutes.
func TestThousandsOfChangesAreToldInTime(t *testing.T) {
	const count = 300_000
	fields := func(value string) string {
		var out strings.Builder
		for i := range count {
			fmt.Fprintf(&out, `,"f%d":"%s"`, i, value)
		}
		return `{"apiVersion":"example.com/v1","kind":"Foo","metadata":{"name":"a"}` + out.String() + `}`
	}
	variables := func(value string) map[string]any {
		items := make([]any, count)
		for i := range items {
			items[i] = map[string]any{"name": fmt.Sprintf("%s%d", value, i), "value": value}
		}
		return map[string]any{"spec": map[string]any{"containers": []any{map[string]any{"name": "a", "env": items}}}}
	}
	done := make(chan [2]int, 1)
	go func() {
		a := applyOfUnknown(&Request{Old: json.RawMessage(fields("old")), New: json.RawMessage(fields("new"))}, &unjudged{"not judged"})
		pod := schema.GroupVersionKind{Version: "v1", Kind: "Pod"}
		done <- [2]int{len(a.Change.Fields), len(diffOf(variables("A"), variables("B"), pod))}
	}()
	select {
	case found := <-done:
		if found != [2]int{count, 2 * count} {
			t.Errorf("found %v changes", found)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("not told after 30 s")
	}
}

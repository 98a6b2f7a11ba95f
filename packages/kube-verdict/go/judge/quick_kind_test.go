package judge

import (
	stdjson "encoding/json"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/serializer/json"
)

// FuzzQuickKind holds the quick look to what Kubernetes makes of valid JSON.
func FuzzQuickKind(f *testing.F) {
	for _, text := range []string{
		`{"apiVersion":"v1","kind":"Pod"}`, `{"kind":"Pod","a":[{"kind":"b"},"kind"],"apiVersion":"apps/v1"}`,
		`{"KIND":"Pod","apiVersion":"v1","kind":"Secret"}`, `{"\u006bind":"Pod","apiVersion":"v1"}`, `{"apiVersion":"v1","\u212aind":"Pod","kind":"A"}`,
		`{"apiVersion":"v1","kind":"Pod","kind":null}`, `{"apiVersion":"v1","kind":"P\"od"}`, `{"apiVersion": "v1", "kind": "Pod"}`,
		`{"apiVersion":"a/b/c","kind":"Pod"}`, `{"a":"\\","apiVersion":"v1","kind":"Pod"}`, `["apiVersion",{"apiVersion":"v1","kind":"Pod"}]`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { compareQuickKind(t, text) })
}

func compareQuickKind(t *testing.T, text string) bool {
	t.Helper()
	ours, found := quickKind([]byte(text))
	theirs, err := json.DefaultMetaFactory.Interpret([]byte(text))
	if err != nil && theirs == nil && !stdjson.Valid([]byte(text)) {
		return false
	}
	if found && (err != nil || ours != *theirs) {
		t.Fatalf("%s is %v, not %v %v", text, ours, theirs, err)
	}
	return found
}

func TestQuickKindOfManifests(t *testing.T) {
	all, mutate := mutations(t)
	for _, m := range all {
		if !compareQuickKind(t, string(marshal(t, m))) {
			t.Errorf("%v is not found", m["kind"])
		}
		for range 20 {
			mutant := clone(t, m)
			mutate(mutant)
			compareQuickKind(t, string(marshal(t, mutant)))
		}
	}
}

package judge

import (
	"encoding/json"
	"maps"
	"math/rand"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// manifests reads the corpus of accepted manifests.
func manifests(t testing.TB) (all []map[string]any) {
	data, err := os.ReadFile("testdata/manifests.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, document := range strings.Split(string(data), "\n---\n") {
		var m map[string]any
		if err := yaml.UnmarshalStrict([]byte(document), &m); err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

func marshal(t testing.TB, v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func clone[T any](t testing.TB, v T) (out T) {
	if err := json.Unmarshal(marshal(t, v), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// odd are values that field rules turn on.
var odd = []any{
	nil, "", " ", "Upper", "under_score", "a.b.c", "-dash", strings.Repeat("a", 64), strings.Repeat("a", 254), "é", "10.0.0.1", "fd00::1",
	"10.0.0.0/8", "010.0.0.1", "None", "http", "TCP", "UDP", "50%", "150%", "1Gi", "1.5", "-1", "0", "abc=", "/abs", "../up", "*", "v1", "true",
	true, false, -1, 0, 1, 2, 80, 1024, 30000, 32767, 65535, 65536, 1 << 33, 1.5, []any{}, map[string]any{}, []any{""}, map[string]any{"a": "b"},
	"Always", "Never", "Recreate", "RollingUpdate", "OnDelete", "NodePort", "LoadBalancer", "ExternalName", "ClusterIP", "Local", "Cluster",
	"RequireDualStack", "SingleStack", "IPv6", "ReadWriteMany", "Block", "Windows", "linux", "Utilization", "AverageValue", "In", "Exists",
}

// mutate changes one to three places of a manifest: a value becomes an odd one
// or one found elsewhere under the same name, or is removed, repeated, moved
// under a wrong name, or gains a field from elsewhere.
func mutate(random *rand.Rand, manifest map[string]any, corpus map[string][]any) {
	for range 1 + random.Intn(3) {
		var places []func()
		collect(random, manifest, "", corpus, &places)
		if len(places) > 0 {
			places[random.Intn(len(places))]()
		}
	}
}

func collect(random *rand.Rand, at any, name string, corpus map[string][]any, places *[]func()) {
	switch v := at.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if name == "" && (key == "apiVersion" || key == "kind") {
				continue
			}
			collect(random, v[key], key, corpus, places)
			*places = append(*places,
				func() { delete(v, key) },
				func() { v[key] = pick(random, odd) },
				func() { v[key] = pick(random, odd) },
				func() { v[key] = pick(random, corpus[key]) },
				func() {
					if random.Intn(10) == 0 {
						v[key+"x"] = v[key]
						delete(v, key)
					}
				},
			)
		}
		if siblings := corpus[name]; len(siblings) > 0 {
			*places = append(*places, func() {
				if other, ok := pick(random, siblings).(map[string]any); ok {
					for _, key := range slices.Sorted(maps.Keys(other)) {
						if random.Intn(2) == 0 {
							v[key] = other[key]
						}
					}
				}
			})
		}
	case []any:
		for i := range v {
			collect(random, v[i], name, corpus, places)
			*places = append(*places, func() { v[i] = pick(random, odd) })
			if len(v) > 1 {
				*places = append(*places, func() { v[i] = pick(random, v) })
			}
		}
	}
}

// pick copies one of the values, which later mutations may change.
func pick(random *rand.Rand, values []any) any {
	if len(values) == 0 {
		return nil
	}
	data, err := json.Marshal(values[random.Intn(len(values))])
	if err != nil {
		panic(err)
	}
	var out any
	if err := json.Unmarshal(data, &out); err != nil {
		panic(err)
	}
	return out
}

// mutations are all manifests, and what mutates one with values of the others.
func mutations(t *testing.T) (all []map[string]any, one func(map[string]any)) {
	random := rand.New(rand.NewSource(seed(t)))
	corpus := map[string][]any{}
	all = manifests(t)
	for _, m := range all {
		valuesByName(m, corpus)
	}
	return all, func(manifest map[string]any) { mutate(random, manifest, corpus) }
}

// valuesByName collects what stands under each field name in the corpus.
func valuesByName(at any, into map[string][]any) {
	switch v := at.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			into[key] = append(into[key], v[key])
			valuesByName(v[key], into)
		}
	case []any:
		for _, item := range v {
			valuesByName(item, into)
		}
	}
}

// mutants of each manifest are judged as new objects and as updates of it.
const mutants = 1000

// TestMutatedManifestsAreJudgedAsTheAPIServerDoes compares whole answers with
// the API server's own decoding, admission plugins, allocators, strategies and
// metadata checks.
func TestMutatedManifestsAreJudgedAsTheAPIServerDoes(t *testing.T) {
	all, mutate := mutations(t)
	var tally struct{ created, refusedCreates, updated, refusedUpdates int }
	for _, m := range all {
		original := marshal(t, m)
		gvk, kind, err := identify(original)
		if err != nil {
			t.Fatal(err)
		}
		live, theirs := oracleCreate(t, original, kind)
		if live == nil {
			t.Fatalf("%s %v: the API server refuses the original: %v", gvk, m["metadata"], theirs)
		}
		compareAnswers(t, original, nil, kind)
		for range mutants {
			mutant := clone(t, m)
			mutate(mutant)
			data := marshal(t, mutant)
			if compareAnswers(t, data, nil, kind) {
				tally.created++
			} else {
				tally.refusedCreates++
			}
			if metadata, ok := mutant["metadata"].(map[string]any); ok {
				// An update goes to the URL of the object.
				metadata["name"], metadata["namespace"] = live.GetName(), live.GetNamespace()
				if compareAnswers(t, marshal(t, mutant), live, kind) {
					tally.updated++
				} else {
					tally.refusedUpdates++
				}
			}
			if t.Failed() {
				return
			}
		}
	}
	t.Logf("agreed: %+v", tally)
}

// compareAnswers judges a create, or an update of live, both ways.
func compareAnswers(t *testing.T, data []byte, live object, kind *Kind) (accepted bool) {
	t.Helper()
	var ours, theirs outcome
	var err error
	c := testCall()
	// Some objects make Kubernetes' own validation panic: the API server
	// answers with an internal error.
	theirsPanicked := catch(func() {
		// The real allocator draws ports at random, and once in thousands of times
		// the one that the object asks for.
		for range 3 {
			if live == nil {
				_, theirs = oracleCreate(t, data, kind)
			} else {
				theirs = oracleUpdate(t, data, live, kind)
			}
			if len(theirs.errs) == 0 || !strings.Contains(theirs.errs[0].Message, "already allocated") {
				break
			}
		}
	})
	oursPanicked := catch(func() {
		var obj object
		if obj, _, _, err = decode(data); err != nil {
			return
		}
		if live == nil {
			err = c.admitCreate(obj, kind)
		} else {
			obj.SetResourceVersion(liveVersion)
			err = c.admitUpdate(obj, live, kind)
		}
	})
	// What makes the API server panic is not stored, as what is refused.
	if oursPanicked && !theirsPanicked || theirsPanicked && !oursPanicked && err == nil {
		t.Errorf("%s: panicked %v, the API server %v\nmanifest: %s", kind.Kind, oursPanicked, theirsPanicked, data)
	}
	if oursPanicked || theirsPanicked {
		return false
	}
	if err != nil {
		ours.errs = fieldErrors(err)
	} else {
		ours.warnings = c.warnings
	}
	if reason := sameOutcome(ours, theirs); reason != "" {
		t.Errorf("%s %s: %s\nours:   %v\ntheirs: %v\nmanifest: %s", map[bool]string{true: "create", false: "update"}[live == nil], kind.Kind, reason, ours, theirs, data)
	}
	return err == nil
}

// allocated are the node ports and addresses that the real allocators draw at
// random and messages about a Service quote.
var allocated = regexp.MustCompile(`\b3[0-2]\d{3}\b|\b10\.0\.0\.\d+\b`)

func withoutAllocated(errs []FieldError) []FieldError {
	out := slices.Clone(errs)
	for i := range out {
		out[i].Message = allocated.ReplaceAllString(out[i].Message, "(allocated)")
	}
	sortFieldErrors(out)
	return out
}

func sameOutcome(ours, theirs outcome) string {
	if len(ours.errs) == 0 != (len(theirs.errs) == 0) {
		return "accepted by one alone"
	}
	// An error of the API server without causes has no fields to compare.
	if len(theirs.errs) != 1 || theirs.errs[0].Type != "" {
		if !slices.Equal(withoutAllocated(ours.errs), withoutAllocated(theirs.errs)) {
			return "different errors"
		}
	}
	slices.Sort(ours.warnings)
	slices.Sort(theirs.warnings)
	if !slices.Equal(ours.warnings, theirs.warnings) {
		return "different warnings"
	}
	return ""
}

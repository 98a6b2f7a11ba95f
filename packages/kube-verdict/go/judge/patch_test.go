package judge

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"testing"

	apiequality "k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/mergepatch"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	kjson "sigs.k8s.io/json"
)

// TestMergeIsThatOfJSON holds the merge of content to kubectl's and the API server's
// own, which read and write JSON in between: of objects that were changed a little,
// and whose live object was, too.
func TestMergeIsThatOfJSON(t *testing.T) {
	all, mutate := mutations(t)
	var tally struct{ changed, same, refused int }
	for _, m := range all {
		for i := range mutants / 5 {
			mutant := clone(t, m)
			if i%4 == 1 {
				mutate(mutant)
			}
			before, _ := appliedOnce(t, marshal(t, mutant))
			if i%3 == 1 {
				mutate(mutant)
			}
			_, live := appliedOnce(t, marshal(t, mutant))
			if mutate(mutant); i%5 == 1 {
				direct(mutant, i)
			}
			data := marshal(t, mutant)
			gvk, kind, err := identify(data)
			if err != nil || before == nil || live == nil || kind != before.kind {
				continue
			}
			applied, err := (&call{cluster: &cluster{namespace: "default"}}).manifestToApply(data, gvk, kind)
			if err != nil {
				continue
			}
			original, err := before.lastApplied()
			modified, modifiedErr := applied.toApply()
			if err != nil || modifiedErr != nil {
				t.Fatal(err, modifiedErr)
			}
			var want, got object
			var wantErr error
			wantPanics := catch(func() { want, wantErr = mergeOfJSON(live, before.plain, marshal(t, applied.object.Object), applied) })
			given := marshal(t, []any{original, modified, before.object.Object, applied.object.Object})
			c := &call{}
			panics := catch(func() { got, err = c.mergeOnto(live, original, modified, applied.gvk) })
			switch {
			case panics != wantPanics || (err != nil) != (wantErr != nil) || !apiequality.Semantic.DeepEqual(got, want) || (got == nil) != (want == nil):
				t.Fatalf("of\n%s\n%s\nmerged\n%s\n%v,\nwant\n%s\n%v", marshal(t, live), given, marshal(t, got), err, marshal(t, want), wantErr)
			case !bytes.Equal(given, marshal(t, []any{original, modified, before.object.Object, applied.object.Object})):
				t.Fatalf("wrote to\n%s", given)
			}
			if patch := patchOf(t, live, original, modified, applied); patch != nil {
				again, err := readAgain(patch)
				if err != nil || !reflect.DeepEqual(again, patch) {
					t.Fatalf("a patch is not what its JSON is:\n%#v\n%#v\n%v", patch, again, err)
				}
			}
			known, _ := c.contentOf(view{of: live, in: applied.gvk})
			if anew, _ := (&call{}).contentOf(view{of: live, in: applied.gvk}); !reflect.DeepEqual(known, anew) {
				t.Fatalf("wrote to the live object's content:\n%s", given)
			}
			switch {
			case err != nil:
				tally.refused++
			case got == nil:
				tally.same++
			default:
				tally.changed++
			}
		}
	}
	if t.Logf("%+v", tally); tally.changed < 1000 || tally.same == 0 || tally.refused == 0 {
		t.Errorf("%+v", tally)
	}
}

// patchOf is kubectl's patch, nil where there is none.
func patchOf(t *testing.T, live object, original, modified map[string]any, m *manifest) (patch map[string]any) {
	t.Helper()
	target, err := scheme.New(m.gvk)
	if err != nil {
		t.Fatal(err)
	}
	schema, err := strategicpatch.NewPatchMetaFromStruct(target)
	if err != nil {
		t.Fatal(err)
	}
	current, err := (&call{}).contentOf(view{of: live, in: m.gvk})
	if err != nil {
		t.Fatal(err)
	}
	catch(func() { patch, _ = threeWayPatch(original, modified, current, schema) })
	return patch
}

// direct puts a directive of strategic merges into a map of the manifest.
func direct(manifest map[string]any, i int) {
	all := []map[string]any{manifest}
	for at := 0; at < len(all); at++ {
		for _, key := range slices.Sorted(maps.Keys(all[at])) {
			switch inner := all[at][key].(type) {
			case map[string]any:
				all = append(all, inner)
			case []any:
				for _, item := range inner {
					if item, ok := item.(map[string]any); ok {
						all = append(all, item)
					}
				}
			}
		}
	}
	all[i/5%len(all)]["$patch"] = []string{"replace", "delete", "merge"}[i%3]
}

// TestWhatAPatchNamesIsCopied is of what a merge may write to.
func TestWhatAPatchNamesIsCopied(t *testing.T) {
	content := func() map[string]any {
		return map[string]any{
			"example.com/a": map[string]any{"b": "old", "c": map[string]any{"d": "old"}},
			"ports":         []any{map[string]any{"port": int64(80)}},
			"other":         map[string]any{"e": "old"},
		}
	}
	given := content()
	copied := forPatch(given, map[string]any{
		"example.com/a":          map[string]any{"b": "new", "c": map[string]any{"d": "new"}},
		"$setElementOrder/ports": []any{map[string]any{"port": int64(80)}},
	})
	if !reflect.DeepEqual(copied, given) {
		t.Errorf("%v is no copy of %v", copied, given)
	}
	named := copied["example.com/a"].(map[string]any)
	named["b"], named["c"].(map[string]any)["d"] = "new", "new"
	copied["ports"].([]any)[0].(map[string]any)["port"] = int64(81)
	delete(copied, "other")
	if !reflect.DeepEqual(given, content()) {
		t.Errorf("the content has become %v", given)
	}
}

// mergeOfJSON is what kubectl and the API server do.
func mergeOfJSON(live object, original, modified []byte, m *manifest) (object, error) {
	versioned, err := viewIn(live, m.gvk)
	if err != nil {
		return nil, err
	}
	current, err := json.Marshal(versioned)
	if err != nil {
		return nil, err
	}
	target, err := scheme.New(m.gvk)
	if err != nil {
		return nil, err
	}
	patchMeta, err := strategicpatch.NewPatchMetaFromStruct(target)
	if err != nil {
		return nil, err
	}
	patch, err := strategicpatch.CreateThreeWayMergePatch(original, modified, current, patchMeta, true,
		mergepatch.RequireKeyUnchanged("apiVersion"), mergepatch.RequireKeyUnchanged("kind"), mergepatch.RequireMetadataKeyUnchanged("name"))
	if err != nil || string(patch) == "{}" {
		return nil, err
	}
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(versioned)
	if err != nil {
		return nil, err
	}
	changes := map[string]any{}
	if err := kjson.UnmarshalCaseSensitivePreserveInts(patch, &changes); err != nil {
		return nil, err
	}
	patched, err := strategicpatch.StrategicMergeMapPatch(content, changes, target)
	if err != nil {
		return nil, err
	}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(patched, target, true); err != nil {
		return nil, err
	}
	scheme.Default(target)
	obj, err := scheme.ConvertToVersion(target, internal(m.gvk))
	if err != nil {
		return nil, err
	}
	return obj.(object), nil
}

package judge

import (
	"maps"
	"strings"
	_ "unsafe" // for go:linkname

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/mergepatch"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
)

// What CreateThreeWayMergePatch consists of, and its package has for itself alone.
//
//go:linkname diffMaps k8s.io/apimachinery/pkg/util/strategicpatch.diffMaps
func diffMaps(original, modified map[string]any, schema strategicpatch.LookupPatchMeta, options strategicpatch.DiffOptions) (map[string]any, error)

//go:linkname mergeMap k8s.io/apimachinery/pkg/util/strategicpatch.mergeMap
func mergeMap(original, patch map[string]any, schema strategicpatch.LookupPatchMeta, options strategicpatch.MergeOptions) (map[string]any, error)

// threeWayPatch is strategicpatch.CreateThreeWayMergePatch with overwrite and the
// preconditions of kubectl apply, of content that need not be read from JSON first:
// that is two thirds of its time. It returns nil if the patch is empty. What it is given is
// only read.
func threeWayPatch(original, modified, current map[string]any, schema strategicpatch.LookupPatchMeta) (map[string]any, error) {
	changes, err := diffMaps(current, modified, schema, strategicpatch.DiffOptions{IgnoreDeletions: true, SetElementOrder: true})
	if err != nil {
		return nil, err
	}
	deletions, err := diffMaps(original, modified, schema, strategicpatch.DiffOptions{IgnoreChangesAndAdditions: true, SetElementOrder: true})
	if err != nil {
		return nil, err
	}
	// The merge writes to both, and changes are partly those of the manifest.
	patch, err := mergeMap(deletions, runtime.DeepCopyJSON(changes), schema, strategicpatch.MergeOptions{})
	if err != nil {
		return nil, err
	}
	for _, holds := range []mergepatch.PreconditionFunc{
		mergepatch.RequireKeyUnchanged("apiVersion"), mergepatch.RequireKeyUnchanged("kind"), mergepatch.RequireMetadataKeyUnchanged("name"),
	} {
		if !holds(patch) {
			return nil, mergepatch.NewErrPreconditionFailed(patch)
		}
	}
	if len(patch) == 0 {
		return nil, nil
	}
	return patch, nil
}

// forPatch is a copy of the content as deep as the patch reaches into it: a merge
// writes to what the patch names, be it in a directive such as $setElementOrder/ports.
func forPatch(content, patch map[string]any) map[string]any {
	out := maps.Clone(content)
	for key, change := range patch {
		name := key
		if _, of, isDirective := strings.Cut(key, "/"); isDirective && key[0] == '$' {
			name = of
		}
		switch value := content[name].(type) {
		case map[string]any:
			if inner, ok := change.(map[string]any); ok {
				out[name] = forPatch(value, inner)
			}
		case []any:
			out[name] = runtime.DeepCopyJSONValue(value)
		}
	}
	return out
}

package judge

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/util/strategicpatch"
	kjson "sigs.k8s.io/json"
)

// saysNothingNew says of a manifest that was applied before whether kubectl's
// patch is plainly empty: whether the live object has all that the manifest
// says, in the same order. Then there is no need to make the patch, which takes
// three times as long. Where it is not plain, mergeOnto tells.
func saysNothingNew(m *manifest, live object) bool {
	versioned, err := toVersion(live, m.gvk)
	if err != nil {
		return false
	}
	current, err := json.Marshal(versioned)
	if err != nil {
		return false
	}
	var has map[string]any
	if kjson.UnmarshalCaseSensitivePreserveInts(current, &has) != nil {
		return false
	}
	target, err := scheme.New(m.gvk)
	if err != nil {
		return false
	}
	patchMeta, err := strategicpatch.NewPatchMetaFromStruct(target)
	return err == nil && hasAll(m.object.Object, has, patchMeta, false)
}

// hasAll is diffMaps of k8s.io/apimachinery/pkg/util/strategicpatch as far as it
// finds nothing.
func hasAll(said, has map[string]any, of strategicpatch.LookupPatchMeta, isWhole bool) bool {
	if isWhole && len(has) != len(said) {
		return false // what is not said would be dropped ($retainKeys)
	}
	for key, value := range said {
		current, found := has[key]
		if !found || value == nil || strings.HasPrefix(key, "$") {
			return false
		}
		switch value := value.(type) {
		case map[string]any:
			current, ok := current.(map[string]any)
			if !ok {
				return false
			}
			member := memberToPatch(of, key, false)
			if member == nil || member.has("replace") || !hasAll(value, current, member.of, member.has("retainKeys")) {
				return false
			}
		case []any:
			current, ok := current.([]any)
			if !ok || len(current) != len(value) || !hasItems(value, current, memberToPatch(of, key, true)) {
				return false
			}
		default:
			if !reflect.DeepEqual(value, current) {
				return false
			}
		}
	}
	return true
}

// hasItems is handleSliceDiff, likewise, of lists that are as long as each other.
func hasItems(said, has []any, list *patchMember) bool {
	if list == nil {
		return false
	}
	if !list.has("merge") || isText(said) {
		return reflect.DeepEqual(said, has)
	}
	names := map[string]bool{}
	for i := range said {
		item, isMap := said[i].(map[string]any)
		current, wasMap := has[i].(map[string]any)
		if !isMap || !wasMap {
			return false
		}
		value, found := item[list.mergeKey]
		name := fmt.Sprint(value)
		if !found || names[name] || !reflect.DeepEqual(value, current[list.mergeKey]) {
			return false
		}
		names[name] = true
		if !hasAll(item, current, list.of, list.has("retainKeys")) {
			return false
		}
	}
	return true
}

func isText(list []any) bool {
	return !slices.ContainsFunc(list, func(item any) bool {
		_, isString := item.(string)
		return !isString
	})
}

// patchMember is how a patch changes a field.
type patchMember struct {
	of         strategicpatch.LookupPatchMeta
	strategies []string
	mergeKey   string
}

func (m *patchMember) has(strategy string) bool { return slices.Contains(m.strategies, strategy) }

type patchField struct {
	of     strategicpatch.LookupPatchMeta
	key    string
	isList bool
}

// patchMembers are those that were looked up before, which takes long.
var patchMembers sync.Map

// memberToPatch looks up a field, nil if the type has none of that name.
func memberToPatch(of strategicpatch.LookupPatchMeta, key string, isList bool) *patchMember {
	field := patchField{of, key, isList}
	if known, found := patchMembers.Load(field); found {
		return known.(*patchMember)
	}
	lookup := of.LookupPatchMetadataForStruct
	if isList {
		lookup = of.LookupPatchMetadataForSlice
	}
	inner, meta, err := lookup(key)
	if err != nil {
		return nil
	}
	member := &patchMember{inner, meta.GetPatchStrategies(), meta.GetPatchMergeKey()}
	patchMembers.Store(field, member)
	return member
}

package judge

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	smd "sigs.k8s.io/structured-merge-diff/v6/schema"

	"kube-verdict/go/internal/smdschema"
)

// FieldChange is one field that differs between two objects.
type FieldChange struct {
	// Field is its path in Kubernetes' notation. A list item has the index that
	// it has in the new object, or in the old one if it is removed.
	Field string `json:"field"`
	// Key is the path with list items by their merge keys, where they have
	// such: spec.template.spec.containers[name="web"].image.
	Key string `json:"key"`
	// Old and New are the values; nil where there is none.
	Old any `json:"old,omitempty"`
	New any `json:"new,omitempty"`
	// Hidden is "added", "removed" or "changed" where the values are a Secret's,
	// and not given.
	Hidden string `json:"hidden,omitempty"`
}

func (c *FieldChange) hide() {
	switch {
	case c.Old == nil:
		c.Hidden = "added"
	case c.New == nil:
		c.Hidden = "removed"
	default:
		c.Hidden = "changed"
	}
	c.Old, c.New = nil, nil
}

// place is a field's path in both notations.
type place struct {
	at  *field.Path
	key string
}

func (p place) child(name string) place {
	at := childOf(p.at, name)
	text := at.String()
	return place{at, p.key + strings.TrimPrefix(text, p.at.String())}
}

func (p place) index(i int) place {
	return place{p.at.Index(i), p.key + fmt.Sprintf("[%d]", i)}
}

func (p place) item(i int, key string) place {
	return place{p.at.Index(i), p.key + "[" + key + "]"}
}

// childOf writes free keys, such as those of labels, in brackets.
func childOf(at *field.Path, key string) *field.Path {
	if at != nil {
		switch at.String() {
		case "metadata.labels", "metadata.annotations", "data", "binaryData", "stringData":
			return at.Key(key)
		}
	}
	for _, c := range key {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '$') {
			return at.Key(key)
		}
	}
	return at.Child(key)
}

// differ compares the contents of two objects of one kind, lists by the keys by
// which a server-side apply merges them.
type differ struct{ changes []FieldChange }

func diffOf(old, neu map[string]any, gvk schema.GroupVersionKind) []FieldChange {
	d := &differ{changes: []FieldChange{}}
	d.maps(place{}, schemaOf(gvk), old, neu)
	if gvk.Group == "" && gvk.Kind == "Secret" {
		for i := range d.changes {
			if c := &d.changes[i]; covers("data", c.Field) || covers("stringData", c.Field) {
				c.hide()
			}
		}
	}
	return d.changes
}

// schemaOf is the kind's type in the schema, nil for kinds that are not in it.
func schemaOf(gvk schema.GroupVersionKind) *smd.Atom {
	group, _, _ := strings.Cut(gvk.Group, ".")
	if group == "" {
		group = "core"
	}
	name := "io.k8s.api." + group + "." + gvk.Version + "." + gvk.Kind
	if group == "apiregistration" { // of the aggregation layer
		name = "io.k8s.kube-aggregator.pkg.apis." + group + "." + gvk.Version + "." + gvk.Kind
	}
	return resolve(smd.TypeRef{NamedType: &name})
}

func resolve(ref smd.TypeRef) *smd.Atom {
	atom, found := smdschema.Parser.Schema.Resolve(ref)
	if !found {
		return nil
	}
	return &atom
}

func (d *differ) add(p place, old, neu any) {
	d.changes = append(d.changes, FieldChange{Field: p.at.String(), Key: p.key, Old: old, New: neu})
}

// values adds what differs as deep as both have the same shape.
func (d *differ) values(p place, atom *smd.Atom, old, neu any) {
	switch o := old.(type) {
	case map[string]any:
		if n, ok := neu.(map[string]any); ok {
			d.maps(p, atom, o, n)
			return
		}
	case []any:
		if n, ok := neu.([]any); ok {
			d.lists(p, atom, o, n)
			return
		}
	}
	if isEmpty(old) && isEmpty(neu) || sameJSON(old, neu) {
		return
	}
	d.add(p, old, neu)
}

func (d *differ) maps(p place, atom *smd.Atom, old, neu map[string]any) {
	keys := map[string]bool{}
	for key := range old {
		keys[key] = true
	}
	for key := range neu {
		keys[key] = true
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if sameJSON(old[key], neu[key]) {
			continue // most are, and their places take long to write
		}
		d.values(p.child(key), memberOf(atom, key), old[key], neu[key])
	}
}

func memberOf(atom *smd.Atom, key string) *smd.Atom {
	if atom == nil || atom.Map == nil {
		return nil
	}
	if f, found := atom.Map.FindField(key); found {
		return resolve(f.Type)
	}
	return resolve(atom.Map.ElementType)
}

func (d *differ) lists(p place, atom *smd.Atom, old, neu []any) {
	var element *smd.Atom
	if atom != nil && atom.List != nil {
		element = resolve(atom.List.ElementType)
		oldKeys, oldUnique := keysOf(atom.List, old)
		newKeys, newUnique := keysOf(atom.List, neu)
		if oldUnique && newUnique {
			renumbers := len(atom.List.Keys) > 0 && !slices.Contains(atom.List.Keys, "name")
			d.byKey(p, element, old, neu, oldKeys, newKeys, renumbers)
			return
		}
	}
	d.byPosition(p, element, old, neu)
}

// keysOf are the merge keys of the items. It says whether there are such and
// they tell the items apart.
func keysOf(list *smd.List, items []any) (keys []string, unique bool) {
	if list.ElementRelationship != smd.Associative {
		return nil, false
	}
	seen := map[string]bool{}
	element := resolve(list.ElementType)
	for _, item := range items {
		key := keyOf(list.Keys, element, item)
		if seen[key] {
			return nil, false
		}
		seen[key] = true
		keys = append(keys, key)
	}
	return keys, true
}

func keyOf(names []string, element *smd.Atom, item any) string {
	content, ok := item.(map[string]any)
	if !ok || len(names) == 0 {
		return quoted(item)
	}
	var parts []string
	for _, name := range names {
		value := content[name]
		if value == nil && element != nil && element.Map != nil {
			f, _ := element.Map.FindField(name)
			value = f.Default
		}
		if value != nil {
			parts = append(parts, name+"="+quoted(value))
		}
	}
	return strings.Join(parts, ",")
}

func quoted(value any) string {
	if text, ok := value.(string); ok {
		return strconv.Quote(text)
	}
	return fmt.Sprint(value)
}

// byKey compares items that have one key. Where keys are not names, such as
// the numbers of ports, another key in the same place is told as a change of it.
func (d *differ) byKey(p place, element *smd.Atom, old, neu []any, oldKeys, newKeys []string, renumbers bool) {
	was, is := indexes(oldKeys), indexes(newKeys)
	if before, after := common(oldKeys, is), common(newKeys, was); !slices.Equal(before, after) {
		d.add(p, "in the order "+strings.Join(before, ", "), "in the order "+strings.Join(after, ", "))
	}
	gone := func(i int) bool {
		if i >= len(oldKeys) {
			return false
		}
		_, stays := is[oldKeys[i]]
		return !stays
	}
	told := map[int]bool{}
	for i, key := range newKeys {
		before, found := was[key]
		if !found && renumbers && gone(i) {
			before, found = i, true
		}
		if !found {
			d.add(p.item(i, key), nil, neu[i])
			continue
		}
		told[before] = true
		d.values(p.item(i, key), element, old[before], neu[i])
	}
	for i, key := range oldKeys {
		if !told[i] {
			d.add(p.item(i, key), old[i], nil)
		}
	}
}

// indexes are where the keys of a list are in it.
func indexes(keys []string) map[string]int {
	at := make(map[string]int, len(keys))
	for i, key := range keys {
		at[key] = i
	}
	return at
}

// common are the keys that others have too.
func common(keys []string, others map[string]int) []string {
	return slices.DeleteFunc(slices.Clone(keys), func(key string) bool {
		_, found := others[key]
		return !found
	})
}

// byPosition compares lists that are replaced as a whole, leaving out what they
// begin and end with alike, so that one inserted item is one change.
func (d *differ) byPosition(p place, element *smd.Atom, old, neu []any) {
	if len(old) == len(neu) {
		for i := range neu {
			d.values(p.index(i), element, old[i], neu[i])
		}
		return
	}
	start, shorter := 0, min(len(old), len(neu))
	for start < shorter && sameJSON(old[start], neu[start]) {
		start++
	}
	end := 0
	for end < shorter-start && sameJSON(old[len(old)-1-end], neu[len(neu)-1-end]) {
		end++
	}
	oldMiddle, newMiddle := old[start:len(old)-end], neu[start:len(neu)-end]
	for i := range max(len(oldMiddle), len(newMiddle)) {
		d.values(p.index(start+i), element, itemAt(oldMiddle, i), itemAt(newMiddle, i))
	}
}

func itemAt(items []any, i int) any {
	if i < len(items) {
		return items[i]
	}
	return nil
}

// isEmpty says whether v means the same as its absence.
func isEmpty(v any) bool {
	switch x := v.(type) {
	case nil:
		return true
	case map[string]any:
		return len(x) == 0
	case []any:
		return len(x) == 0
	}
	return false
}

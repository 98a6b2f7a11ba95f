package judge

import (
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/api/resource"
	smd "sigs.k8s.io/structured-merge-diff/v6/schema"
)

// LostField is a field in which the object that an apply leaves is not what
// its manifest says, and nobody tells.
type LostField struct {
	// Field and Key are its path in the manifest, or that of what stays though
	// the manifest does not have it any more.
	Field string `json:"field"`
	Key   string `json:"key"`
	// What is "missing" if the object lacks it, "stays" if it was taken away
	// from the manifest.
	What string `json:"what"`
	// Otherwise is what the other sort of apply does: "kept", "lost" too,
	// "refused", or empty if that is not known.
	Otherwise string `json:"otherwise,omitempty"`
}

// lost compares what the apply leaves with what the manifest alone would make.
func (c *call) lost(a *applied, r *Request) []LostField {
	found := (&search{applied: a}).in(func() object { return c.createdAlone(r) })
	if len(found) == 0 {
		return nil
	}
	otherwise := c.otherwise(a, r)
	for i := range found {
		found[i].Otherwise = otherwise(found[i])
	}
	return found
}

// createdAlone is what the new manifest makes where there was nothing.
func (c *call) createdAlone(r *Request) object {
	gvk, kind, err := identify(r.New)
	if err != nil {
		return nil
	}
	again := c.again()
	m, err := again.manifestToApply(r.New, gvk, kind)
	if err != nil {
		return nil
	}
	obj, err := clientSide{again}.create(m)
	if err != nil {
		return nil
	}
	if obj, err = atRest(obj, kind); err != nil {
		return nil
	}
	return obj
}

// otherwise asks the other sort of apply for the same.
func (c *call) otherwise(a *applied, r *Request) func(LostField) string {
	other := *r
	other.ServerSide, other.Objects = !r.ServerSide, false
	again := other.call()
	m, err := again.manifestToApply(other.New, a.gvk, a.kind)
	if err != nil {
		return func(LostField) string { return "" }
	}
	live, before, err := again.before(&other, m)
	if err != nil {
		return func(LostField) string { return "" }
	}
	var obj object
	if how := again.applier(other.ServerSide); live == nil {
		obj, err = how.create(m)
	} else {
		obj, err = how.update(live, before, m)
	}
	if err != nil {
		return func(LostField) string { return "refused" }
	}
	result := *a
	result.obj = obj
	too := (&search{applied: &result}).in(func() object { return c.createdAlone(r) })
	return func(f LostField) string {
		for _, one := range too {
			if one.Key == f.Key && one.What == f.What {
				return "lost"
			}
		}
		return "kept"
	}
}

// search looks for the fields of manifests in objects.
type search struct {
	*applied
	suspect []LostField
}

// in finds what is lost. Most differences between a manifest and the object
// are no loss: they are there as well in what the manifest alone makes.
func (s *search) in(alone func() object) []LostField {
	applied, atom := s.shown(s.obj), schemaOf(s.gvk)
	new := withoutNulls(s.new)
	s.missing(place{}, atom, new, applied)
	if s.old != nil {
		s.stays(place{}, atom, withoutNulls(s.old), new, applied)
	}
	if len(s.suspect) == 0 {
		return nil
	}
	made := alone()
	if made == nil {
		return nil
	}
	changes := diffOf(s.shown(made), applied, s.gvk)
	var found []LostField
	for _, one := range s.suspect {
		// The same field as the diff between both names it, or one around it.
		for _, change := range changes {
			if covers(change.Key, one.Key) || covers(one.Key, change.Key) {
				found = append(found, one)
				break
			}
		}
	}
	return found
}

// covers says whether the path of inner is that of outer, or begins with it.
func covers(outer, inner string) bool {
	if len(inner) < len(outer) || inner[:len(outer)] != outer {
		return false
	}
	return len(inner) == len(outer) || inner[len(outer)] == '.' || inner[len(outer)] == '['
}

func (s *search) add(p place, what string) {
	s.suspect = append(s.suspect, LostField{Field: p.at.String(), Key: p.key, What: what})
}

// passedOver are fields that the API server and kubectl have for themselves.
func passedOver(key string) bool {
	switch key {
	case "apiVersion", "kind", "status", "stringData", "metadata.annotations[kubectl.kubernetes.io/last-applied-configuration]":
		return true
	}
	return false
}

// missing looks for what the manifest says and the object does not.
func (s *search) missing(p place, atom *smd.Atom, said, has any) {
	if passedOver(p.key) {
		return
	}
	switch v := said.(type) {
	case map[string]any:
		h, ok := has.(map[string]any)
		if !ok {
			if len(v) > 0 {
				s.add(p, "missing")
			}
			return
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if sameJSON(v[key], h[key]) {
				continue
			}
			s.missing(p.child(key), memberOf(atom, key), v[key], h[key])
		}
	case []any:
		h, _ := has.([]any)
		s.missingItems(p, atom, v, h)
	default:
		if !sameScalar(said, has) {
			s.add(p, "missing")
		}
	}
}

func (s *search) missingItems(p place, atom *smd.Atom, said, has []any) {
	var element *smd.Atom
	if atom != nil && atom.List != nil {
		element = resolve(atom.List.ElementType)
		saidKeys, unique := keysOf(atom.List, said)
		hasKeys, hasUnique := keysOf(atom.List, has)
		switch {
		case atom.List.ElementRelationship == smd.Associative && !unique && len(said) > len(has):
			s.add(p, "missing") // of items with one key, the merge leaves one
			return
		case unique && hasUnique && len(atom.List.Keys) > 0:
			is := indexes(hasKeys)
			for i, key := range saidKeys {
				item := p.item(i, key)
				if at, found := is[key]; found {
					s.missing(item, element, said[i], has[at])
				} else {
					s.add(item, "missing")
				}
			}
			return
		}
	}
	isAtomic := atom != nil && atom.List != nil && atom.List.ElementRelationship == smd.Atomic
	if len(said) > len(has) || isAtomic && len(said) < len(has) {
		s.add(p, "missing")
		return
	}
	if len(said) == len(has) {
		for i := range said {
			s.missing(p.index(i), element, said[i], has[i])
		}
	}
}

// stays looks for what the old manifest said, the new one does not, and the
// object still has.
func (s *search) stays(p place, atom *smd.Atom, old, new, has any) {
	if passedOver(p.key) {
		return
	}
	o, ok := old.(map[string]any)
	if !ok {
		if new == nil && has != nil && sameScalar(old, has) {
			s.add(p, "stays")
		}
		return
	}
	n, _ := new.(map[string]any)
	h, _ := has.(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(o)) {
		if sameJSON(o[key], n[key]) {
			continue
		}
		s.stays(p.child(key), memberOf(atom, key), o[key], n[key], h[key])
	}
}

// sameScalar compares a value as it is written with one as it is stored.
func sameScalar(said, has any) bool {
	if sameJSON(said, has) {
		return true
	}
	if number, ok := asFloat(said); ok {
		other, ok := asFloat(has)
		return ok && number == other
	}
	text, ok := said.(string)
	other, isText := has.(string)
	if !ok || !isText || hasHugeExponent([]byte(text)) {
		return false
	}
	a, err := resource.ParseQuantity(text)
	if err != nil {
		return false
	}
	b, err := resource.ParseQuantity(other)
	return err == nil && a.Cmp(b) == 0
}

func asFloat(value any) (float64, bool) {
	switch v := value.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

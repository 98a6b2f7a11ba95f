package judge

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/kubernetes/pkg/apis/core"
)

// applier is one of the two sorts of kubectl apply.
type applier interface {
	// create makes the object of a manifest that was not applied before.
	create(m *manifest) (object, error)
	// update makes the live object what the manifest says.
	update(live object, before *previous, m *manifest) (object, error)
}

func (c *call) applier(onServer bool) applier {
	if onServer {
		return serverSide{c}
	}
	return clientSide{c}
}

// previous is what was applied before.
type previous struct {
	// manifest is nil if it is not known, or could never have been applied.
	manifest *manifest
	// isLive says that the live object was given.
	isLive bool
	// refused says why the manifest could never have been applied.
	refused []FieldError
}

// applied is the outcome of an apply.
type applied struct {
	obj object
	// live is the object before, nil if there was none.
	live object
	gvk  schema.GroupVersionKind
	kind *Kind
	on   *call
	// before is the version of the manifest that was applied before.
	before schema.GroupVersionKind
	// new and old are the contents of the manifests; old is nil if it is not known.
	new, old map[string]any
}

func judgeApply(r *Request) Answer {
	if r.Again {
		again := *r
		again.Old, again.Again = r.New, false
		r = &again
	}
	gvk, kind, err := identify(r.New)
	if err != nil {
		return applyOfUnknown(r, unjudgedApply(gvk, r.ServerSide, err))
	}
	c := r.call()
	if a, ok := c.unchanged(r, gvk, kind); ok {
		return a
	}
	m, err := c.manifestToApply(r.New, gvk, kind)
	if err != nil {
		return refused(c.moreOf(err, r.New))
	}
	live, before, err := c.before(r, m)
	if err != nil {
		return refused(err)
	}
	result := &applied{live: live, gvk: gvk, before: gvk, kind: kind, on: c, new: m.object.Object}
	if old := before.manifest; old != nil {
		result.before = old.gvk
		if old.gvk == gvk {
			result.old = old.object.Object
		}
	}
	how := c.applier(r.ServerSide)
	if live == nil {
		result.obj, err = how.create(m)
	} else {
		result.obj, err = how.update(live, before, m)
	}
	if err != nil {
		a := refused(c.moreOf(err, r.New))
		explain(a.Errors, c.attempted, result)
		return a
	}
	fillBytes(result.obj)
	a := c.accepted(result.obj, kind)
	a.Change = changeOf(result)
	a.Change.OldErrors = before.refused
	switch {
	case !r.Changes:
		a.Change.Changes = nil
	case live != nil:
		a.Change.Lost = c.lost(result, r)
	}
	if r.Objects {
		a.Old, a.New = result.shown(live), result.shown(result.obj)
	}
	return a
}

// mostPlain is below where the annotation that kubectl writes may get too long: JSON
// may take six bytes for one.
const mostPlain = 32 << 10

// unchanged answers an apply of the manifest that was applied before, where it is
// plain that there is nothing to change. It answers as judgeApply would, which does
// the same twice, and all that an apply does.
func (c *call) unchanged(r *Request, gvk schema.GroupVersionKind, kind *Kind) (a Answer, ok bool) {
	if r.Objects || isGiven(r.Live) || !bytes.Equal(r.Old, r.New) || len(r.New) > mostPlain || bytes.Contains(r.New, []byte("null")) {
		return a, false
	}
	stored, ok := c.plainlyStored(r, gvk, kind)
	if _, isClaim := stored.(*core.PersistentVolumeClaim); !ok || isClaim {
		return a, false // bound meanwhile, a claim is no longer what its manifest alone makes
	}
	live, err := atRest(stored, kind)
	if err != nil {
		return a, false
	}
	versioned, err := viewIn(live, gvk)
	if err != nil {
		return a, false
	}
	if !saysNothingNew(r.New, versioned) {
		return a, false
	}
	// A server-side apply may be an update all the same, which warns of what is there.
	if r.ServerSide && len(kind.Strategy.WarningsOnUpdate(live, live)) > 0 {
		return a, false
	}
	c.deprecated(gvk)
	a = c.accepted(live, kind)
	a.Change = &Change{Kind: "none", Fields: []string{}}
	return a, true
}

// plainlyStored is what the apply of a manifest makes, where it is plain.
func (c *call) plainlyStored(r *Request, gvk schema.GroupVersionKind, kind *Kind) (object, bool) {
	if r.ServerSide {
		m, err := c.manifestToApply(r.New, gvk, kind)
		if err != nil {
			return nil, false
		}
		stored, err := serverSide{c.again()}.create(m)
		return stored, err == nil
	}
	stored, err := decodeAs(r.New, gvk)
	if err != nil || stored.GetName() == "" || stored.GetAnnotations()[core.LastAppliedConfigAnnotation] != "" {
		return nil, false
	}
	// Of the annotation that kubectl adds, only the length could matter.
	return stored, c.again().admitCreate(stored, kind) == nil
}

// moreOf is what a create says, where that is more. Both merges walk Go maps
// and stop at the first mistake, so their text changes from run to run; what a
// create says does not, and says more.
func (c *call) moreOf(err error, data []byte) error {
	if errors.As(err, new(*invalid)) || errors.As(err, new(*unjudged)) || errors.As(err, new(*refusal)) {
		return err
	}
	if _, _, createErr := c.again().create(data); createErr != nil {
		return createErr
	}
	return err
}

// before is the object that there was before the apply, nil if there was none,
// and what it was made of.
func (c *call) before(r *Request, m *manifest) (object, *previous, error) {
	p := &previous{isLive: isGiven(r.Live)}
	var stored object
	if isGiven(r.Old) {
		old, err := c.again().oldManifest(r.Old, m)
		if err == nil && !p.isLive {
			stored, err = c.again().stored(old, r.ServerSide)
		}
		var other *otherObject
		switch {
		case errors.As(err, new(*unjudged)):
			return nil, nil, inManifest("old manifest", err)
		case errors.As(err, &other):
			return nil, nil, &other.refusal
		case err != nil:
			stored, p.refused = nil, fieldErrors(c.moreOf(err, r.Old))
		default:
			p.manifest = old
		}
	}
	if p.isLive {
		live, err := c.liveObject(r.Live, m)
		return live, p, err
	}
	if stored == nil {
		return nil, p, nil
	}
	live, err := atRest(settle(stored), m.kind)
	return live, p, err
}

// oldManifest decodes the manifest that was applied before, which may be of
// another version of the kind than the new one.
func (c *call) oldManifest(data []byte, m *manifest) (*manifest, error) {
	gvk, err := groupVersionKind(data)
	if err != nil {
		return nil, err
	}
	kind := lookup(gvk)
	if kind == nil {
		kind = lookupBefore(gvk)
	}
	if kind == nil && gvk.GroupKind() == m.gvk.GroupKind() {
		return nil, unknownKind(gvk)
	}
	if kind == nil || !sameStorage(kind, m.kind) {
		return nil, twoObjects("kind", gvk.GroupKind().String(), m.gvk.GroupKind().String())
	}
	old, err := c.manifestToApply(data, gvk, kind)
	if err != nil {
		return nil, err
	}
	if old.object.GetName() != m.object.GetName() {
		return nil, twoObjects("metadata.name", old.object.GetName(), m.object.GetName())
	}
	if old.object.GetNamespace() != m.object.GetNamespace() {
		return nil, twoObjects("metadata.namespace", old.object.GetNamespace(), m.object.GetNamespace())
	}
	return old, nil
}

// stored is what applying the manifest has made.
func (c *call) stored(m *manifest, onServer bool) (object, error) {
	if lookup(m.gvk) != nil {
		return c.applier(onServer).create(m)
	}
	// Its version was served once. Managers of fields in that version count for
	// nothing any more, so the object is the same after either apply.
	data, err := m.toCreate()
	if err != nil {
		return nil, err
	}
	obj, err := decodeBefore(data, m.gvk)
	if err != nil {
		return nil, err
	}
	return obj, c.admitCreate(obj, m.kind)
}

// sameStorage says whether two kinds are two views of what is stored once:
// that of one group, and that of the group which it has moved to.
func sameStorage(a, b *Kind) bool {
	return a == b || a.internalType() == b.internalType()
}

func (k *Kind) internalType() reflect.Type {
	obj, err := scheme.New(internal(k.preferred()).WithKind(k.Kind))
	if err != nil {
		return nil
	}
	return reflect.TypeOf(obj)
}

// otherObject says that the manifests are not of one object.
type otherObject struct{ refusal }

func twoObjects(field, old, neu string) error {
	return &otherObject{*badRequest(field, "%s was changed from %q to %q: to the cluster these are two objects", field, old, neu)}
}

func isGiven(data json.RawMessage) bool { return len(data) > 0 && string(data) != "null" }

// applyOfUnknown says of a kind that is not judged whether it is new or changed.
func applyOfUnknown(r *Request, err error) Answer {
	a := refused(err)
	if a.Accepted != nil {
		return a
	}
	var old, neu map[string]any
	if json.Unmarshal(r.New, &neu) != nil {
		return a
	}
	a.Change = &Change{Kind: "create", Fields: []string{}, Changes: []FieldChange{}}
	if isGiven(r.Old) && json.Unmarshal(r.Old, &old) == nil {
		a.Change.setChanges(diffOf(old, neu, schema.GroupVersionKind{}))
	}
	if !r.Changes {
		a.Change.Changes = nil
	}
	return a
}

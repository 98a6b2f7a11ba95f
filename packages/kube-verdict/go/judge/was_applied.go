package judge

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"kube-verdict/go/internal/served"
)

// judgeApplied judges whether a manifest can ever have been applied, be it in a
// version that is not served any more: then the object is there all the same.
func judgeApplied(r *Request) Answer {
	var named struct {
		Metadata struct{ UID string }
	}
	if json.Unmarshal(r.New, &named) == nil && named.Metadata.UID != "" {
		return notJudged(errors.New("it has a uid, which only a cluster gives"))
	}
	gvk, err := groupVersionKind(r.New)
	if err != nil || lookup(gvk) != nil {
		alone := *r
		alone.Old, alone.Live, alone.Again = nil, nil, false
		return judgeApply(&alone)
	}
	kind := lookupBefore(gvk)
	if kind == nil {
		err := unknownKind(gvk)
		if slices.ContainsFunc(served.Kinds, func(k served.Kind) bool { return k.Group == gvk.Group && k.Kind == gvk.Kind }) {
			err = &unjudged{fmt.Sprintf("%s %s may have been applied where that version was served", gvk.GroupVersion(), gvk.Kind)}
		}
		return refused(err)
	}
	c := r.call()
	m, err := c.manifestToApply(r.New, gvk, kind)
	if err != nil {
		return refused(err)
	}
	obj, err := c.stored(m, r.ServerSide)
	if err != nil {
		return refused(err)
	}
	return c.accepted(obj, kind)
}

package judge

import (
	"testing"
)

// TestNothingNewIsAnEmptyPatch holds the short look to kubectl's patch: of
// objects made from the manifest itself, and of those that differ somewhere.
func TestNothingNewIsAnEmptyPatch(t *testing.T) {
	all, mutate := mutations(t)
	var tally struct{ nothing, empty, something int }
	for _, m := range all {
		for i := range mutants / 5 {
			mutant := clone(t, m)
			if i > 0 {
				mutate(mutant)
			}
			applied, live := appliedOnce(t, marshal(t, mutant))
			if live == nil {
				continue
			}
			if i%2 == 1 {
				mutate(mutant)
				if applied, _ = appliedOnce(t, marshal(t, mutant)); applied == nil {
					continue
				}
			}
			plain, plainErr := applied.lastApplied()
			modified, err := applied.toApply()
			if err != nil || plainErr != nil {
				t.Fatal(err, plainErr)
			}
			annotated := marshal(t, modified)
			patched, err := (&call{}).mergeOnto(live, plain, modified, applied.gvk)
			versioned, versionErr := viewIn(live, applied.gvk)
			switch nothing := versionErr == nil && saysNothingNew(annotated, versioned); {
			case nothing && (err != nil || patched != nil):
				t.Fatalf("%s\nsays something new of\n%s\n%v", annotated, marshal(t, live), err)
			case nothing:
				tally.nothing++
			case err == nil && patched == nil:
				tally.empty++
			default:
				tally.something++
			}
		}
	}
	if t.Logf("%+v", tally); tally.nothing < 10*tally.empty || tally.something == 0 {
		t.Errorf("%+v", tally)
	}
}

// appliedOnce is a manifest and what applying it makes; nil where there is none.
func appliedOnce(t *testing.T, data []byte) (*manifest, object) {
	t.Helper()
	gvk, kind, err := identify(data)
	if err != nil {
		return nil, nil
	}
	c := (&Request{Op: "apply"}).call()
	m, err := c.manifestToApply(data, gvk, kind)
	if err != nil {
		return nil, nil
	}
	var stored object
	if catch(func() { stored, err = clientSide{c}.create(m) }) || err != nil {
		return nil, nil
	}
	live, err := atRest(stored, kind)
	if err != nil {
		return nil, nil
	}
	return m, live
}

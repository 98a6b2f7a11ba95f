package judge

import (
	"bytes"
	"encoding/json"
	"testing"
)

// TestAnUnchangedManifestIsJudgedAsEveryApplyIs compares the short way of what
// is applied again with the whole one, which a space after the manifest takes.
func TestAnUnchangedManifestIsJudgedAsEveryApplyIs(t *testing.T) {
	t.Run("client-side", func(t *testing.T) { appliedAgain(t, false) })
	t.Run("server-side", func(t *testing.T) { appliedAgain(t, true) })
}

func appliedAgain(t *testing.T, onServer bool) {
	t.Helper()
	all, mutate := mutations(t)
	var tally struct{ short, whole, refused int }
	for _, m := range all {
		for i := range mutants / 10 {
			mutant := clone(t, m)
			if i > 0 {
				mutate(mutant)
			}
			data := marshal(t, mutant)
			short := &Request{Op: "apply", New: data, Again: true, Changes: i%2 == 0, PodSecurity: "restricted", ServerSide: onServer}
			whole := &Request{Op: "apply", Old: data, New: append(bytes.Clone(data), ' '), Changes: i%2 == 0, PodSecurity: "restricted", ServerSide: onServer}
			ours, theirs := marshal(t, Judge(short)), marshal(t, Judge(whole))
			if !bytes.Equal(ours, theirs) {
				t.Fatalf("%s\nis judged as\n%s\nand whole as\n%s", data, ours, theirs)
			}
			switch a := (Answer{}); {
			case json.Unmarshal(ours, &a) != nil || a.Accepted == nil || !*a.Accepted:
				tally.refused++
			case takesTheShortWay(data, onServer):
				tally.short++
			default:
				tally.whole++
			}
		}
	}
	if t.Logf("agreed: %+v", tally); tally.short == 0 || tally.whole == 0 || tally.refused == 0 {
		t.Error("one way is never taken")
	}
}

func takesTheShortWay(data []byte, onServer bool) bool {
	r := &Request{Op: "apply", Old: data, New: data, ServerSide: onServer}
	gvk, kind, err := identify(data)
	if err != nil {
		return false
	}
	c := r.call()
	_, short := c.unchanged(r, gvk, kind)
	return short
}

// TestAnAnnotationThatGetsTooLongIsRefusedAgain is of text that takes six times as
// long in the annotation that kubectl adds.
func TestAnAnnotationThatGetsTooLongIsRefusedAgain(t *testing.T) {
	for _, kib := range []int{30, 40, 50, 60} {
		data := marshal(t, map[string]any{
			"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "a"}, "data": map[string]any{"a": "-"},
		})
		data = bytes.Replace(data, []byte("-"), bytes.Repeat([]byte("<"), kib<<10), 1)
		a := Judge(&Request{Op: "apply", New: data, Again: true})
		if tooLong := kib*6 > 256; a.Accepted == nil || *a.Accepted == tooLong {
			t.Errorf("%d KiB: %+v", kib, a)
		}
	}
}

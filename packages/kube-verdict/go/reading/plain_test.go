package reading

import (
	"bytes"
	"math/rand"
	"os"
	"strings"
	"testing"
	"time"
)

// FuzzPlain holds the reader of plain YAML to Kubernetes' own, of whatever it takes.
func FuzzPlain(f *testing.F) {
	for _, text := range plainSeeds(f) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { comparePlain(t, text) })
}

// comparePlain says whether the text is one that the reader takes.
func comparePlain(t *testing.T, text string) bool {
	t.Helper()
	ours, ok := plainJSON(text)
	if !ok {
		return false
	}
	d := &Document{}
	theirs, err := d.decodeYAML(text)
	if err != nil || len(d.Warnings) > 0 || !bytes.Equal(ours, theirs) {
		t.Fatalf("%q\nis %s\nto Kubernetes' reader %s %v %v", text, ours, theirs, err, d.Warnings)
	}
	return true
}

func plainSeeds(t testing.TB) []string {
	manifests, err := os.ReadFile("../judge/testdata/manifests.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return append(strings.Split(string(manifests), "\n---\n"), append(seeds(t), append(plainKnown, plainUnknown...)...)...)
}

// plainKnown are taken.
var plainKnown = []string{
	"---\na: {b: 1, c: [x, \"y\", 'z'], d: {}, e: []} # f\n\n# g\nh:\n- i: j # k\n  l:\n    m: \"<&>\"\n- - n\n  -\n  - /o:p\n",
	"yes.: true\nt: 0x1F\nto: 1_000\nu: 012\nv: 1e3\nw: 2001-01-01\nx: 100m\nz: n\nname: -c\ntext: --flag=\"a\\b\"\n",
	"a:\n  b:\n  c: 12345678901234567890123\nd: (x) $y\n",
}

// plainUnknown are left to Kubernetes' reader, which reads the first of them.
var plainUnknown = []string{
	"a: 1\na: 2\n", "a: {b: 1, b: 2}\n", "a: b\n  c\n", "a: &b c\nd: *b\n", "a: \"\\n\"\n", "a: 'it''s'\n", "y: 1\n", "a: |\n  b\n", "é: a\n", "a:\n  b: {c:\n    d}\n",
	"a:\n    b: c\n  d: e\n", "a:\n  - b\n c: d\n", "a: b: c\n", "a: {b:c}\n", "a: [b]c\n", "a: b:\n", "a: 'b'#c\n", "a:\n- b\n-c: d\n", "- a\nb: c\n", "a: b\n---\nc: d\n",
}

func TestPlainYAMLIsTaken(t *testing.T) {
	for _, text := range plainUnknown {
		if comparePlain(t, text) {
			t.Errorf("%q is taken", text)
		}
	}
	for _, text := range plainKnown {
		if !comparePlain(t, text) {
			t.Errorf("%q is not taken", text)
		}
	}
}

// pieces are what plain YAML is made of, and what ends it.
var pieces = strings.Split("a|b|name|y|on|null|true|1|012|1.5|100m|0x1f|-|--|---|...|'|\"|''|\\|#| #|# |:|: |::|,|, |{|}|[|]|{}|[]|\n|\n|\n  |\n    |\n- |\n  - | | |  |- |? |?|!|&|*|<<|||>|%|@|`|~|=|/|.|_|$|(|\t|\r|é|<", "|")

// TestPlainYAMLMeansTheSame changes documents at random.
func TestPlainYAMLMeansTheSame(t *testing.T) {
	seed := time.Now().UnixNano()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewSource(seed))
	documents := plainSeeds(t)
	taken := 0
	for range 20_000 {
		text := documents[random.Intn(len(documents))]
		for range random.Intn(4) {
			from := random.Intn(len(text) + 1)
			to := min(from+random.Intn(4), len(text))
			text = text[:from] + pieces[random.Intn(len(pieces))] + text[to:]
		}
		if comparePlain(t, text) {
			taken++
		}
	}
	if t.Logf("%d taken", taken); taken < 1000 {
		t.Errorf("%d of 20,000 are taken", taken)
	}
}

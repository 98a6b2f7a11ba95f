package reading

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"kube-verdict/go/internal/kubectl"
)

// FuzzRead holds Split and Read to kubectl's own reader, over whatever text.
func FuzzRead(f *testing.F) {
	for _, text := range seeds(f) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "\ufffd")
		if strings.HasPrefix(text, "\ufeff") {
			t.Skip("the host takes a byte order mark away")
		}
		compare(t, text)
	})
}

func seeds(t testing.TB) (all []string) {
	paths, err := filepath.Glob("testdata/*")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no seeds: %v", err)
	}
	for _, path := range paths {
		if info, err := os.Stat(path); err != nil || info.IsDir() {
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(data))
	}
	return all
}

func compare(t *testing.T, text string) {
	theirs := kubectl.Read(strings.NewReader(text))
	if again := kubectl.Read(strings.NewReader(text)); !bytes.Equal(marshal(t, theirs), marshal(t, again)) {
		t.Skip("keys such as 1 and \"1\" are one, and which value it has is drawn at random")
	}
	// A list of nothing.
	theirs.Documents = slices.DeleteFunc(theirs.Documents, func(d kubectl.Document) bool { return d.Error == "" && len(d.Objects) == 0 })
	parts := Split(text)
	units := utf16.Encode([]rune(text))
	next := 0
	for i, part := range parts {
		if i > 0 && (part.Start < parts[i-1].End || part.Line < parts[i-1].Line) {
			t.Fatalf("part %d begins before its predecessor ends: %+v", i, parts)
		}
		content := string(utf16.Decode(units[part.Start:part.End]))
		if want := 1 + strings.Count(string(utf16.Decode(units[:part.Start])), "\n"); part.Line != want {
			t.Fatalf("part %d begins at line %d, not %d", i, want, part.Line)
		}
		if part.Mistake != "" {
			if next != len(theirs.Documents) || theirs.Error == "" {
				t.Fatalf("part %d: %s; kubectl: %s", i, part.Mistake, marshal(t, theirs))
			}
			return
		}
		d := Read(content, part.JSON)
		if next == len(theirs.Documents) {
			if theirs.Error == "" && (len(d.Objects) > 0 || d.Mistake != nil) {
				t.Fatalf("part %d is %s; kubectl has nothing more", i, marshal(t, d))
			}
			if theirs.Error != "" && len(d.Objects) > 0 {
				t.Fatalf("part %d is %s; kubectl: %s", i, marshal(t, d), theirs.Error)
			}
			if theirs.Error != "" && d.Mistake != nil {
				return
			}
			continue
		}
		if len(d.Objects) == 0 && d.Mistake == nil {
			continue // empty
		}
		sameDocument(t, d, theirs.Documents[next])
		next++
	}
	if next != len(theirs.Documents) || theirs.Error != "" {
		t.Fatalf("%d documents; kubectl: %s", next, marshal(t, theirs))
	}
}

func sameDocument(t *testing.T, ours *Document, theirs kubectl.Document) {
	t.Helper()
	var complete []json.RawMessage
	for _, object := range theirs.Objects {
		var fields map[string]any
		if json.Unmarshal(object, &fields) == nil && isText(fields["apiVersion"]) && isText(fields["kind"]) {
			complete = append(complete, object)
		}
	}
	if len(ours.Objects) != len(complete) {
		t.Fatalf("objects: %s\nkubectl: %s", marshal(t, ours), marshal(t, theirs))
	}
	for i, object := range ours.Objects {
		if object.Manifest != string(complete[i]) {
			t.Fatalf("manifest: %s\nkubectl:  %s", object.Manifest, complete[i])
		}
	}
	if (ours.Mistake != nil) != (theirs.Error != "" || len(complete) < len(theirs.Objects)) {
		t.Fatalf("mistake: %s\nkubectl: %s", marshal(t, ours), marshal(t, theirs))
	}
}

func isText(value any) bool {
	text, ok := value.(string)
	return ok && text != ""
}

func marshal(t *testing.T, v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestRepeatedKeysAreTold names every key that is given twice, where it stands.
func TestRepeatedKeysAreTold(t *testing.T) {
	for _, c := range []struct {
		text string
		json bool
		want []Note
	}{
		{"apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  name: b\n", false, []Note{{Line: 5, Message: `key "name" is given twice: kubectl takes the last`}}},
		{`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","name":"b"}}`, true, []Note{{Line: 1, Field: "metadata.name", Message: `key "metadata.name" is given twice: kubectl takes the last`}}},
		{"apiVersion: v1\nkind: Pod\nkind: Secret\nkind: Pod\n", false, []Note{
			{Line: 3, Message: `key "kind" is given twice: kubectl takes the last`}, {Line: 4, Message: `key "kind" is given twice: kubectl takes the last`}}},
		{"a: 1\n...\nb: 2\n", false, []Note{{Line: 2, Message: "kubectl reads nothing of what follows ... up to the next ---"}}},
		{"a: 1\n...\n# b\n\n", false, nil},
	} {
		if d := Read(c.text, c.json); !slices.Equal(d.Warnings, c.want) {
			t.Errorf("%q: %v, want %v", c.text, d.Warnings, c.want)
		}
	}
}

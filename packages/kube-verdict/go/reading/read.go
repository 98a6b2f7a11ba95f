package reading

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"iter"
	"regexp"
	"strconv"
	"strings"

	goyaml "go.yaml.in/yaml/v2"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	kyaml "k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/pod-security-admission/api"
	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

// Note is something about a document, at a line of it counted from 1.
type Note struct {
	Line int `json:"line"`
	// Field is what it is about, where that tells the place better.
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
}

// Document is what kubectl makes of one part of a text.
type Document struct {
	// Objects are the document's object, or the items of a list.
	Objects []Object `json:"objects"`
	// Mistake says why there are none: what kubectl cannot read, or not send.
	Mistake *Note `json:"mistake,omitempty"`
	// NoManifest says that the document can be read, and has neither
	// apiVersion nor kind: it was never meant for a cluster.
	NoManifest bool `json:"noManifest,omitempty"`
	// Value is the JSON of what is no manifest.
	Value string `json:"value,omitempty"`
	// Warnings are of what kubectl passes over in silence.
	Warnings []Note `json:"warnings,omitempty"`
}

// Object is one manifest.
type Object struct {
	// Path is where it stands in the document: empty, or items[3].
	Path string `json:"path,omitempty"`
	// APIVersion and the rest are what a cluster knows the object by.
	APIVersion   string `json:"apiVersion"`
	Kind         string `json:"kind"`
	Name         string `json:"name,omitempty"`
	GenerateName string `json:"generateName,omitempty"`
	Namespace    string `json:"namespace,omitempty"`
	// Enforces is the Pod Security Standard that a Namespace enforces.
	Enforces string `json:"enforces,omitempty"`
	// Digest is the same for the same manifest.
	Digest string `json:"digest"`
	// Manifest is its JSON, with sorted keys: what kubectl sends. It is text, for
	// the host would round its numbers.
	Manifest string `json:"manifest,omitempty"`
}

// Read reads a part that Split has cut out.
func Read(part string, isJSON bool) *Document {
	d := &Document{Objects: []Object{}}
	raw, err := d.decode(part, isJSON)
	if err != nil {
		d.Mistake = noteOf(err)
		return d
	}
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
		return d
	}
	if isJSON || !d.sortedObject(raw) {
		d.objects(raw)
	}
	if d.NoManifest {
		d.Value = string(raw)
	}
	return d
}

// decode is what YAMLOrJSONDecoder does with one document.
func (d *Document) decode(part string, isJSON bool) ([]byte, error) {
	if isJSON {
		d.warnOfRepeatedJSON([]byte(part))
		return []byte(part), nil
	}
	if raw, ok := plainJSON(part); ok {
		return raw, nil
	}
	return d.decodeYAML(part)
}

func (d *Document) decodeYAML(part string) ([]byte, error) {
	content, err := kyaml.NewYAMLReader(bufio.NewReader(strings.NewReader(part))).Read()
	if err != nil {
		return nil, nil // nothing but the end
	}
	// Strictly first: what is then accepted means the same, and what is not
	// tells the keys that are given twice.
	raw, err := yaml.YAMLToJSONStrict(content)
	var mistakes *goyaml.TypeError
	if errors.As(err, &mistakes) {
		if raw, err = yaml.YAMLToJSON(content); err == nil {
			for _, text := range mistakes.Errors {
				d.warnOfRepeated(text)
			}
		}
	}
	if err == nil {
		d.warnOfRest(content)
	}
	return raw, err
}

var repeatedKey = regexp.MustCompile(`^line (\d+): key (.*) already set in map$`)

func (d *Document) warnOfRepeated(text string) {
	if match := repeatedKey.FindStringSubmatch(text); match != nil {
		line, _ := strconv.Atoi(match[1])
		d.Warnings = append(d.Warnings, Note{Line: line, Message: repeated(match[2])})
	}
}

func (d *Document) warnOfRepeatedJSON(raw []byte) {
	var value any
	mistakes, err := kjson.UnmarshalStrict(raw, &value)
	if err != nil {
		return // the decoder of objects says it
	}
	for _, mistake := range mistakes {
		if quoted, found := strings.CutPrefix(mistake.Error(), "duplicate field "); found {
			d.Warnings = append(d.Warnings, Note{Line: 1, Field: strings.Trim(quoted, `"`), Message: repeated(quoted)})
		}
	}
}

func repeated(key string) string {
	return fmt.Sprintf("key %s is given twice: kubectl takes the last", key)
}

// documentEnd ends a document for good: kubectl reads nothing of what follows
// up to the next line of ---.
var documentEnd = regexp.MustCompile(`(?m)^\.\.\.(?:[ \t].*)?$`)

var notContent = regexp.MustCompile(`^(?:\s*(?:#.*)?(?:\n|$))*$`)

func (d *Document) warnOfRest(content []byte) {
	if !bytes.Contains(content, []byte("\n...")) {
		return
	}
	at := documentEnd.FindIndex(content)
	if at == nil || notContent.Match(content[at[1]:]) {
		return
	}
	line := 1 + bytes.Count(content[:at[0]], []byte("\n"))
	d.Warnings = append(d.Warnings, Note{Line: line, Message: "kubectl reads nothing of what follows ... up to the next ---"})
}

var yamlLine = regexp.MustCompile(`yaml: (?:unmarshal errors:\n +)?line (\d+): `)

// noteOf takes the line out of what the YAML reader says.
func noteOf(err error) *Note {
	text := err.Error()
	for _, prefix := range []string{"error converting YAML to JSON: ", "error unmarshaling JSON: while decoding JSON: "} {
		text = strings.TrimPrefix(text, prefix)
	}
	match := yamlLine.FindStringSubmatchIndex(text)
	if match == nil {
		return &Note{Line: 1, Message: strings.TrimPrefix(text, "yaml: ")}
	}
	line, _ := strconv.Atoi(text[match[2]:match[3]])
	message := text[match[1]:]
	if ofParser.MatchString(message) {
		line++
	}
	return &Note{Line: max(line, 1), Message: message}
}

// ofParser are mistakes whose lines go-yaml counts from 0: those that its
// parser tells, not its scanner (parser.fail in decode.go).
var ofParser = regexp.MustCompile(`^(?:did not find expected (?:<|node content|'-' indicator|key$|',' or )|found (?:incompatible|duplicate %|undefined tag))`)

// mayBeRewritten says whether raw has anything that looks like a number which
// kubectl writes otherwise than the YAML reader: one beyond 64 bits, minus zero.
func mayBeRewritten(raw []byte) bool {
	digits := 0
	for i, c := range raw {
		switch {
		case '0' <= c && c <= '9':
			minusZero := c == '0' && i > 1 && raw[i-1] == '-' && strings.IndexByte(":,[", raw[i-2]) >= 0
			if digits++; digits >= 19 || minusZero {
				return true
			}
		default:
			digits = 0
		}
	}
	return false
}

// sortedObject takes an object as it is, where decoding it and writing it again
// changes nothing. That is most of the time that reading would take.
func (d *Document) sortedObject(raw []byte) (taken bool) {
	if raw[0] != '{' || mayBeRewritten(raw) {
		return false
	}
	o := Object{}
	taken = true
	text := func(value []byte) string {
		plain, isPlain := plainText(value)
		taken = taken && isPlain
		return plain
	}
	var labels any
	for key, value := range members(raw) {
		switch string(key) {
		case "apiVersion":
			o.APIVersion = text(value)
		case "kind":
			o.Kind = text(value)
		case "items":
			return false
		case "metadata":
			for key, value := range members(value) {
				switch string(key) {
				case "name":
					o.Name = text(value)
				case "generateName":
					o.GenerateName = text(value)
				case "namespace":
					o.Namespace = text(value)
				case "labels":
					if o.Kind == "Namespace" {
						_ = json.Unmarshal(value, &labels)
					}
				}
			}
		}
	}
	if !taken || o.APIVersion == "" || o.Kind == "" {
		return false
	}
	o.Manifest, o.Digest, o.Enforces = string(raw), digest(raw), enforced(o.APIVersion, o.Kind, labels)
	d.Objects = append(d.Objects, o)
	return true
}

// members are those of an object as encoding/json writes it; none of what is no object.
func members(object []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(key, value []byte) bool) {
		if object[0] != '{' {
			return
		}
		for rest := object[1:]; rest[0] != '}'; rest = bytes.TrimPrefix(rest, []byte(",")) {
			key := rest[:valueLength(rest)]
			rest = rest[len(key)+1:]
			value := rest[:valueLength(rest)]
			rest = rest[len(value):]
			if !yield(key[1:len(key)-1], value) {
				return
			}
		}
	}
}

// valueLength is the length of the JSON value that data begins with.
func valueLength(data []byte) int {
	depth, quoted := 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			if quoted = !quoted; !quoted && depth == 0 {
				return i + 1
			}
		case quoted:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth == 0 {
				return i // of what it is in
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case c == ',' && depth == 0:
			return i
		}
	}
	return len(data)
}

// plainText is what a string without escapes says.
func plainText(value []byte) (text string, isPlain bool) {
	if value[0] != '"' || bytes.IndexByte(value, '\\') >= 0 {
		return "", false
	}
	return string(value[1 : len(value)-1]), true
}

// objects decodes the object, or the items of a list, as kubectl does.
func (d *Document) objects(raw []byte) {
	if raw[0] != '{' {
		d.NoManifest = true
		d.Mistake = &Note{Line: 1, Message: "a manifest is a mapping with apiVersion and kind"}
		return
	}
	obj, _, err := unstructured.UnstructuredJSONScheme.Decode(raw, nil, nil)
	switch {
	case runtime.IsMissingKind(err):
		var fields map[string]any
		_ = json.Unmarshal(raw, &fields)
		d.incomplete("", fields)
	case err != nil:
		d.Mistake = &Note{Line: 1, Message: err.Error()}
	default:
		if list, ok := obj.(*unstructured.UnstructuredList); ok {
			for i := range list.Items {
				d.add(fmt.Sprintf("items[%d]", i), list.Items[i].Object)
			}
			return
		}
		d.add("", obj.(*unstructured.Unstructured).Object)
	}
}

func (d *Document) add(path string, content map[string]any) {
	u := unstructured.Unstructured{Object: content}
	o := Object{Path: path, APIVersion: u.GetAPIVersion(), Kind: u.GetKind()}
	if o.APIVersion == "" || o.Kind == "" {
		d.incomplete(path, content)
		return
	}
	manifest, err := json.Marshal(content)
	if err != nil {
		d.Mistake = &Note{Line: 1, Message: err.Error()}
		return
	}
	o.Manifest, o.Digest = string(manifest), digest(manifest)
	if metadata, ok := content["metadata"].(map[string]any); ok {
		o.Name, _ = metadata["name"].(string)
		o.GenerateName, _ = metadata["generateName"].(string)
		o.Namespace, _ = metadata["namespace"].(string)
		o.Enforces = enforced(o.APIVersion, o.Kind, metadata["labels"])
	}
	d.Objects = append(d.Objects, o)
}

func digest(manifest []byte) string {
	h := fnv.New64a()
	_, _ = h.Write(manifest)
	return strconv.FormatUint(h.Sum64(), 36)
}

func enforced(apiVersion, kind string, labels any) string {
	if apiVersion != "v1" || kind != "Namespace" {
		return ""
	}
	values, _ := labels.(map[string]any)
	level, _ := values[api.EnforceLevelLabel].(string)
	return level
}

// incomplete tells what was never meant to be a manifest from one that lacks
// something.
func (d *Document) incomplete(path string, content map[string]any) {
	var missing []string
	for _, name := range []string{"apiVersion", "kind"} {
		if text, ok := content[name].(string); !ok || text == "" {
			missing = append(missing, name)
		}
	}
	where := ""
	if path != "" {
		where = path + " of the list has "
	}
	d.NoManifest = path == "" && (len(missing) == 2 || content["metadata"] == nil)
	d.Mistake = &Note{Line: 1, Message: "not a Kubernetes manifest: " + where + "no " + strings.Join(missing, " and no ")}
}

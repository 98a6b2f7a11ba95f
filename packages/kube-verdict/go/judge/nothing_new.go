package judge

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime"
)

// saysNothingNew says of a manifest that was applied before whether kubectl's
// patch is plainly empty: whether the live object, in the manifest's version, has
// all that the manifest says, in the same order. Then there is no need to make
// the patch, which takes many times as long. Where it is not plain, mergeOnto tells.
// The manifest is JSON that was decoded strictly, so that no key is there twice.
func saysNothingNew(manifest []byte, live runtime.Object) bool {
	s := &said{manifest}
	return s.value(reflect.ValueOf(live).Elem(), patchField{}, plainly) && len(s.rest) == 0
}

// howAlike is how much alike two values are to be.
type howAlike int

const (
	// plainly: what is said is there.
	plainly howAlike = iota
	// whole: what is not said is not there (patchStrategy retainKeys).
	whole
	// wholly: nor is it anywhere inside (lists that are replaced).
	wholly
)

func (h howAlike) inside() howAlike {
	if h == wholly {
		return wholly
	}
	return plainly
}

// said is what is still to be compared of a manifest, with a value as
// encoding/json would write it. After what is not alike it is of no more use.
type said struct{ rest []byte }

// take says whether c comes next, and goes on behind it.
func (s *said) take(c byte) bool {
	if len(s.rest) == 0 || s.rest[0] != c {
		return false
	}
	s.rest = s.rest[1:]
	return true
}

// text is the string that comes next.
func (s *said) text() (text []byte, ok bool) {
	if !s.take('"') {
		return nil, false
	}
	isPlain := true
	for i := 0; i < len(s.rest); i++ {
		switch s.rest[i] {
		case '\\':
			isPlain = false
			i++
		case '"':
			text, s.rest = s.rest[:i], s.rest[i+1:]
			if isPlain {
				return text, true
			}
			var unquoted string
			err := json.Unmarshal(slices.Concat([]byte{'"'}, text, []byte{'"'}), &unquoted)
			return []byte(unquoted), err == nil
		}
	}
	return nil, false
}

// word goes on behind what comes next, if that is the word.
func (s *said) word(word string) bool {
	rest, found := bytes.CutPrefix(s.rest, []byte(word))
	s.rest = rest
	return found && len(rest) > 0 && bytes.IndexByte([]byte(",]}"), rest[0]) >= 0
}

// value is diffMaps of k8s.io/apimachinery/pkg/util/strategicpatch as far as it
// finds nothing: it says whether has is what comes next.
func (s *said) value(has reflect.Value, field patchField, alike howAlike) bool {
	if len(s.rest) == 0 || field.isOmitted(has) {
		return false
	}
	if has.Kind() == reflect.Pointer {
		if has.IsNil() {
			return false
		}
		has = has.Elem()
	}
	if has.Kind() == reflect.Struct && patchTypeOf(has.Type()).writesItself {
		return s.written(has)
	}
	switch s.rest[0] {
	case '{':
		if field.has("replace") {
			return false
		}
		if field.has("retainKeys") {
			alike = max(alike, whole)
		}
		_, ok := s.object(has, alike, "")
		return ok
	case '[':
		return has.Kind() == reflect.Slice && s.items(has, field, alike)
	case '"':
		text, ok := s.text()
		if isBytes := has.Kind() == reflect.Slice && has.Type().Elem().Kind() == reflect.Uint8; isBytes {
			return ok && base64.StdEncoding.EncodeToString(has.Bytes()) == string(text)
		}
		return ok && has.Kind() == reflect.String && has.String() == string(text)
	}
	return has.Kind() == reflect.Bool && s.word(strconv.FormatBool(has.Bool())) ||
		has.CanInt() && s.word(strconv.FormatInt(has.Int(), 10))
}

// object also returns what the object has under the key, as it is written.
func (s *said) object(has reflect.Value, alike howAlike, mergeKey string) (name []byte, ok bool) {
	if has.Kind() == reflect.Map {
		return nil, s.entries(has, alike)
	}
	if has.Kind() != reflect.Struct || !s.take('{') {
		return nil, false
	}
	fields, count := patchTypeOf(has.Type()).fields, 0
	for ; !s.take('}'); count++ {
		if count > 0 && !s.take(',') {
			return nil, false
		}
		key, ok := s.text()
		field, found := fields[string(key)]
		if !ok || !found || !s.take(':') {
			return nil, false
		}
		value := s.rest
		if !s.value(has.FieldByIndex(field.index), field, alike.inside()) {
			return nil, false
		}
		if string(key) == mergeKey {
			name = value[:len(value)-len(s.rest)]
		}
	}
	return name, alike == plainly || fields.written(has) == count
}

func (s *said) entries(has reflect.Value, alike howAlike) bool {
	if has.Type().Key().Kind() != reflect.String || !s.take('{') {
		return false
	}
	texts, isText := has.Interface().(map[string]string)
	count := 0
	for ; !s.take('}'); count++ {
		if count > 0 && !s.take(',') {
			return false
		}
		key, ok := s.text()
		if !ok || !s.take(':') || bytes.HasPrefix(key, []byte("$")) || len(s.rest) == 0 || s.rest[0] == '{' || s.rest[0] == '[' {
			return false
		}
		if isText {
			current, found := texts[string(key)]
			if text, ok := s.text(); !ok || !found || current != string(text) {
				return false
			}
			continue
		}
		current := has.MapIndex(reflect.ValueOf(string(key)).Convert(has.Type().Key()))
		if !current.IsValid() || !s.value(current, patchField{}, alike.inside()) {
			return false
		}
	}
	return alike == plainly || has.Len() == count
}

// items is handleSliceDiff, likewise, of lists that are as long as each other.
func (s *said) items(has reflect.Value, list patchField, alike howAlike) bool {
	merges := list.has("merge") && alike != wholly && has.Type().Elem().Kind() != reflect.String
	inItem := plainly
	if list.has("retainKeys") {
		inItem = whole
	}
	names := map[string]bool{}
	s.take('[')
	count := 0
	for ; !s.take(']'); count++ {
		if count > 0 && !s.take(',') || count == has.Len() {
			return false
		}
		if !merges {
			if !s.value(has.Index(count), patchField{}, wholly) {
				return false
			}
			continue
		}
		name, ok := s.object(has.Index(count), inItem, list.mergeKey)
		if !ok || name == nil || names[string(name)] || bytes.IndexByte(name, '\\') >= 0 {
			return false
		}
		names[string(name)] = true
	}
	return count == has.Len()
}

var jsonMarshaler = reflect.TypeFor[json.Marshaler]()

// written says whether a value that writes its JSON itself writes what comes next.
func (s *said) written(has reflect.Value) bool {
	if quantity, ok := has.Interface().(resource.Quantity); ok {
		text, isText := s.text()
		return isText && quantity.String() == string(text)
	}
	pointer := reflect.New(has.Type())
	pointer.Elem().Set(has)
	written, err := json.Marshal(pointer.Interface())
	return err == nil && written[0] != '{' && written[0] != '[' && s.word(string(written))
}

// patchField is a field of a Go type, and how a patch changes it.
type patchField struct {
	index                []int
	omitsEmpty, omitZero bool
	strategies           []string
	mergeKey             string
}

func (f patchField) has(strategy string) bool { return slices.Contains(f.strategies, strategy) }

// isOmitted says whether encoding/json does not write the field.
func (f patchField) isOmitted(value reflect.Value) bool {
	if f.omitZero && value.IsZero() {
		return true
	}
	if !f.omitsEmpty {
		return false
	}
	switch value.Kind() {
	case reflect.Map, reflect.Slice, reflect.String:
		return value.Len() == 0
	case reflect.Struct:
		return false
	}
	return value.IsZero()
}

// patchFields are those of a struct by their names.
type patchFields map[string]patchField

// written is the number of fields that encoding/json writes.
func (fields patchFields) written(value reflect.Value) (count int) {
	for _, field := range fields {
		if !field.isOmitted(value.FieldByIndex(field.index)) {
			count++
		}
	}
	return count
}

// patchType is a struct.
type patchType struct {
	fields patchFields
	// writesItself says that it writes its JSON itself, as no other types do in Kubernetes.
	writesItself bool
}

// knownTypes are those that were met before.
var knownTypes sync.Map

func patchTypeOf(t reflect.Type) patchType {
	if known, found := knownTypes.Load(t); found {
		return known.(patchType)
	}
	fields := patchFields{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-":
		case name == "" && f.Type.Kind() == reflect.Struct:
			for inner, field := range patchTypeOf(f.Type).fields {
				field.index = append([]int{i}, field.index...)
				fields[inner] = field
			}
		case name != "":
			fields[name] = patchField{
				index:      []int{i},
				omitsEmpty: strings.Contains(options, "omitempty"),
				omitZero:   strings.Contains(options, "omitzero"),
				strategies: strings.Split(f.Tag.Get("patchStrategy"), ","),
				mergeKey:   f.Tag.Get("patchMergeKey"),
			}
		}
	}
	known := patchType{fields, reflect.PointerTo(t).Implements(jsonMarshaler)}
	knownTypes.Store(t, known)
	return known
}

package judge

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/runtime"
)

// saysNothingNew says of a manifest that was applied before whether kubectl's
// patch is plainly empty: whether the live object, in the manifest's version, has
// all that the manifest says, in the same order. Then there is no need to make
// the patch, which takes many times as long. Where it is not plain, mergeOnto tells.
func saysNothingNew(said map[string]any, live runtime.Object) bool {
	return hasAll(said, reflect.ValueOf(live).Elem(), plainly)
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

// hasAll is diffMaps of k8s.io/apimachinery/pkg/util/strategicpatch as far as it
// finds nothing. What is to be compared are a manifest's JSON, and a value as
// encoding/json would write it.
func hasAll(said map[string]any, has reflect.Value, alike howAlike) bool {
	if has.Kind() == reflect.Map {
		return hasEntries(said, has, alike)
	}
	if has.Kind() != reflect.Struct {
		return false
	}
	fields := patchFieldsOf(has.Type())
	if alike != plainly && fields.written(has) != len(said) {
		return false
	}
	for key, value := range said {
		field, found := fields[key]
		if !found || !hasValue(value, has.FieldByIndex(field.index), field, alike.inside()) {
			return false
		}
	}
	return true
}

func hasEntries(said map[string]any, has reflect.Value, alike howAlike) bool {
	if has.Type().Key().Kind() != reflect.String || alike != plainly && has.Len() != len(said) {
		return false
	}
	for key, value := range said {
		switch value.(type) {
		case map[string]any, []any:
			return false
		}
		current := has.MapIndex(reflect.ValueOf(key).Convert(has.Type().Key()))
		if !current.IsValid() || strings.HasPrefix(key, "$") || !hasValue(value, current, patchField{}, alike.inside()) {
			return false
		}
	}
	return true
}

func hasValue(said any, has reflect.Value, field patchField, alike howAlike) bool {
	if said == nil || field.isOmitted(has) {
		return false
	}
	if has.Kind() == reflect.Pointer {
		if has.IsNil() {
			return false
		}
		has = has.Elem()
	}
	if reflect.PointerTo(has.Type()).Implements(jsonMarshaler) {
		return writes(has, said)
	}
	switch said := said.(type) {
	case map[string]any:
		if field.has("replace") {
			return false
		}
		if field.has("retainKeys") {
			alike = max(alike, whole)
		}
		return hasAll(said, has, alike)
	case []any:
		return has.Kind() == reflect.Slice && has.Len() == len(said) && hasItems(said, has, field, alike)
	case string:
		if isBytes := has.Kind() == reflect.Slice && has.Type().Elem().Kind() == reflect.Uint8; isBytes {
			return base64.StdEncoding.EncodeToString(has.Bytes()) == said
		}
		return has.Kind() == reflect.String && has.String() == said
	case bool:
		return has.Kind() == reflect.Bool && has.Bool() == said
	case int64:
		return has.CanInt() && has.Int() == said
	}
	return false
}

// hasItems is handleSliceDiff, likewise, of lists that are as long as each other.
func hasItems(said []any, has reflect.Value, list patchField, alike howAlike) bool {
	merges := list.has("merge") && alike != wholly && !isText(said)
	if !merges {
		for i := range said {
			if !hasValue(said[i], has.Index(i), patchField{}, wholly) {
				return false
			}
		}
		return true
	}
	inItem := plainly
	if list.has("retainKeys") {
		inItem = whole
	}
	names := map[string]bool{}
	for i := range said {
		item, isMap := said[i].(map[string]any)
		if !isMap {
			return false
		}
		value, found := item[list.mergeKey]
		name := fmt.Sprint(value)
		if !found || names[name] || !hasAll(item, has.Index(i), inItem) {
			return false
		}
		names[name] = true
	}
	return true
}

func isText(list []any) bool {
	return !slices.ContainsFunc(list, func(item any) bool {
		_, isString := item.(string)
		return !isString
	})
}

var jsonMarshaler = reflect.TypeFor[json.Marshaler]()

// writes says whether a value that writes its JSON itself writes what is said.
func writes(has reflect.Value, said any) bool {
	text, isString := said.(string)
	if !isString {
		number, isInt := said.(int64)
		if !isInt {
			return false
		}
		text = fmt.Sprint(number)
	}
	pointer := reflect.New(has.Type())
	pointer.Elem().Set(has)
	written, err := json.Marshal(pointer.Interface())
	if err != nil {
		return false
	}
	if isString {
		quoted, err := json.Marshal(text)
		return err == nil && string(quoted) == string(written)
	}
	return text == string(written)
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

// knownFields are those of the types that were met before.
var knownFields sync.Map

func patchFieldsOf(t reflect.Type) patchFields {
	if known, found := knownFields.Load(t); found {
		return known.(patchFields)
	}
	fields := patchFields{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-":
		case name == "" && f.Type.Kind() == reflect.Struct:
			for inner, field := range patchFieldsOf(f.Type) {
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
	knownFields.Store(t, fields)
	return fields
}

package judge

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

var unmarshalerType = reflect.TypeFor[json.Unmarshaler]()

// locate finds the first value that the kind's Go type cannot hold, and how to
// drop it; nil if there is none.
func locate(value any, gvk schema.GroupVersionKind) (path string, drop func()) {
	walk(value, gvk, func(at *field.Path, t reflect.Type, value any, set func(any)) bool {
		if holds(t, value) {
			return true
		}
		path, drop = at.String(), func() { set(nil) }
		return false
	})
	return path, drop
}

// visitor sees a value of the JSON, the Go type that it decodes into, and how to
// replace it. It says whether to go on.
type visitor func(at *field.Path, t reflect.Type, value any, set func(any)) bool

// walkJSON walks a manifest that is not decoded yet.
func walkJSON(data []byte, gvk schema.GroupVersionKind, visit visitor) {
	var value any
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if d.Decode(&value) == nil {
		walk(value, gvk, visit)
	}
}

// walk visits the values of the JSON beside the Go types that they decode
// into, maps in the order of their keys, until visit returns false. Fields
// that the type does not have are not visited.
func walk(value any, gvk schema.GroupVersionKind, visit visitor) {
	if obj, err := scheme.New(gvk); err == nil {
		visit.value(nil, reflect.TypeOf(obj), value, nil)
	}
}

func (visit visitor) value(at *field.Path, t reflect.Type, value any, set func(any)) bool {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if value == nil {
		return true
	}
	if at != nil && !visit(at, t, value, set) {
		return false
	}
	if reflect.PointerTo(t).Implements(unmarshalerType) {
		return true
	}
	switch v := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			replace := func(value any) { v[key] = value }
			switch t.Kind() {
			case reflect.Struct:
				if f, found := jsonField(t, key); found && !visit.value(at.Child(key), f, v[key], replace) {
					return false
				}
			case reflect.Map:
				if !visit.value(at.Key(key), t.Elem(), v[key], replace) {
					return false
				}
			}
		}
	case []any:
		if t.Kind() != reflect.Slice {
			return true
		}
		for i, item := range v {
			if !visit.value(at.Index(i), t.Elem(), item, func(value any) { v[i] = value }) {
				return false
			}
		}
	}
	return true
}

// jsonField is the type of the field that encoding/json decodes key into.
func jsonField(t reflect.Type, key string) (reflect.Type, bool) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == key {
			return f.Type, true
		}
		if name == "" && f.Anonymous {
			if inner, found := jsonField(f.Type, key); found {
				return inner, true
			}
		}
	}
	return nil, false
}

// holds says whether t can hold value itself, whatever is inside it.
func holds(t reflect.Type, value any) bool {
	if !reflect.PointerTo(t).Implements(unmarshalerType) {
		switch t.Kind() {
		case reflect.Struct, reflect.Map:
			_, ok := value.(map[string]any)
			return ok
		case reflect.Slice:
			if _, ok := value.([]any); ok || t.Elem().Kind() != reflect.Uint8 {
				return ok
			}
		case reflect.Interface:
			return true
		}
	}
	data, err := json.Marshal(value)
	return err != nil || json.Unmarshal(data, reflect.New(t).Interface()) == nil
}

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

// locate finds the first value in the JSON that the kind's Go type cannot hold.
func locate(data []byte, gvk schema.GroupVersionKind) (path string, found bool) {
	walk(data, gvk, func(at *field.Path, t reflect.Type, value any) bool {
		if holds(t, value) {
			return true
		}
		path, found = at.String(), true
		return false
	})
	return path, found
}

// walk visits the values of the JSON beside the Go types that they decode
// into, maps in the order of their keys, until visit returns false. Fields
// that the type does not have are not visited.
func walk(data []byte, gvk schema.GroupVersionKind, visit func(at *field.Path, t reflect.Type, value any) bool) {
	obj, err := scheme.New(gvk)
	if err != nil {
		return
	}
	var value any
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if d.Decode(&value) != nil {
		return
	}
	walkValue(nil, reflect.TypeOf(obj), value, visit)
}

func walkValue(at *field.Path, t reflect.Type, value any, visit func(*field.Path, reflect.Type, any) bool) bool {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if value == nil {
		return true
	}
	if at != nil && !visit(at, t, value) {
		return false
	}
	if reflect.PointerTo(t).Implements(unmarshalerType) {
		return true
	}
	switch v := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			switch t.Kind() {
			case reflect.Struct:
				if f, found := jsonField(t, key); found && !walkValue(at.Child(key), f, v[key], visit) {
					return false
				}
			case reflect.Map:
				if !walkValue(at.Key(key), t.Elem(), v[key], visit) {
					return false
				}
			}
		}
	case []any:
		if t.Kind() != reflect.Slice {
			return true
		}
		for i, item := range v {
			if !walkValue(at.Index(i), t.Elem(), item, visit) {
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

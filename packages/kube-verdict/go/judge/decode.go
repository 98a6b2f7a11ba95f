package judge

import (
	"bytes"
	"encoding/json"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// object is what every kind here is.
type object interface {
	runtime.Object
	metav1.Object
}

// maxBytes is the API server's limit for a request body (MaxRequestBodyBytes of
// k8s.io/apiserver/pkg/server/config.go).
const maxBytes = 3 * 1024 * 1024

// identify reads apiVersion and kind, and finds the kind's row.
func identify(data []byte) (schema.GroupVersionKind, *Kind, error) {
	gvk, err := groupVersionKind(data)
	if err != nil {
		return gvk, nil, err
	}
	kind := lookup(gvk)
	if kind == nil {
		return gvk, nil, unknownKind(gvk)
	}
	return gvk, kind, nil
}

func groupVersionKind(data []byte) (schema.GroupVersionKind, error) {
	var gvk schema.GroupVersionKind
	if trimmed := bytes.TrimSpace(data); len(trimmed) == 0 || trimmed[0] != '{' {
		return gvk, badRequest("", "a manifest must be an object, received %s", excerpt(trimmed))
	}
	if len(data) > maxBytes {
		return gvk, &refusal{FieldError{Type: "RequestEntityTooLarge", Message: fmt.Sprintf("Request entity too large: limit is %d", maxBytes)}}
	}
	if quick, found := quickKind(data); found {
		return quick, nil
	}
	var typeMeta struct {
		APIVersion any `json:"apiVersion"`
		Kind       any `json:"kind"`
	}
	if err := json.Unmarshal(data, &typeMeta); err != nil {
		return gvk, badRequest("", "the manifest is not JSON: %v", err)
	}
	apiVersion, err := typeMetaText("apiVersion", typeMeta.APIVersion)
	if err != nil {
		return gvk, err
	}
	kindName, err := typeMetaText("kind", typeMeta.Kind)
	if err != nil {
		return gvk, err
	}
	gv, err := schema.ParseGroupVersion(apiVersion)
	if err != nil {
		return gvk, badRequest("apiVersion", "%v", err)
	}
	return gv.WithKind(kindName), nil
}

func typeMetaText(name string, value any) (string, error) {
	switch text := value.(type) {
	case string:
		if text != "" {
			return text, nil
		}
	case nil:
	default:
		return "", badRequest(name, "%s must be text, received %v", name, value)
	}
	return "", badRequest(name, "%s not set", name)
}

func excerpt(data []byte) string {
	if len(data) == 0 {
		return "nothing"
	}
	if len(data) > 40 {
		return string(data[:40]) + "…"
	}
	return string(data)
}

// decode is the API server's decoding of a request body under strict field
// validation: the internal object with defaults.
func decode(data []byte) (object, schema.GroupVersionKind, *Kind, error) {
	gvk, kind, err := identify(data)
	if err != nil {
		return nil, gvk, nil, err
	}
	obj, err := decodeAs(data, gvk)
	return obj, gvk, kind, err
}

// decodeAs is decode of what is known to be of that kind.
func decodeAs(data []byte, gvk schema.GroupVersionKind) (object, error) {
	if err := checkQuantities(data, gvk); err != nil {
		return nil, err
	}
	obj, _, err := decoder.Decode(data, nil, nil)
	if err != nil {
		return nil, decodeError(err, data, gvk)
	}
	return obj.(object), nil
}

// decodeError adds what the API server's transformDecodeError adds, and the
// path, which Kubernetes' own message often lacks.
func decodeError(err error, data []byte, gvk schema.GroupVersionKind) error {
	if runtime.IsStrictDecodingError(err) {
		return err
	}
	if located := wrongTypes(data, gvk); len(located) > 0 {
		return &locatedError{located}
	}
	return &locatedError{[]FieldError{{Type: "BadRequest", Message: notHandled(err, gvk)}}}
}

func notHandled(err error, gvk schema.GroupVersionKind) string {
	return fmt.Sprintf("%s in version %q cannot be handled as a %s: %v", gvk.Kind, gvk.Version, gvk.Kind, err)
}

// mostWrongTypes are found in one manifest.
const mostWrongTypes = 20

// wrongTypes are the values that the kind's Go type cannot hold, each with what
// the API server says of it. It stops at the first one, in the order of keys
// since kubectl sorts them; the next is what it would say without that.
func wrongTypes(data []byte, gvk schema.GroupVersionKind) (found []FieldError) {
	var value any
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if d.Decode(&value) != nil {
		return nil
	}
	for range mostWrongTypes {
		sorted, err := json.Marshal(value)
		if err != nil {
			return found
		}
		_, _, err = decoder.Decode(sorted, nil, nil)
		if err == nil || runtime.IsStrictDecodingError(err) {
			return found
		}
		path, drop := locate(value, gvk)
		if drop == nil {
			return found
		}
		found = append(found, FieldError{Field: path, Type: "FieldValueTypeInvalid", Message: notHandled(err, gvk)})
		drop()
	}
	return found
}

// locatedError is a decoding error with the paths of what cannot be decoded.
type locatedError struct{ all []FieldError }

func (e *locatedError) Error() string { return e.all[0].Message }

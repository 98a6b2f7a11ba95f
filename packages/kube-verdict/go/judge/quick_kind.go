package judge

import (
	"bytes"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
)

// metaFactory is json.DefaultMetaFactory, which parses the whole of an object
// to find its apiVersion and kind, where they are not plain to see.
type metaFactory struct{}

func (metaFactory) Interpret(data []byte) (*schema.GroupVersionKind, error) {
	if gvk, found := quickKind(data); found {
		return &gvk, nil
	}
	return json.DefaultMetaFactory.Interpret(data)
}

// quickKind looks for the apiVersion and kind of an object that is valid JSON. It
// finds them where each is there once, as text without escapes.
func quickKind(data []byte) (gvk schema.GroupVersionKind, found bool) {
	var apiVersion, kind []byte
	depth, isKey := 0, false
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '{', '[':
			depth++
			isKey = depth == 1
		case '}', ']':
			depth--
		case ',':
			isKey = depth == 1
		case '"':
			text, isPlain := textAt(data[i:])
			i += len(text) + 1
			if !isKey {
				continue
			}
			isKey = false
			var wanted *[]byte
			switch {
			case !isPlain:
				return gvk, false
			case bytes.EqualFold(text, []byte("apiVersion")):
				wanted = &apiVersion
			case bytes.EqualFold(text, []byte("kind")):
				wanted = &kind
			default:
				continue
			}
			if *wanted != nil || !bytes.HasPrefix(data[min(i+1, len(data)):], []byte(`:"`)) {
				return gvk, false
			}
			text, isPlain = textAt(data[i+2:])
			i += len(text) + 3
			if *wanted = text; !isPlain {
				return gvk, false
			}
		}
	}
	if len(apiVersion) == 0 || len(kind) == 0 {
		return gvk, false
	}
	version, err := schema.ParseGroupVersion(string(apiVersion))
	return version.WithKind(string(kind)), err == nil
}

// textAt is what is between the quotes at the start of data, and whether it
// means what it says.
func textAt(data []byte) (text []byte, isPlain bool) {
	isPlain = true
	for i := 1; i < len(data); i++ {
		switch c := data[i]; {
		case c == '"':
			return data[1:i], isPlain
		case c == '\\':
			isPlain = false
			i++
		case c >= 0x80:
			isPlain = false
		}
	}
	return data[min(1, len(data)):], false
}

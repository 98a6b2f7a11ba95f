package judge

import (
	"encoding/json"
	"fmt"
	"reflect"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// maxDepth is how deep a request may nest. Go's recursion runs on the host's
// stack under WebAssembly, where some 2,000 levels end the instance with an
// error that Go cannot catch. No field of any kind nests nearly as deep.
const maxDepth = 300

// checkDepth is right for valid JSON that stands so deep in a request, and
// harmless for other text.
func checkDepth(in []byte, depth int) error {
	quoted := false
	for i := 0; i < len(in); i++ {
		switch c := in[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return &unjudged{fmt.Sprintf("nested more than %d deep", maxDepth)}
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}

// maxExponentDigits bounds the exponent of a quantity. Kubernetes' parser
// computes a power of ten with as many digits as the exponent says: 1e9999
// takes microseconds, 1e999999999 minutes and gigabytes.
const maxExponentDigits = 4

var quantityType = reflect.TypeFor[resource.Quantity]()

// checkQuantities gives up on objects with a quantity that Kubernetes' own
// parser would not come back from.
func checkQuantities(data []byte, gvk schema.GroupVersionKind) (err error) {
	if !hasHugeExponent(data) {
		return nil
	}
	walkJSON(data, gvk, func(at *field.Path, t reflect.Type, value any, _ func(any)) bool {
		if t != quantityType {
			return true
		}
		var text string
		switch v := value.(type) {
		case string:
			text = v
		case json.Number:
			text = v.String()
		}
		if hasHugeExponent([]byte(text)) {
			err = &unjudged{fmt.Sprintf("%s: the exponent of %q is beyond what Kubernetes' own parser can handle", at, excerpt([]byte(text)))}
		}
		return err == nil
	})
	return err
}

// hasHugeExponent says whether in has, anywhere, a digit or point, then e or
// E, an optional sign, and more than maxExponentDigits digits.
func hasHugeExponent(in []byte) bool {
	for i := 1; i < len(in); i++ {
		if in[i]|0x20 != 'e' || in[i-1] != '.' && !isDigit(in[i-1]) {
			continue
		}
		j := i + 1
		if j < len(in) && (in[j] == '+' || in[j] == '-') {
			j++
		}
		first := j
		for j < len(in) && in[j] == '0' {
			j++
		}
		significant := j
		for j < len(in) && isDigit(in[j]) {
			j++
		}
		if j > first && j-significant > maxExponentDigits {
			return true
		}
	}
	return false
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

package judge

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"kube-verdict/go/internal/served"
)

// unjudgedKinds are the kinds that an API server serves by default and that are not
// in the table of kinds.
var unjudgedKinds = []struct {
	group string
	// kinds of the group; nil for all.
	kinds []string
	why   string
	// answered are kinds of which nothing is stored.
	answered bool
}{
	{group: "apiextensions.k8s.io", why: compilesCEL},
	{group: "admissionregistration.k8s.io", why: compilesCEL},
	{group: "resource.k8s.io", why: compilesCEL},
	{group: "", kinds: []string{"Binding", "ComponentStatus"}, why: isAnswered, answered: true},
	{group: "authentication.k8s.io", why: isAnswered, answered: true},
	{group: "authorization.k8s.io", why: isAnswered, answered: true},
}

const (
	compilesCEL = "its validation compiles CEL"
	isAnswered  = "the API server answers it at once and stores nothing"
)

// whyUnjudged is empty for kinds that are judged, or not served by default.
func whyUnjudged(gk schema.GroupKind) (why string, answered bool) {
	for _, n := range unjudgedKinds {
		if n.group == gk.Group && (n.kinds == nil || slices.Contains(n.kinds, gk.Kind)) {
			return n.why, n.answered
		}
	}
	return "", false
}

// unjudgedKind says why a kind that is served is not judged when it is created.
func unjudgedKind(gvk schema.GroupVersionKind) error {
	if gvk.Group == "" && gvk.Kind == "ComponentStatus" {
		return notStored(gvk, "MethodNotAllowed", "the server does not allow this method on the requested resource")
	}
	why, _ := whyUnjudged(gvk.GroupKind())
	if why == "" { // a list
		return &unjudged{fmt.Sprintf("%s %s is not among the kinds that are judged", gvk.GroupVersion(), gvk.Kind)}
	}
	return &unjudged{fmt.Sprintf("%s %s is not a kind that is judged: %s", gvk.GroupVersion(), gvk.Kind, why)}
}

// unjudgedApply is what is certain of an apply of a kind that is not judged:
// there is nothing to patch where nothing is stored, and kubectl annotates what
// it applies from the client, which reviews of access may not have.
func unjudgedApply(gvk schema.GroupVersionKind, serverSide bool, err error) error {
	_, answered := whyUnjudged(gvk.GroupKind())
	switch {
	case !answered || !errors.As(err, new(*unjudged)) || !isServed(gvk):
		return err
	case serverSide:
		return notStored(gvk, "NotFound", "the server could not find the requested resource")
	case strings.HasSuffix(gvk.Kind, "AccessReview"):
		return &refusal{FieldError{
			Field: "metadata", Type: string(field.ErrorTypeInvalid),
			Message: "Invalid value: must be empty, and kubectl apply needs a name and writes an annotation: use kubectl create",
		}}
	}
	return err
}

func notStored(gvk schema.GroupVersionKind, reason, message string) error {
	return &refusal{FieldError{Field: "kind", Type: reason, Message: fmt.Sprintf("%s: nothing is stored of a %s", message, gvk.Kind)}}
}

func isServed(gvk schema.GroupVersionKind) bool {
	return slices.ContainsFunc(served.Kinds, func(k served.Kind) bool {
		return k.ByDefault && k.Group == gvk.Group && k.Version == gvk.Version && k.Kind == gvk.Kind
	})
}

package judge

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// invalid is a refusal that names fields (HTTP 422).
type invalid struct{ errs field.ErrorList }

func (e *invalid) Error() string { return e.errs.ToAggregate().Error() }

func invalidIf(errs field.ErrorList) error {
	if len(errs) == 0 {
		return nil
	}
	return &invalid{errs}
}

// refusal is a refusal for one reason that is not validation's.
type refusal struct{ FieldError }

func (e *refusal) Error() string { return e.Message }

func forbidden(path, format string, args ...any) error {
	return &refusal{FieldError{Field: path, Type: "Forbidden", Message: fmt.Sprintf(format, args...)}}
}

func badRequest(path, format string, args ...any) *refusal {
	return &refusal{FieldError{Field: path, Type: "BadRequest", Message: fmt.Sprintf(format, args...)}}
}

func conflict(path, format string, args ...any) error {
	return &refusal{FieldError{Field: path, Type: "Conflict", Message: fmt.Sprintf(format, args...)}}
}

// unjudged says why there is no answer.
type unjudged struct{ reason string }

func (e *unjudged) Error() string { return e.reason }

// fieldErrors lists the reasons in err, sorted: validation walks Go maps, so
// their order would change from run to run.
func fieldErrors(err error) []FieldError {
	out := reasons(err)
	if !errors.As(err, new(*locatedError)) { // whose first is what the API server says
		sortFieldErrors(out)
	}
	return out
}

func sortFieldErrors(out []FieldError) {
	slices.SortStableFunc(out, func(a, b FieldError) int {
		return cmp.Or(strings.Compare(a.Field, b.Field), strings.Compare(a.Type, b.Type), strings.Compare(a.Message, b.Message))
	})
}

func reasons(err error) (out []FieldError) {
	var bad *invalid
	if errors.As(err, &bad) {
		for _, e := range bad.errs {
			out = append(out, FieldError{Field: e.Field, Type: string(e.Type), Message: e.ErrorBody()})
		}
		return out
	}
	var located *locatedError
	if errors.As(err, &located) {
		return located.all
	}
	if strict, ok := runtime.AsStrictDecodingError(err); ok {
		for _, e := range strict.Errors() {
			out = append(out, strictReason(e))
		}
		return out
	}
	var one *refusal
	if errors.As(err, &one) {
		return []FieldError{one.FieldError}
	}
	var status apierrors.APIStatus
	if errors.As(err, &status) {
		return []FieldError{{Type: string(status.Status().Reason), Message: err.Error()}}
	}
	return []FieldError{{Type: "BadRequest", Message: err.Error()}}
}

// strictReason reads the path out of what strict decoding says: its errors
// carry it in their text alone.
func strictReason(err error) FieldError {
	text := err.Error()
	for prefix, errorType := range map[string]field.ErrorType{
		"unknown field ":   "FieldValueUnknown",
		"duplicate field ": field.ErrorTypeDuplicate,
	} {
		if quoted, found := strings.CutPrefix(text, prefix); found {
			return FieldError{Field: strings.Trim(quoted, `"`), Type: string(errorType), Message: text}
		}
	}
	return FieldError{Type: "BadRequest", Message: text}
}

// longest is how long a message may be: Kubernetes prints whole structs of Go
// into some, of several kilobytes.
const longest = 500

// shortened leaves out of a long message what a value is, but not what it should be.
func shortened(message string) string {
	if len(message) <= longest {
		return message
	}
	first, _, _ := strings.Cut(message, "\n")
	if len(first) <= longest {
		return first
	}
	rule := ""
	if at := strings.LastIndex(first, ": "); at >= 0 && len(first)-at <= longest/2 {
		rule = first[at:]
	}
	return strings.ToValidUTF8(first[:longest/5], "") + "…" + rule
}

// inManifest says that it is not the new manifest that err is about.
func inManifest(which string, err error) error {
	var gaveUp *unjudged
	if errors.As(err, &gaveUp) {
		return &unjudged{which + ": " + gaveUp.reason}
	}
	list := fieldErrors(err)
	reason := list[0]
	reason.Message = which + ": " + reason.Message
	if more := len(list) - 1; more > 0 {
		reason.Message += fmt.Sprintf(" (and %d more)", more)
	}
	return &locatedError{[]FieldError{reason}}
}

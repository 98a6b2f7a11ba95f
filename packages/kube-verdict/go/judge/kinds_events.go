package judge

import (
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/apis/core/validation"
)

// event is pkg/registry/core/event/strategy.go. Events are stored once and
// served in two groups, of which the newer has stricter rules.
func event(version schema.GroupVersion) Strategy {
	return hooks[*core.Event]{
		validateCreate: func(obj *core.Event) field.ErrorList { return validation.ValidateEventCreate(obj, version) },
		validateUpdate: func(obj, old *core.Event) field.ErrorList {
			return validation.ValidateEventUpdate(obj, old, version)
		},
	}
}

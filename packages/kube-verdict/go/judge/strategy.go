package judge

import (
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Strategy is what the API server does with an object of one kind between
// decoding and storing it, on internal objects: the methods of
// k8s.io/apiserver/pkg/registry/rest.RESTCreateUpdateStrategy without their
// context, and the allocation that a kind's storage does before them.
type Strategy interface {
	// BeginCreate fills in what the storage allocates (the Service's addresses and ports).
	BeginCreate(obj runtime.Object, on *cluster) error
	// BeginUpdate does so for an update and carries over what was allocated before.
	BeginUpdate(obj, old runtime.Object, on *cluster) error
	// WarningsBeforeCreate warns of what PrepareForCreate is about to rewrite.
	WarningsBeforeCreate(obj runtime.Object) []string
	PrepareForCreate(obj runtime.Object)
	Validate(obj runtime.Object) field.ErrorList
	WarningsOnCreate(obj runtime.Object) []string
	PrepareForUpdate(obj, old runtime.Object)
	ValidateUpdate(obj, old runtime.Object) field.ErrorList
	WarningsOnUpdate(obj, old runtime.Object) []string
	Canonicalize(obj runtime.Object)
	// AllowUnconditionalUpdate says whether an update need not name the version that it is of.
	AllowUnconditionalUpdate() bool
}

// hooks is a Strategy over the kind's own type. A nil hook does nothing.
type hooks[T runtime.Object] struct {
	beginCreate     func(obj T, on *cluster) error
	beginUpdate     func(obj, old T, on *cluster) error
	warnBefore      func(obj T) []string
	prepareCreate   func(obj T)
	validateCreate  func(obj T) field.ErrorList
	warnCreate      func(obj T) []string
	prepareUpdate   func(obj, old T)
	validateUpdate  func(obj, old T) field.ErrorList
	warnUpdate      func(obj, old T) []string
	canonicalizeObj func(obj T)
	// onlyConditional refuses updates that name no version.
	onlyConditional bool
}

var _ Strategy = hooks[runtime.Object]{}

func (h hooks[T]) BeginCreate(obj runtime.Object, on *cluster) error {
	if h.beginCreate == nil {
		return nil
	}
	return h.beginCreate(obj.(T), on)
}

func (h hooks[T]) BeginUpdate(obj, old runtime.Object, on *cluster) error {
	if h.beginUpdate == nil {
		return nil
	}
	return h.beginUpdate(obj.(T), old.(T), on)
}

func (h hooks[T]) WarningsBeforeCreate(obj runtime.Object) []string {
	if h.warnBefore == nil {
		return nil
	}
	return h.warnBefore(obj.(T))
}

func (h hooks[T]) PrepareForCreate(obj runtime.Object) {
	if h.prepareCreate != nil {
		h.prepareCreate(obj.(T))
	}
}

func (h hooks[T]) Validate(obj runtime.Object) field.ErrorList {
	return h.validateCreate(obj.(T))
}

func (h hooks[T]) WarningsOnCreate(obj runtime.Object) []string {
	if h.warnCreate == nil {
		return nil
	}
	return h.warnCreate(obj.(T))
}

func (h hooks[T]) PrepareForUpdate(obj, old runtime.Object) {
	if h.prepareUpdate != nil {
		h.prepareUpdate(obj.(T), old.(T))
	}
}

func (h hooks[T]) ValidateUpdate(obj, old runtime.Object) field.ErrorList {
	return h.validateUpdate(obj.(T), old.(T))
}

func (h hooks[T]) WarningsOnUpdate(obj, old runtime.Object) []string {
	if h.warnUpdate == nil {
		return nil
	}
	return h.warnUpdate(obj.(T), old.(T))
}

func (h hooks[T]) Canonicalize(obj runtime.Object) {
	if h.canonicalizeObj != nil {
		h.canonicalizeObj(obj.(T))
	}
}

func (h hooks[T]) AllowUnconditionalUpdate() bool { return !h.onlyConditional }

package judge

import (
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func (k *Kind) internalKind() schema.GroupVersionKind {
	return schema.GroupVersionKind{Group: k.Group, Version: runtime.APIVersionInternal, Kind: k.Kind}
}

// testCall is a call to a cluster of the defaults.
func testCall() *call { return new(Request).call() }

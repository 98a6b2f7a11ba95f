package judge

import (
	"cmp"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/runtime"

	"kube-verdict/go/internal/served"
)

// About describes the module.
type About struct {
	Kubernetes string `json:"kubernetes"`
	// Kinds are those that are judged.
	Kinds []AboutKind `json:"kinds"`
	// OtherKinds are what else Kubernetes serves, or once served in another version.
	OtherKinds []AboutKind `json:"otherKinds"`
	Moved      []Moved     `json:"moved"`
}

// AboutKind is a kind in one version.
type AboutKind struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Namespaced bool   `json:"namespaced"`
}

// Moved is a kind that is stored in another group than the one it is, or was,
// served in.
type Moved struct {
	Group string `json:"group"`
	Kind  string `json:"kind"`
	To    string `json:"to"`
}

var about = sync.OnceValue(func() About {
	a := About{Kubernetes: Version, Kinds: []AboutKind{}, OtherKinds: []AboutKind{}, Moved: []Moved{}}
	for _, gvk := range GroupVersionKinds() {
		a.Kinds = append(a.Kinds, AboutKind{APIVersion: gvk.GroupVersion().String(), Kind: gvk.Kind, Namespaced: !lookup(gvk).ClusterScoped})
	}
	move := func(group, kind, to string) {
		if m := (Moved{group, kind, to}); group != to && !slices.Contains(a.Moved, m) {
			a.Moved = append(a.Moved, m)
		}
	}
	for i := range Kinds {
		for j := range Kinds[:i] {
			if sameStorage(&Kinds[i], &Kinds[j]) {
				move(Kinds[i].Group, Kinds[i].Kind, Kinds[j].Group)
			}
		}
	}
	other := func(k AboutKind) {
		if !slices.Contains(a.Kinds, k) && !slices.Contains(a.OtherKinds, k) {
			a.OtherKinds = append(a.OtherKinds, k)
		}
	}
	for _, k := range served.Kinds {
		other(AboutKind{APIVersion: k.APIVersion(), Kind: k.Kind, Namespaced: k.Namespaced})
	}
	for gvk := range beforeScheme.AllKnownTypes() {
		row := lookupBefore(gvk)
		if row == nil || gvk.Version == runtime.APIVersionInternal {
			continue
		}
		move(gvk.Group, gvk.Kind, row.Group)
		other(AboutKind{APIVersion: gvk.GroupVersion().String(), Kind: gvk.Kind, Namespaced: !row.ClusterScoped})
	}
	slices.SortFunc(a.OtherKinds, func(x, y AboutKind) int {
		return cmp.Or(cmp.Compare(x.APIVersion, y.APIVersion), cmp.Compare(x.Kind, y.Kind))
	})
	slices.SortFunc(a.Moved, func(x, y Moved) int { return cmp.Or(cmp.Compare(x.Group, y.Group), cmp.Compare(x.Kind, y.Kind)) })
	return a
})

package judge

import (
	"cmp"
	"slices"
	"sync"
)

// About describes the module.
type About struct {
	Kubernetes string      `json:"kubernetes"`
	Kinds      []AboutKind `json:"kinds"`
	Moved      []Moved     `json:"moved"`
}

// AboutKind is a kind that is judged.
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
	a := About{Kubernetes: Version, Kinds: []AboutKind{}, Moved: []Moved{}}
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
	for gvk := range beforeScheme.AllKnownTypes() {
		if row := lookupBefore(gvk); row != nil {
			move(gvk.Group, gvk.Kind, row.Group)
		}
	}
	slices.SortFunc(a.Moved, func(x, y Moved) int { return cmp.Or(cmp.Compare(x.Group, y.Group), cmp.Compare(x.Kind, y.Kind)) })
	return a
})

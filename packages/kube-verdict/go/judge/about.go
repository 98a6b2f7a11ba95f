package judge

// About describes the module.
type About struct {
	Kubernetes string      `json:"kubernetes"`
	Kinds      []AboutKind `json:"kinds"`
}

// AboutKind is a kind that is judged.
type AboutKind struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Namespaced bool   `json:"namespaced"`
}

func about() About {
	a := About{Kubernetes: Version, Kinds: []AboutKind{}}
	for _, gvk := range GroupVersionKinds() {
		a.Kinds = append(a.Kinds, AboutKind{APIVersion: gvk.GroupVersion().String(), Kind: gvk.Kind, Namespaced: !lookup(gvk).ClusterScoped})
	}
	return a
}

// Package served knows which of Kubernetes' own kinds an API server serves.
package served

// Kind is a kind in one version of its group.
type Kind struct {
	Group      string
	Version    string
	Kind       string
	Namespaced bool
	// ByDefault is false for versions that a flag of the API server switches on
	// (--runtime-config).
	ByDefault bool
}

// APIVersion is what a manifest has as its apiVersion.
func (k Kind) APIVersion() string {
	if k.Group == "" {
		return k.Version
	}
	return k.Group + "/" + k.Version
}

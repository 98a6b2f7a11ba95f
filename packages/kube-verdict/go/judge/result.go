package judge

// Result is an object before and after an accepted request, as the API server
// shows it in the version of the manifest: with defaults, and without what the
// server keeps for itself.
type Result struct {
	// Before is absent for a create.
	Before map[string]any `json:"before,omitempty"`
	After  map[string]any `json:"after"`
}

func resultOf(a *applied) *Result {
	return &Result{Before: comparableContent(a.live, a.gvk), After: comparableContent(a.obj, a.gvk)}
}

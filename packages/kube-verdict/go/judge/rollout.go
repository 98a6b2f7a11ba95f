package judge

import (
	"encoding/json"
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"

	"kube-verdict/go/rollout"
)

// RolloutRequest asks what a change of a workload does to its Pods. Old and New
// are objects as the API server holds them before and after; what they leave
// out has its default.
type RolloutRequest struct {
	Old json.RawMessage `json:"old"`
	New json.RawMessage `json:"new"`
	// Replicas is what an autoscaler holds the workload at.
	Replicas *int32 `json:"replicas,omitempty"`
	// Nodes is how many nodes a DaemonSet runs on.
	Nodes *int32 `json:"nodes,omitempty"`
	// Unavailable is how many Pods are not available before the change.
	Unavailable int32 `json:"unavailable,omitempty"`
}

// RolloutAnswer has a rollout, or says why there is none.
type RolloutAnswer struct {
	Rollout *rollout.Rollout `json:"rollout,omitempty"`
	Error   string           `json:"error,omitempty"`
}

func rolloutOf(in []byte) (a RolloutAnswer) {
	defer func() {
		if p := recover(); p != nil {
			a = RolloutAnswer{Error: fmt.Sprintf("panic in Kubernetes' code: %v", p)}
		}
	}()
	var r RolloutRequest
	if err := json.Unmarshal(in, &r); err != nil {
		return RolloutAnswer{Error: err.Error()}
	}
	before, err := versionedOf(r.Old)
	if err != nil {
		return RolloutAnswer{Error: "old: " + err.Error()}
	}
	after, err := versionedOf(r.New)
	if err != nil {
		return RolloutAnswer{Error: "new: " + err.Error()}
	}
	told, err := rollout.Of(&rollout.Question{Before: before, After: after, Replicas: r.Replicas, Nodes: r.Nodes, Unavailable: r.Unavailable})
	if err != nil {
		return RolloutAnswer{Error: err.Error()}
	}
	return RolloutAnswer{Rollout: told}
}

// versionedOf reads an object of its own version, with defaults.
func versionedOf(data []byte) (runtime.Object, error) {
	gvk, _, err := identify(data)
	if err != nil {
		return nil, err
	}
	if err := checkQuantities(data, gvk); err != nil {
		return nil, err
	}
	obj, err := scheme.New(gvk)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, obj); err != nil {
		return nil, err
	}
	scheme.Default(obj)
	return obj, nil
}

package judge

import (
	"encoding/json"

	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// SelectionRequest asks which selectors match which labels.
type SelectionRequest struct {
	// Selectors are label selectors; null matches nothing, an empty one everything.
	Selectors []json.RawMessage   `json:"selectors"`
	Labels    []map[string]string `json:"labels"`
	// Pairs are indices of a selector and of labels.
	Pairs [][2]int `json:"pairs"`
}

// SelectionAnswer says for each pair whether it matches.
type SelectionAnswer struct {
	Matches []bool `json:"matches"`
}

// selection matches as Kubernetes does. What is no selector matches nothing.
func selection(in []byte) SelectionAnswer {
	a := SelectionAnswer{Matches: []bool{}}
	var r SelectionRequest
	if err := json.Unmarshal(in, &r); err != nil {
		return a
	}
	selectors := make([]labels.Selector, len(r.Selectors))
	for i, data := range r.Selectors {
		selectors[i] = selectorOf(data)
	}
	for _, pair := range r.Pairs {
		s, l := pair[0], pair[1]
		a.Matches = append(a.Matches, 0 <= s && s < len(selectors) && 0 <= l && l < len(r.Labels) && selectors[s].Matches(labels.Set(r.Labels[l])))
	}
	return a
}

func selectorOf(data []byte) labels.Selector {
	var s *metav1.LabelSelector
	if err := json.Unmarshal(data, &s); err != nil {
		return labels.Nothing()
	}
	selector, err := metav1.LabelSelectorAsSelector(s)
	if err != nil {
		return labels.Nothing()
	}
	return selector
}

// BudgetRequest asks what a PodDisruptionBudget allows for so many Pods, all healthy.
type BudgetRequest struct {
	Budget json.RawMessage `json:"budget"`
	Pods   int             `json:"pods"`
}

// BudgetAnswer is what the disruption controller writes into the status.
type BudgetAnswer struct {
	DesiredHealthy     int `json:"desiredHealthy"`
	DisruptionsAllowed int `json:"disruptionsAllowed"`
}

// budget is getExpectedPodCount and updatePdbStatus of pkg/controller/disruption,
// where one controller has all the Pods that the budget selects.
func budget(in []byte) (a BudgetAnswer) {
	var r BudgetRequest
	var b policyv1.PodDisruptionBudget
	if json.Unmarshal(in, &r) != nil || json.Unmarshal(r.Budget, &b) != nil {
		return a
	}
	percentage := func(v *intstr.IntOrString) int {
		n, err := intstr.GetScaledValueFromIntOrPercent(v, r.Pods, true)
		if err != nil {
			return r.Pods
		}
		return n
	}
	switch {
	case b.Spec.MaxUnavailable != nil:
		a.DesiredHealthy = max(r.Pods-percentage(b.Spec.MaxUnavailable), 0)
	case b.Spec.MinAvailable != nil:
		a.DesiredHealthy = percentage(b.Spec.MinAvailable)
	}
	a.DisruptionsAllowed = max(r.Pods-a.DesiredHealthy, 0)
	return a
}

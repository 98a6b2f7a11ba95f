package judge

import (
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/component-base/featuregate"
)

// settledGates answers from one map what Kubernetes' feature gates look up in three:
// a Deployment asks them a hundred times, and here nobody changes them.
type settledGates struct {
	featuregate.FeatureGate
	enabled map[featuregate.Feature]bool
}

func (g *settledGates) Enabled(feature featuregate.Feature) bool {
	if enabled, known := g.enabled[feature]; known {
		return enabled
	}
	return g.FeatureGate.Enabled(feature)
}

func init() {
	gates := &settledGates{utilfeature.DefaultFeatureGate, map[featuregate.Feature]bool{}}
	for feature := range utilfeature.DefaultMutableFeatureGate.GetAll() {
		gates.enabled[feature] = utilfeature.DefaultFeatureGate.Enabled(feature)
	}
	utilfeature.DefaultFeatureGate = gates
}

package judge

import (
	"k8s.io/kube-aggregator/pkg/apis/apiregistration"
	"k8s.io/kube-aggregator/pkg/apis/apiregistration/validation"
)

// apiService is pkg/registry/apiservice/strategy.go of k8s.io/kube-aggregator.
var apiService = hooks[*apiregistration.APIService]{
	onlyConditional: true,
	prepareCreate: func(obj *apiregistration.APIService) {
		obj.Status = apiregistration.APIServiceStatus{}
		if obj.Spec.Service == nil {
			available := apiregistration.NewLocalAvailableAPIServiceCondition()
			available.LastTransitionTime = created
			apiregistration.SetAPIServiceCondition(obj, available)
		}
	},
	validateCreate: validation.ValidateAPIService,
	prepareUpdate:  func(obj, old *apiregistration.APIService) { obj.Status = old.Status },
	validateUpdate: validation.ValidateAPIServiceUpdate,
}

package judge

import (
	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/flowcontrol"
	"k8s.io/kubernetes/pkg/apis/flowcontrol/validation"
)

// flowSchema is pkg/registry/flowcontrol/flowschema/strategy.go.
var flowSchema = hooks[*flowcontrol.FlowSchema]{
	prepareCreate: func(obj *flowcontrol.FlowSchema) {
		obj.Status = flowcontrol.FlowSchemaStatus{}
		obj.Generation = 1
	},
	validateCreate: validation.ValidateFlowSchema,
	prepareUpdate: func(obj, old *flowcontrol.FlowSchema) {
		if !apiequality.Semantic.DeepEqual(obj.Spec, old.Spec) {
			obj.Generation = old.Generation + 1
		}
		obj.Status = old.Status
	},
	validateUpdate: func(obj, old *flowcontrol.FlowSchema) field.ErrorList {
		return validation.ValidateFlowSchemaUpdate(old, obj)
	},
}

// priorityLevelConfiguration is pkg/registry/flowcontrol/prioritylevelconfiguration/strategy.go.
var priorityLevelConfiguration = hooks[*flowcontrol.PriorityLevelConfiguration]{
	prepareCreate: func(obj *flowcontrol.PriorityLevelConfiguration) {
		obj.Status = flowcontrol.PriorityLevelConfigurationStatus{}
		obj.Generation = 1
	},
	validateCreate: validatePriorityLevel,
	prepareUpdate: func(obj, old *flowcontrol.PriorityLevelConfiguration) {
		if !apiequality.Semantic.DeepEqual(obj.Spec, old.Spec) {
			obj.Generation = old.Generation + 1
		}
		obj.Status = old.Status
	},
	validateUpdate: func(obj, _ *flowcontrol.PriorityLevelConfiguration) field.ErrorList {
		return validatePriorityLevel(obj)
	},
}

func validatePriorityLevel(obj *flowcontrol.PriorityLevelConfiguration) field.ErrorList {
	return validation.ValidatePriorityLevelConfiguration(obj, flowcontrolv1.SchemeGroupVersion, validation.PriorityLevelValidationOptions{})
}

package judge

import (
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/rbac"
	"k8s.io/kubernetes/pkg/apis/rbac/validation"
)

// role is pkg/registry/rbac/role/strategy.go. Whether the author holds the
// permissions that a role grants is for the cluster to say.
var role = hooks[*rbac.Role]{
	validateCreate: validation.ValidateRole,
	validateUpdate: func(obj, old *rbac.Role) field.ErrorList {
		return append(validation.ValidateRole(obj), validation.ValidateRoleUpdate(obj, old)...)
	},
}

// roleBinding is pkg/registry/rbac/rolebinding/strategy.go.
var roleBinding = hooks[*rbac.RoleBinding]{
	validateCreate: validation.ValidateRoleBinding,
	validateUpdate: func(obj, old *rbac.RoleBinding) field.ErrorList {
		return append(validation.ValidateRoleBinding(obj), validation.ValidateRoleBindingUpdate(obj, old)...)
	},
}

// clusterRole is pkg/registry/rbac/clusterrole/strategy.go.
var clusterRole = hooks[*rbac.ClusterRole]{
	validateCreate: func(obj *rbac.ClusterRole) field.ErrorList {
		return validation.ValidateClusterRole(obj, validation.ClusterRoleValidationOptions{})
	},
	validateUpdate: func(obj, old *rbac.ClusterRole) field.ErrorList {
		opts := validation.ClusterRoleValidationOptions{AllowInvalidLabelValueInSelector: hasInvalidAggregation(old)}
		return append(validation.ValidateClusterRole(obj, opts), validation.ValidateClusterRoleUpdate(obj, old, opts)...)
	},
}

func hasInvalidAggregation(obj *rbac.ClusterRole) bool {
	if obj.AggregationRule == nil {
		return false
	}
	for i := range obj.AggregationRule.ClusterRoleSelectors {
		selector := &obj.AggregationRule.ClusterRoleSelectors[i]
		if len(metav1validation.ValidateLabelSelector(selector, metav1validation.LabelSelectorValidationOptions{}, nil)) > 0 {
			return true
		}
	}
	return false
}

// clusterRoleBinding is pkg/registry/rbac/clusterrolebinding/strategy.go.
var clusterRoleBinding = hooks[*rbac.ClusterRoleBinding]{
	validateCreate: validation.ValidateClusterRoleBinding,
	validateUpdate: func(obj, old *rbac.ClusterRoleBinding) field.ErrorList {
		return append(validation.ValidateClusterRoleBinding(obj), validation.ValidateClusterRoleBindingUpdate(obj, old)...)
	},
}

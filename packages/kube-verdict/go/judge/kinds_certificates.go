package judge

import (
	"slices"

	certificatesv1 "k8s.io/api/certificates/v1"
	"k8s.io/kubernetes/pkg/apis/certificates"
	"k8s.io/kubernetes/pkg/apis/certificates/validation"
)

// certificateSigningRequest is pkg/registry/certificates/certificates/strategy.go.
// Who the author is, which the API server writes into the spec, is not known here.
var certificateSigningRequest = hooks[*certificates.CertificateSigningRequest]{
	prepareCreate: func(obj *certificates.CertificateSigningRequest) {
		obj.Spec.Username = ""
		obj.Spec.UID = ""
		obj.Spec.Groups = nil
		obj.Spec.Extra = nil
		obj.Status = certificates.CertificateSigningRequestStatus{Conditions: []certificates.CertificateSigningRequestCondition{}}
	},
	validateCreate: validation.ValidateCertificateSigningRequestCreate,
	prepareUpdate: func(obj, old *certificates.CertificateSigningRequest) {
		obj.Spec = old.Spec
		obj.Status = old.Status
	},
	validateUpdate: validation.ValidateCertificateSigningRequestUpdate,
}

// systemMasters is the group of those who may do everything.
const systemMasters = "system:masters"

// validateSubject is the admission plugin CertificateSubjectRestriction.
func validateSubject(obj *certificates.CertificateSigningRequest) error {
	if obj.Spec.SignerName != certificatesv1.KubeAPIServerClientSignerName {
		return nil
	}
	request, err := certificates.ParseCSR(obj.Spec.Request)
	if err != nil {
		return forbidden("spec.request", "failed to parse CSR: %v", err)
	}
	if slices.Contains(request.Subject.Organization, systemMasters) {
		return forbidden("spec.request", "use of %s signer with %s group is not allowed", certificatesv1.KubeAPIServerClientSignerName, systemMasters)
	}
	return nil
}

package judge

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"testing"
)

// signingRequest is a manifest for a certificate of this organization.
func signingRequest(t *testing.T, organization, signer string) string {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{Organization: []string{organization}}}, key)
	if err != nil {
		t.Fatal(err)
	}
	request := base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))
	return fmt.Sprintf("{apiVersion: certificates.k8s.io/v1, kind: CertificateSigningRequest, metadata: {name: a}, spec: {request: %s, signerName: %s, usages: [digital signature, client auth]}}", request, signer)
}

func TestNobodyAsksForACertificateThatMayDoEverything(t *testing.T) {
	for _, test := range []struct {
		organization, signer string
		accepted             bool
	}{
		{"system:masters", "kubernetes.io/kube-apiserver-client", false},
		{"system:masters", "example.com/client", true},
		{"developers", "kubernetes.io/kube-apiserver-client", true},
	} {
		a := ask(t, "create", "", signingRequest(t, test.organization, test.signer))
		if a.Accepted == nil || *a.Accepted != test.accepted {
			t.Errorf("%s of %s: %v", test.signer, test.organization, a)
		}
	}
}

func TestWhatIsAskedForOnceIsNotChangedAndThatIsSaid(t *testing.T) {
	old := signingRequest(t, "developers", "example.com/client")
	for _, usages := range []string{"client auth", "digital signature, server auth", "digital signature, client auth, server auth"} {
		for _, serverSide := range []bool{false, true} {
			a := ask(t, "apply", old, replace(old, "digital signature, client auth", usages), func(r *Request) {
				r.Changes, r.ServerSide = true, serverSide
			})
			if a.Change == nil || a.Change.Kind != "none" || len(a.Change.Lost) == 0 {
				t.Errorf("%s, server side %v: %v", usages, serverSide, a)
			}
		}
	}
}

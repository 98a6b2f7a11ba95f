// Command genschema writes the structured-merge-diff schema of the kinds that
// are judged as static Go data: go run ./internal/genschema OUTPUT.
//
// The schema stands as YAML in an internal package of client-go, whose public
// door links every apply configuration and parses the YAML at start: 25 MB and
// a second. Static data costs 1.9 MB and no time.
package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"go/format"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v2"
	"k8s.io/kube-openapi/pkg/schemaconv"
	"k8s.io/kube-openapi/pkg/validation/spec"
	"sigs.k8s.io/structured-merge-diff/v6/schema"
)

// roots are the kinds, without the prefix of io.k8s.api.
var roots = strings.Fields(`
core.v1.Pod core.v1.PodTemplate core.v1.ReplicationController core.v1.Service core.v1.Endpoints
core.v1.ConfigMap core.v1.Secret core.v1.ServiceAccount core.v1.PersistentVolumeClaim core.v1.PersistentVolume
core.v1.Namespace core.v1.LimitRange core.v1.ResourceQuota core.v1.Node core.v1.Event
apps.v1.Deployment apps.v1.ReplicaSet apps.v1.StatefulSet apps.v1.DaemonSet apps.v1.ControllerRevision
batch.v1.Job batch.v1.CronJob
autoscaling.v1.HorizontalPodAutoscaler autoscaling.v2.HorizontalPodAutoscaler
policy.v1.PodDisruptionBudget scheduling.v1.PriorityClass
networking.v1.NetworkPolicy networking.v1.Ingress networking.v1.IngressClass networking.v1.ServiceCIDR networking.v1.IPAddress
node.v1.RuntimeClass coordination.v1.Lease events.v1.Event discovery.v1.EndpointSlice
certificates.v1.CertificateSigningRequest flowcontrol.v1.FlowSchema flowcontrol.v1.PriorityLevelConfiguration
rbac.v1.Role rbac.v1.RoleBinding rbac.v1.ClusterRole rbac.v1.ClusterRoleBinding
storage.v1.StorageClass storage.v1.VolumeAttributesClass storage.v1.CSIDriver storage.v1.CSINode
storage.v1.CSIStorageCapacity storage.v1.VolumeAttachment`)

// The kind of the aggregation layer, which client-go does not know.
const (
	aggregatorPrefix = "io.k8s.kube-aggregator."
	aggregatorRoot   = aggregatorPrefix + "pkg.apis.apiregistration.v1.APIService"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: genschema OUTPUT")
	}
	out, err := generate()
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(os.Args[1], out, 0o644); err != nil {
		log.Fatal(err)
	}
}

// generate returns the Go source of the schema.
func generate() ([]byte, error) {
	source, err := sourceYAML()
	if err != nil {
		return nil, err
	}
	var full schema.Schema
	if err := yaml.Unmarshal(source, &full); err != nil {
		return nil, err
	}
	aggregator, err := aggregatorTypes()
	if err != nil {
		return nil, err
	}
	full.Types = append(full.Types, aggregator...)
	kept, err := reachable(&full)
	if err != nil {
		return nil, err
	}
	return format.Source(render(kept))
}

// sourceYAML cuts the schema out of the source of client-go.
func sourceYAML() ([]byte, error) {
	dir, err := moduleDir("k8s.io/client-go")
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "applyconfigurations", "internal", "internal.go")
	source, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	_, rest, found := bytes.Cut(source, []byte("YAMLObject(`"))
	text, _, closed := bytes.Cut(rest, []byte("`)"))
	if !found || !closed {
		return nil, fmt.Errorf("%s: no YAML literal found", file)
	}
	return text, nil
}

// aggregatorTypes are made of the OpenAPI documents in Kubernetes' source, as the API server makes them.
func aggregatorTypes() ([]schema.TypeDef, error) {
	dir, err := moduleDir("k8s.io/kubernetes")
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "api", "openapi-spec", "v3", "apis__apiregistration.k8s.io__v1_openapi.json")
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var document struct {
		Components struct{ Schemas map[string]*spec.Schema }
	}
	if err := json.Unmarshal(data, &document); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	converted, err := schemaconv.ToSchemaFromOpenAPI(document.Components.Schemas, false)
	if err != nil {
		return nil, err
	}
	own := slices.DeleteFunc(converted.Types, func(t schema.TypeDef) bool { return !strings.HasPrefix(t.Name, aggregatorPrefix) })
	slices.SortFunc(own, func(a, b schema.TypeDef) int { return cmp.Compare(a.Name, b.Name) })
	for _, t := range own { // their fields come in the order of a Go map
		slices.SortFunc(t.Map.Fields, func(a, b schema.StructField) int { return cmp.Compare(a.Name, b.Name) })
	}
	return own, nil
}

func moduleDir(module string) (string, error) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		return "", fmt.Errorf("find %s: %w", module, err)
	}
	return strings.TrimSpace(string(dir)), nil
}

// reachable keeps the types that the roots refer to, in the order of the source.
func reachable(full *schema.Schema) ([]schema.TypeDef, error) {
	byName := map[string]schema.TypeDef{}
	for _, t := range full.Types {
		byName[t.Name] = t
	}
	wanted := map[string]bool{}
	var atom func(schema.Atom) error
	ref := func(r schema.TypeRef) error {
		if r.NamedType != nil && !wanted[*r.NamedType] {
			t, found := byName[*r.NamedType]
			if !found {
				return fmt.Errorf("the schema has no type %s", *r.NamedType)
			}
			wanted[t.Name] = true
			if err := atom(t.Atom); err != nil {
				return err
			}
		}
		return atom(r.Inlined)
	}
	atom = func(a schema.Atom) error {
		if a.List != nil {
			if err := ref(a.List.ElementType); err != nil {
				return err
			}
		}
		if a.Map == nil {
			return nil
		}
		for _, f := range a.Map.Fields {
			if err := ref(f.Type); err != nil {
				return err
			}
		}
		return ref(a.Map.ElementType)
	}
	names := []string{aggregatorRoot}
	for _, root := range roots {
		names = append(names, "io.k8s.api."+root)
	}
	for _, name := range names {
		if err := ref(schema.TypeRef{NamedType: &name}); err != nil {
			return nil, err
		}
	}
	var kept []schema.TypeDef
	for _, t := range full.Types {
		if wanted[t.Name] {
			kept = append(kept, t)
		}
	}
	return kept, nil
}

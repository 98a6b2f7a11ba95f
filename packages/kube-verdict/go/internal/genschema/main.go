// Command genschema writes the structured-merge-diff schema of the kinds that
// are judged as static Go data: go run ./internal/genschema OUTPUT.
//
// The schema stands as YAML in an internal package of client-go, whose public
// door links every apply configuration and parses the YAML at start: 25 MB and
// a second. Static data costs 1.9 MB and no time.
package main

import (
	"bytes"
	"fmt"
	"go/format"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v2"
	"sigs.k8s.io/structured-merge-diff/v6/schema"
)

// roots are the kinds, without the io.k8s.api prefix.
var roots = strings.Fields(`
core.v1.Pod core.v1.PodTemplate core.v1.ReplicationController core.v1.Service core.v1.Endpoints
core.v1.ConfigMap core.v1.Secret core.v1.ServiceAccount core.v1.PersistentVolumeClaim core.v1.PersistentVolume
core.v1.Namespace core.v1.LimitRange core.v1.ResourceQuota
apps.v1.Deployment apps.v1.ReplicaSet apps.v1.StatefulSet apps.v1.DaemonSet apps.v1.ControllerRevision
batch.v1.Job batch.v1.CronJob
autoscaling.v1.HorizontalPodAutoscaler autoscaling.v2.HorizontalPodAutoscaler
policy.v1.PodDisruptionBudget scheduling.v1.PriorityClass
networking.v1.NetworkPolicy networking.v1.Ingress networking.v1.IngressClass
rbac.v1.Role rbac.v1.RoleBinding rbac.v1.ClusterRole rbac.v1.ClusterRoleBinding
storage.v1.StorageClass storage.v1.VolumeAttributesClass storage.v1.CSIDriver`)

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
	kept, err := reachable(&full)
	if err != nil {
		return nil, err
	}
	return format.Source(render(kept))
}

// sourceYAML cuts the schema out of the source of client-go.
func sourceYAML() ([]byte, error) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "k8s.io/client-go").Output()
	if err != nil {
		return nil, fmt.Errorf("find client-go: %w", err)
	}
	file := filepath.Join(strings.TrimSpace(string(dir)), "applyconfigurations", "internal", "internal.go")
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
	for _, root := range roots {
		name := "io.k8s.api." + root
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

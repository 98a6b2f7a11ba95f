package judge

import (
	"context"
	"errors"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// appliedPairs is how many pairs of manifests a real API server is asked
// about, for each sort of apply.
const appliedPairs = 100

// TestAppliesAreJudgedAsARealAPIServerDoes applies manifests and mutations of
// them with kubectl to the cluster of VERDICT_KUBECONFIG, in a namespace of its
// own that it removes again.
func TestAppliesAreJudgedAsARealAPIServerDoes(t *testing.T) {
	kubeconfig := os.Getenv("VERDICT_KUBECONFIG")
	if kubeconfig == "" {
		t.Skip("VERDICT_KUBECONFIG names no cluster")
	}
	random := rand.New(rand.NewSource(seed(t)))
	c := realCluster{t: t, kubeconfig: kubeconfig, namespace: fmt.Sprintf("kube-verdict-%d", random.Int31())}
	if version, err := c.kubectl("version"); err != nil || !strings.Contains(version, "Server Version: v1.34.") {
		t.Fatalf("not a cluster of Kubernetes 1.34: %v\n%s", err, version)
	}
	if out, err := c.kubectl("create", "namespace", c.namespace); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Cleanup(func() {
		if out, err := c.kubectl("delete", "namespace", c.namespace, "--wait=false"); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	})
	corpus := map[string][]any{}
	var candidates []map[string]any
	for _, m := range manifests(t) {
		valuesByName(m, corpus)
		_, kind, err := identify(marshal(t, m))
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case kind.ClusterScoped, kind.Kind == "ResourceQuota", kind.Kind == "LimitRange":
			// What these do reaches beyond the object.
		case kind.Kind == "Pod", kind.Kind == "Job", kind.Kind == "PersistentVolumeClaim", kind.Kind == "ServiceAccount":
			// Whether a ServiceAccount exists, a Job has started or a claim is bound is the cluster's to say.
		default:
			candidates = append(candidates, m)
		}
	}
	for _, serverSide := range []bool{false, true} {
		accepted := 0
		for i := range appliedPairs {
			name := fmt.Sprintf("p%d-%v", i, serverSide)
			old := c.placed(candidates[random.Intn(len(candidates))], name)
			mutant := clone(t, old)
			mutate(random, mutant, corpus)
			if c.apply(old, serverSide) != nil {
				continue
			}
			neu := c.placed(mutant, name)
			a := Judge(&Request{Op: "apply", Old: marshal(t, old), New: marshal(t, neu), ServerSide: serverSide})
			err := c.apply(neu, serverSide)
			if a.Accepted == nil {
				continue // Kubernetes' own code panics, in kubectl or in the server
			}
			if *a.Accepted != (err == nil) {
				t.Errorf("server side %v: %s\nonto %s\nours: %v\nkubectl: %v", serverSide, marshal(t, neu), marshal(t, old), a, err)
			} else if *a.Accepted {
				accepted++
			}
		}
		t.Logf("server side %v: %d of %d accepted", serverSide, accepted, appliedPairs)
	}
}

// realCluster is a cluster that kubectl reaches.
type realCluster struct {
	t                     testing.TB
	kubeconfig, namespace string
}

func (c realCluster) kubectl(args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, "kubectl", append([]string{"--kubeconfig", c.kubeconfig}, args...)...).CombinedOutput()
	return string(out), err
}

func (c realCluster) apply(manifest map[string]any, serverSide bool) error {
	file := filepath.Join(c.t.TempDir(), "manifest.json")
	if err := os.WriteFile(file, marshal(c.t, manifest), 0o600); err != nil {
		c.t.Fatal(err)
	}
	args := []string{"apply", "-f", file}
	if serverSide {
		args = append(args, "--server-side", "--force-conflicts")
	}
	out, err := c.kubectl(args...)
	if err != nil {
		return errors.New(out)
	}
	return nil
}

// placed gives the manifest a name in the test's namespace, and leaves the
// addresses and ports of Services to the cluster.
func (c realCluster) placed(manifest map[string]any, name string) map[string]any {
	m := clone(c.t, manifest)
	metadata, ok := m["metadata"].(map[string]any)
	if !ok {
		metadata = map[string]any{}
		m["metadata"] = metadata
	}
	metadata["name"], metadata["namespace"] = name, c.namespace
	delete(metadata, "generateName")
	spec, ok := m["spec"].(map[string]any)
	if m["kind"] != "Service" || !ok {
		return m
	}
	if spec["clusterIP"] != "None" {
		delete(spec, "clusterIP")
	}
	delete(spec, "healthCheckNodePort")
	if ports, ok := spec["ports"].([]any); ok {
		for _, port := range ports {
			if port, ok := port.(map[string]any); ok {
				delete(port, "nodePort")
			}
		}
	}
	return m
}

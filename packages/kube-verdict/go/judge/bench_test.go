package judge

import "testing"

func benchmark(b *testing.B, op string, options ...func(*Request)) {
	r := &Request{Op: op, Old: fromYAML(b, deploymentV1), New: fromYAML(b, replace(deploymentV1, "user:v1", "user:v2"))}
	for _, option := range options {
		option(r)
	}
	for b.Loop() {
		if a := Judge(r); a.Accepted == nil || !*a.Accepted {
			b.Fatal(a)
		}
	}
}

func BenchmarkCreate(b *testing.B)     { benchmark(b, "create") }
func BenchmarkClientSide(b *testing.B) { benchmark(b, "apply") }
func BenchmarkServerSide(b *testing.B) { benchmark(b, "apply", onServer) }

package metrics

import "github.com/prometheus/client_golang/prometheus"

// Build exports what was built, from what, by which Go.
func (m *Metrics) Build(version, revision, goVersion string) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "user_build_info", Help: "1; the labels say what was built, from what, by which Go.",
		ConstLabels: prometheus.Labels{"version": version, "revision": revision, "goversion": goVersion},
	}, func() float64 { return 1 }))
}

package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// collector collects what it reads at each scrape.
type collector struct {
	description *prometheus.Desc
	read        func(description *prometheus.Desc, metrics chan<- prometheus.Metric)
}

func (c collector) Describe(descriptions chan<- *prometheus.Desc) { descriptions <- c.description }
func (c collector) Collect(metrics chan<- prometheus.Metric)      { c.read(c.description, metrics) }

// WatchLogin exports which credentials a store is given.
func (m *Metrics) WatchLogin(store string, login func() (account string, since time.Time, refused bool)) {
	labels := prometheus.Labels{"store": store}
	m.registry.MustRegister(
		collector{prometheus.NewDesc("user_store_login_timestamp_seconds",
			"Account by which new connections are made, and when its credentials were read.", []string{"account"}, labels),
			func(description *prometheus.Desc, metrics chan<- prometheus.Metric) {
				account, since, _ := login()
				metrics <- prometheus.MustNewConstMetric(description, prometheus.GaugeValue, float64(since.UnixMilli())/1000, account)
			}},
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "user_store_login_refused", Help: "1 when the files have newer credentials that the store does not take, so that the ones before stay; else 0.", ConstLabels: labels,
		}, func() float64 {
			_, _, refused := login()
			return number(refused)
		}))
}

// WatchConnectionsByAccount exports as whom connections to MySQL are open: an
// account may be dropped once no process has any.
func (m *Metrics) WatchConnectionsByAccount(read func() map[string]int) {
	m.registry.MustRegister(collector{prometheus.NewDesc("user_mysql_account_connections",
		"Connections to MySQL that are open as an account.", []string{"account"}, nil),
		func(description *prometheus.Desc, metrics chan<- prometheus.Metric) {
			for account, open := range read() {
				metrics <- prometheus.MustNewConstMetric(description, prometheus.GaugeValue, float64(open), account)
			}
		}})
}

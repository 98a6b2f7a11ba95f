// Package metrics counts what the service does, for Prometheus.
package metrics

import (
	"database/sql"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	goredis "github.com/redis/go-redis/v9"
)

// Metrics is the service's registry and the counters that requests touch.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	latency  *prometheus.HistogramVec
	inFlight prometheus.Gauge
	closed   *prometheus.CounterVec
	redis    *prometheus.CounterVec
}

// New makes the registry with the Go and process collectors.
func New() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "user_http_requests_total", Help: "Requests answered, by route, method and status code.",
		}, []string{"route", "method", "code"}),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "user_http_request_duration_seconds", Help: "Time to answer a request, by route.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"route"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "user_http_requests_in_flight", Help: "Requests being answered.",
		}),
		closed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "user_http_connections_closed_total",
			Help: "Connections closed to keep within MAX_CONNECTIONS. evicted: the one whose client had sent nothing for the longest; refused: a new one, as all others were being answered.",
		}, []string{"reason"}),
		redis: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "user_redis_uses_total",
			Help: "Uses of Redis by requests: lock, login_throttle, register_throttle; and how each ended. bypassed: Redis was away and the request went on without.",
		}, []string{"use", "outcome"}),
	}
	for _, use := range []string{"lock", "login_throttle", "register_throttle"} {
		m.redis.WithLabelValues(use, "bypassed")
	}
	for _, reason := range []string{"evicted", "refused"} {
		m.closed.WithLabelValues(reason)
	}
	m.registry.MustRegister(m.requests, m.latency, m.inFlight, m.closed, m.redis,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Handler serves GET /metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Started counts a request in; the returned function counts it out.
func (m *Metrics) Started() (answered func(route, method string, code int, took time.Duration)) {
	m.inFlight.Inc()
	return func(route, method string, code int, took time.Duration) {
		m.inFlight.Dec()
		m.requests.WithLabelValues(route, method, strconv.Itoa(code)).Inc()
		m.latency.WithLabelValues(route).Observe(took.Seconds())
	}
}

// ConnectionClosed counts a connection closed to keep within the bound.
func (m *Metrics) ConnectionClosed(reason string) { m.closed.WithLabelValues(reason).Inc() }

// WatchConnections exports how many connections clients have.
func (m *Metrics) WatchConnections(open func() int) {
	m.registry.MustRegister(gauge("user_http_connections", "Connections of clients.", func() float64 { return float64(open()) }))
}

// RedisUsed counts one use of Redis.
func (m *Metrics) RedisUsed(use, outcome string) { m.redis.WithLabelValues(use, outcome).Inc() }

// WatchMySQL exports the connection pool and whether MySQL serves.
func (m *Metrics) WatchMySQL(pool *sql.DB, status func() error) {
	m.registry.MustRegister(collectors.NewDBStatsCollector(pool, "user"), up("mysql", status))
}

// WatchRedis exports the connection pool and whether Redis answers.
func (m *Metrics) WatchRedis(stats func() *goredis.PoolStats, status func() error) {
	m.registry.MustRegister(up("redis", status),
		gauge("user_redis_connections_open", "Connections to Redis.", func() float64 { return float64(stats().TotalConns) }),
		gauge("user_redis_connections_idle", "Idle connections to Redis.", func() float64 { return float64(stats().IdleConns) }))
}

// WatchHashing exports how many of the slots for hashing are held.
func (m *Metrics) WatchHashing(busy func() int) {
	m.registry.MustRegister(gauge("user_password_hashes_running", "Password hashes being made.", func() float64 { return float64(busy()) }))
}

func gauge(name, help string, read func() float64) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, read)
}

func up(store string, status func() error) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "user_store_up", Help: "1 when the store serves, else 0.",
		ConstLabels: prometheus.Labels{"store": store},
	}, func() float64 {
		if status() != nil {
			return 0
		}
		return 1
	})
}

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

	"user/internal/account"
)

// Metrics is the service's registry and the counters that requests touch.
type Metrics struct {
	registry  *prometheus.Registry
	requests  *prometheus.CounterVec
	latency   *prometheus.HistogramVec
	inFlight  prometheus.Gauge
	closed    *prometheus.CounterVec
	redis     *prometheus.CounterVec
	retries   *prometheus.CounterVec
	throttled *prometheus.CounterVec
	attempts  *prometheus.CounterVec

	hashWait, hashTime prometheus.Histogram
	hashRefused        prometheus.Counter

	pepperMissing prometheus.Counter
	migrations    *prometheus.HistogramVec

	stored      *prometheus.GaugeVec
	plainHashed prometheus.Counter
}

var seconds = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

// New makes the registry with the Go and process collectors.
func New() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "user_http_requests_total", Help: "Requests answered, by route, method and status code.",
		}, []string{"route", "method", "code"}),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "user_http_request_duration_seconds", Help: "Time to answer a request, by route.",
			Buckets: seconds,
		}, []string{"route"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "user_http_requests_in_flight", Help: "Requests being answered.",
		}),
		closed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "user_http_connections_closed_total",
			Help: "Connections closed to keep within MAX_CONNECTIONS. evicted: the one whose client had sent nothing for the longest; refused: a new one, as all others were being answered.",
		}, []string{"reason"}),
		hashWait: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "user_password_hash_wait_seconds", Help: "Time that a password waited for its turn to be hashed.", Buckets: seconds,
		}),
		hashTime: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "user_password_hash_duration_seconds", Help: "Time to hash or compare a password.", Buckets: seconds,
		}),
		hashRefused: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "user_password_hashes_refused_total", Help: "Requests answered 503 at once, as they would have waited longer than HASH_QUEUE_MAX_WAIT.",
		}),
		migrations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "user_migration_duration_seconds", Help: "Tries to migrate the schema, by how they ended.", Buckets: []float64{.1, .5, 1, 5, 15, 60, 300, 1800},
		}, []string{"outcome"}),
		pepperMissing: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "user_password_peppers_missing_total", Help: "Passwords compared in vain, as PASSWORD_PEPPER_FILE does not have the key of the stored hash.",
		}),
		stored: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "user_passwords_stored",
			Help: "Passwords stored in a form to get rid of. plain: as text, hashed in the background; unknown: a hash that is not argon2id, which nobody can log in with.",
		}, []string{"form"}),
		plainHashed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "user_plain_passwords_hashed_total", Help: "Plain passwords hashed in the background.",
		}),
		redis: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "user_redis_uses_total",
			Help: "Uses of Redis by requests: lock, login_throttle, register_throttle; and how each ended. bypassed: Redis was away or too busy; the lock was left out, and the process's own throttle stood alone.",
		}, []string{"use", "outcome"}),
		retries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "user_mysql_retries_total",
			Help: "Statements sent again. conflict: another transaction, perhaps of another node, won; lock_wait: one took too long; not_primary: the node had left its cluster; connection: it was lost.",
		}, []string{"reason"}),
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "user_attempts_total", Help: "Attempts to register and to log in, by how they ended.",
		}, []string{"action", "outcome"}),
		throttled: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "user_throttled_total",
			Help: "Attempts refused for a limit: of a pair of address and email, of an address, of an account at all addresses, or on registrations of an address.",
		}, []string{"limit"}),
	}
	for _, use := range []string{"lock", "login_throttle", "register_throttle"} {
		m.redis.WithLabelValues(use, "bypassed")
	}
	for _, action := range account.Actions {
		for _, outcome := range account.Outcomes {
			m.attempts.WithLabelValues(action, outcome)
		}
	}
	for _, outcome := range []string{"succeeded", "failed"} {
		m.migrations.WithLabelValues(outcome)
	}
	for _, reason := range []string{"conflict", "lock_wait", "not_primary", "connection"} {
		m.retries.WithLabelValues(reason)
	}
	for _, limit := range []string{"pair", "address", "account", "register"} {
		m.throttled.WithLabelValues(limit)
	}
	for _, reason := range []string{"evicted", "refused"} {
		m.closed.WithLabelValues(reason)
	}
	m.registry.MustRegister(m.requests, m.latency, m.inFlight, m.closed, m.redis, m.attempts, m.retries, m.throttled, m.hashWait, m.hashTime, m.hashRefused, m.pepperMissing, m.migrations, m.stored, m.plainHashed,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Handler serves GET /metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{EnableOpenMetrics: true})
}

// Started counts a request in; the returned function counts it out. trace is
// the id of its trace, which becomes an exemplar, or "".
func (m *Metrics) Started() (answered func(route, method string, code int, took time.Duration, trace string)) {
	m.inFlight.Inc()
	return func(route, method string, code int, took time.Duration, trace string) {
		m.inFlight.Dec()
		m.requests.WithLabelValues(route, method, strconv.Itoa(code)).Inc()
		latency := m.latency.WithLabelValues(route)
		if exemplars, able := latency.(prometheus.ExemplarObserver); able && trace != "" {
			exemplars.ObserveWithExemplar(took.Seconds(), prometheus.Labels{"trace_id": trace})
		} else {
			latency.Observe(took.Seconds())
		}
	}
}

// ConnectionClosed counts a connection closed to keep within the bound.
func (m *Metrics) ConnectionClosed(reason string) { m.closed.WithLabelValues(reason).Inc() }

// WatchConnections exports how many connections clients have.
func (m *Metrics) WatchConnections(open func() int) {
	m.registry.MustRegister(gauge("user_http_connections", "Connections of clients.", func() float64 { return float64(open()) }))
}

// PasswordsCounted notes how many passwords are stored in forms to get rid of.
func (m *Metrics) PasswordsCounted(plain, unknown int) {
	m.stored.WithLabelValues("plain").Set(float64(plain))
	m.stored.WithLabelValues("unknown").Set(float64(unknown))
}

// PlainHashed counts a plain password that was hashed in the background.
func (m *Metrics) PlainHashed() { m.plainHashed.Inc() }

// Migrated observes a try to migrate the schema.
func (m *Metrics) Migrated(took time.Duration, err error) {
	outcome := "succeeded"
	if err != nil {
		outcome = "failed"
	}
	m.migrations.WithLabelValues(outcome).Observe(took.Seconds())
}

// WatchSchema exports the version that the schema has and the one that is needed.
func (m *Metrics) WatchSchema(versions func() (seen, needed int)) {
	m.registry.MustRegister(
		gauge("user_schema_version", "Version of the schema, as it was last seen.", func() float64 {
			seen, _ := versions()
			return float64(seen)
		}),
		gauge("user_schema_version_needed", "Version of the schema that this program needs.", func() float64 {
			_, needed := versions()
			return float64(needed)
		}))
}

// PepperMissing counts a password whose stored hash has a key that is not known.
func (m *Metrics) PepperMissing() { m.pepperMissing.Inc() }

// Throttled counts an attempt that was refused for a limit.
func (m *Metrics) Throttled(limit string) { m.throttled.WithLabelValues(limit).Inc() }

// Attempted counts an attempt to register or to log in.
func (m *Metrics) Attempted(action, outcome string) {
	m.attempts.WithLabelValues(action, outcome).Inc()
}

// MySQLRetried counts a statement that is sent again.
func (m *Metrics) MySQLRetried(reason string) { m.retries.WithLabelValues(reason).Inc() }

// RedisUsed counts one use of Redis.
func (m *Metrics) RedisUsed(use, outcome string) { m.redis.WithLabelValues(use, outcome).Inc() }

// WatchMySQL exports the connection pool and whether MySQL serves.
func (m *Metrics) WatchMySQL(pool *sql.DB, status func() error, readOnly func() bool) {
	m.registry.MustRegister(collectors.NewDBStatsCollector(pool, "user"), up("mysql", status),
		gauge("user_mysql_read_only", "1 when MySQL takes no writes, else 0.", func() float64 { return number(readOnly()) }))
}

// WatchRedis exports the connection pool and whether Redis answers.
func (m *Metrics) WatchRedis(stats func() *goredis.PoolStats, status func() error) {
	m.registry.MustRegister(up("redis", status),
		gauge("user_redis_connections_open", "Connections to Redis.", func() float64 { return float64(stats().TotalConns) }),
		gauge("user_redis_connections_idle", "Idle connections to Redis.", func() float64 { return float64(stats().IdleConns) }))
}

// WatchHashing exports the queue for hashing.
func (m *Metrics) WatchHashing(running, waiting func() int) {
	m.registry.MustRegister(
		gauge("user_password_hashes_running", "Password hashes being made.", func() float64 { return float64(running()) }),
		gauge("user_password_hashes_waiting", "Requests that wait for their turn to hash.", func() float64 { return float64(waiting()) }))
}

// Hashed observes a password hash: how long it waited for its turn and then took.
func (m *Metrics) Hashed(waited, took time.Duration) {
	m.hashWait.Observe(waited.Seconds())
	m.hashTime.Observe(took.Seconds())
}

// HashRefused counts a request that would have waited too long for its turn.
func (m *Metrics) HashRefused() { m.hashRefused.Inc() }

func gauge(name, help string, read func() float64) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, read)
}

func up(store string, status func() error) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "user_store_up", Help: "1 when the store serves, else 0.",
		ConstLabels: prometheus.Labels{"store": store},
	}, func() float64 { return number(status() == nil) })
}

func number(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

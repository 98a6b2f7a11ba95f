package config

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"user/internal/account"
	"user/internal/credentials"
	"user/internal/password"
)

// variable is one environment variable: the table of them is the only place
// that knows names, defaults, rules and help.
type variable struct {
	name     string
	fallback string
	help     string
	secret   bool // also read from the file that NAME_FILE names
	// file is where the path of NAME_FILE goes, for a variable that is read again
	// while the service runs.
	file func(config *Config) *string
	set  func(config *Config, value string) error
}

var variables = slices.Concat([]variable{
	{name: "HTTP_ADDR", fallback: ":10086", help: "address and port to listen on", set: address(func(c *Config) *string { return &c.HTTPAddr })},
	{name: "ADMIN_ADDR", fallback: "", help: "address and port for /healthz, /readyz and /metrics alone; empty: HTTP_ADDR has them", set: func(c *Config, v string) error {
		if v == "" {
			return nil
		}
		return address(func(c *Config) *string { return &c.AdminAddr })(c, v)
	}},
	{name: "PPROF", fallback: "off", help: "on: ADMIN_ADDR also has Go's profiles at /debug/pprof/", set: word(func(c *Config, v string) { c.Profiles = v == "on" }, "off", "on")},
	{name: "MAX_CONNECTIONS", fallback: "0", help: "most connections of clients at once; 0: what file descriptors allow, at most 10000", set: count(func(c *Config) *int { return &c.MaxConnections }, 0, 1_000_000)},
	{name: "MYSQL_HOST", fallback: "127.0.0.1", help: "host of MySQL or MariaDB", set: host(func(c *Config) *string { return &c.MySQL.Host })},
	{name: "MYSQL_PORT", fallback: "3306", help: "its port", set: port(func(c *Config) *int { return &c.MySQL.Port })},
	{name: "MYSQL_ADDRS", fallback: "", help: "comma-separated host:port of the nodes of a cluster, instead of MYSQL_HOST and MYSQL_PORT; the first that serves is used until it does not", set: addresses(func(c *Config) *[]string { return &c.MySQL.Addresses })},
	{name: "MYSQL_USER", fallback: "root", help: "its account", set: text(func(c *Config) *string { return &c.MySQL.Login.User }), file: func(c *Config) *string { return &c.MySQL.Login.UserFile }},
	{name: "MYSQL_PASSWORD", fallback: "123456", help: "the account's password", secret: true, set: text(func(c *Config) *string { return &c.MySQL.Login.Password }), file: func(c *Config) *string { return &c.MySQL.Login.PasswordFile }},
	{name: "MYSQL_DATABASE", fallback: "user", help: "database of the table user; made if it is missing", set: func(c *Config, v string) error {
		if !databaseName.MatchString(v) {
			return fmt.Errorf("must be 1 to 64 letters, digits, _ or -")
		}
		c.MySQL.Database = v
		return nil
	}},
	{name: "MYSQL_MAX_CONNECTIONS", fallback: "20", help: "most connections to MySQL at once", set: count(func(c *Config) *int { return &c.MySQL.MaxConnections }, 1, 10000)},
	{name: "MYSQL_CONN_MAX_LIFETIME", fallback: "5m", help: "when a connection to MySQL is left for a new one", set: duration(func(c *Config) *time.Duration { return &c.MySQL.ConnMaxLifetime }, time.Second, 24*time.Hour)},
	{name: "MIGRATIONS", fallback: "run", help: "run: the service migrates the schema when it starts; check: it waits until user migrate has, and needs no rights on the schema", set: word(func(c *Config, v string) { c.MySQL.CheckSchema = v == "check" }, "run", "check")},
	{name: "MIGRATION_TIMEOUT", fallback: "10m", help: "longest time for one try to migrate the schema", set: duration(func(c *Config) *time.Duration { return &c.MySQL.MigrationTimeout }, time.Second, 24*time.Hour)},
	{name: "REDIS_HOST", fallback: "127.0.0.1", help: "host of Redis", set: host(func(c *Config) *string { return &c.Redis.Host })},
	{name: "REDIS_PORT", fallback: "6379", help: "its port", set: port(func(c *Config) *int { return &c.Redis.Port })},
	{name: "REDIS_SENTINELS", fallback: "", help: "comma-separated host:port of Redis' Sentinels, which know the master, instead of REDIS_HOST and REDIS_PORT", set: addresses(func(c *Config) *[]string { return &c.Redis.Sentinels })},
	{name: "REDIS_SENTINEL_MASTER", fallback: "mymaster", help: "name by which the Sentinels know the master", set: text(func(c *Config) *string { return &c.Redis.Master })},
	{name: "REDIS_SENTINEL_PASSWORD", fallback: "", help: "password of the Sentinels; empty: none", secret: true, set: text(func(c *Config) *string { return &c.Redis.SentinelPassword })},
	{name: "REDIS_USER", fallback: "", help: "its account, of an ACL; empty: the default one", set: text(func(c *Config) *string { return &c.Redis.Login.User }), file: func(c *Config) *string { return &c.Redis.Login.UserFile }},
	{name: "REDIS_PASSWORD", fallback: "", help: "its password; empty: none", secret: true, set: text(func(c *Config) *string { return &c.Redis.Login.Password }), file: func(c *Config) *string { return &c.Redis.Login.PasswordFile }},
	{name: "REGISTER_LOCK_TTL", fallback: "8s", help: "how long a registration holds its email's lock in Redis at most", set: duration(func(c *Config) *time.Duration { return &c.LockTTL }, 10*time.Millisecond, time.Hour)},
	{name: "REQUEST_TIMEOUT", fallback: "10s", help: "longest time for one request", set: duration(func(c *Config) *time.Duration { return &c.RequestTimeout }, 10*time.Millisecond, 10*time.Minute)},
	{name: "DRAIN_DELAY", fallback: "0s", help: "wait between failing /readyz and closing the port after SIGTERM", set: duration(func(c *Config) *time.Duration { return &c.DrainDelay }, 0, 10*time.Minute)},
	{name: "LOG_LEVEL", fallback: "info", help: "debug, info, warn or error", set: func(c *Config, v string) error {
		switch strings.ToLower(v) {
		case "debug", "info", "warn", "error":
			return c.LogLevel.UnmarshalText([]byte(v))
		}
		return fmt.Errorf("must be debug, info, warn or error")
	}},
	{name: "ARGON2_MEMORY_KIB", fallback: "19456", help: "memory of one password hash; the default is OWASP's minimum", set: func(c *Config, v string) error {
		return number(v, password.MinMemoryKiB, password.MaxMemoryKiB, &c.Argon2.MemoryKiB)
	}},
	{name: "ARGON2_TIME", fallback: "2", help: "passes of one password hash", set: func(c *Config, v string) error {
		return number(v, password.MinTime, password.MaxTime, &c.Argon2.Time)
	}},
	{name: "PASSWORD_PEPPER_FILE", fallback: "", help: "file of lines of an id and a secret key in base64, mixed into password hashes: the first into new ones; the others are of hashes from before, each replaced when its owner logs in; empty: none", set: func(c *Config, v string) error {
		if v == "" {
			return nil
		}
		text, err := os.ReadFile(v)
		if err != nil {
			return fmt.Errorf("must name a readable file (%w)", err)
		}
		c.Peppers, err = password.ParsePeppers(string(text))
		return err
	}},
	{name: "PLAIN_PASSWORDS", fallback: "accept", help: "accept: passwords stored as plain text by the lesson's service are hashed in the background, and good until then; refuse: nobody logs in with one", set: word(func(c *Config, v string) { c.RefusePlain = v == "refuse" }, "accept", "refuse")},
	{name: "PASSWORD_MIN_LENGTH", fallback: "3", help: "fewest characters of a new password; NIST SP 800-63B-4 asks for 15 where it is the only factor", set: count(func(c *Config) *int { return &c.PasswordRules.MinLength }, 1, account.MaxPassword)},
	{name: "COMMON_PASSWORDS", fallback: "allow", help: "allow; or refuse: nobody registers with one of some 30,000 that guessers try first, a repetition, or their own name or email", set: word(func(c *Config, v string) { c.PasswordRules.RefuseCommon = v == "refuse" }, "allow", "refuse")},
	{name: "HASH_QUEUE_MAX_WAIT", fallback: "1s", help: "a request that would wait longer for its turn to hash is answered 503 at once", set: duration(func(c *Config) *time.Duration { return &c.HashQueueWait }, 10*time.Millisecond, time.Minute)},
	{name: "LOGIN_LIMIT_PER_MINUTE", fallback: "0", help: "failed logins for a pair of address and email, ten times as many for an address; 0: off", set: count(func(c *Config) *int { return &c.Limits.LoginPerMinute }, 0, 1_000_000)},
	{name: "ACCOUNT_LIMIT_PER_HOUR", fallback: "0", help: "failed logins for an email from all addresses together, above which its owner has to wait too; 0: off", set: count(func(c *Config) *int { return &c.Limits.AccountPerHour }, 0, 1_000_000)},
	{name: "REGISTER_LIMIT_PER_MINUTE", fallback: "0", help: "registrations for an address; 0: off", set: count(func(c *Config) *int { return &c.Limits.RegisterPerMinute }, 0, 1_000_000)},
	{name: "TRUSTED_PROXIES", fallback: "", help: "comma-separated addresses or CIDRs whose X-Forwarded-For is believed; empty: none", set: func(c *Config, v string) error {
		proxies, err := parsePrefixes(v)
		c.TrustedProxies = proxies
		return err
	}},
}, tlsVariables("MYSQL", "MySQL", func(c *Config) *credentials.Source { return &c.MySQL.Login }),
	tlsVariables("REDIS", "Redis", func(c *Config) *credentials.Source { return &c.Redis.Login }), tracingVariables())

var databaseName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

func text(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, v string) error {
		*field(c) = v
		return nil
	}
}

func addresses(field func(*Config) *[]string) func(*Config, string) error {
	return func(c *Config, v string) error {
		var parsed []string
		for item := range strings.SplitSeq(v, ",") {
			item = strings.TrimSpace(item)
			if item == "" {
				continue
			}
			host, port, err := net.SplitHostPort(item)
			if err == nil {
				_, err = parsePort(port, 1)
			}
			if err != nil || host == "" || strings.ContainsAny(host, " /@") {
				return fmt.Errorf("must be comma-separated host:port; %q is not", item)
			}
			parsed = append(parsed, item)
		}
		*field(c) = parsed
		return nil
	}
}

func address(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, v string) error {
		_, port, err := net.SplitHostPort(v)
		if err != nil {
			return fmt.Errorf("must be host:port or :port")
		}
		if _, err := parsePort(port, 0); err != nil {
			return err
		}
		*field(c) = v
		return nil
	}
}

// word takes one of some words.
func word(set func(*Config, string), words ...string) func(*Config, string) error {
	return func(c *Config, v string) error {
		if !slices.Contains(words, v) {
			return fmt.Errorf("must be %s", strings.Join(words, " or "))
		}
		set(c, v)
		return nil
	}
}

func host(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, v string) error {
		if strings.ContainsAny(v, " /@") {
			return fmt.Errorf("must be a host name or an address, without port")
		}
		*field(c) = v
		return nil
	}
}

// port also takes the form tcp://address:port: Kubernetes sets MYSQL_PORT and
// REDIS_PORT so in every Pod of a namespace that has a Service named mysql or redis.
func port(field func(*Config) *int) func(*Config, string) error {
	return func(c *Config, v string) error {
		if link, isLink := strings.CutPrefix(v, "tcp://"); isLink {
			if _, linked, err := net.SplitHostPort(link); err == nil {
				v = linked
			}
		}
		parsed, err := parsePort(v, 1)
		*field(c) = parsed
		return err
	}
}

func parsePort(value string, least int) (int, error) {
	parsed, err := strconv.Atoi(value)
	if err != nil || parsed < least || parsed > 65535 {
		return 0, fmt.Errorf("must have a port from %d to 65535", least)
	}
	return parsed, nil
}

func count(field func(*Config) *int, least, most int) func(*Config, string) error {
	return func(c *Config, v string) error { return number(v, least, most, field(c)) }
}

func number[N int | uint32](value string, least, most N, field *N) error {
	parsed, err := strconv.ParseInt(value, 10, 64)
	if err != nil || parsed < int64(least) || parsed > int64(most) {
		return fmt.Errorf("must be a whole number from %d to %d", least, most)
	}
	*field = N(parsed)
	return nil
}

func duration(field func(*Config) *time.Duration, least, most time.Duration) func(*Config, string) error {
	return func(c *Config, v string) error {
		parsed, err := time.ParseDuration(v)
		if err != nil || parsed < least || parsed > most {
			return fmt.Errorf("must be a duration such as 500ms or 5s, from %s to %s", least, most)
		}
		*field(c) = parsed
		return nil
	}
}

func parsePrefixes(value string) ([]netip.Prefix, error) {
	var prefixes []netip.Prefix
	for item := range strings.SplitSeq(value, ",") {
		item = strings.TrimSpace(item)
		if item == "" {
			continue
		}
		if address, err := netip.ParseAddr(item); err == nil {
			prefixes = append(prefixes, netip.PrefixFrom(address, address.BitLen()))
			continue
		}
		prefix, err := netip.ParsePrefix(item)
		if err != nil {
			return nil, fmt.Errorf("must be comma-separated addresses or CIDRs such as 10.0.0.0/8; %q is neither", item)
		}
		prefixes = append(prefixes, prefix.Masked())
	}
	return prefixes, nil
}

// Package config reads the service's configuration from the environment.
package config

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"user/internal/account"
	"user/internal/credentials"
	"user/internal/password"
	"user/internal/throttle"
)

// Config is the whole configuration; its zero value is not useful, see Load.
type Config struct {
	HTTPAddr       string
	AdminAddr      string // "": HTTPAddr has the probes and the metrics
	Profiles       bool
	MaxConnections int // 0: what file descriptors allow
	MySQL          MySQL
	Redis          Redis
	LockTTL        time.Duration
	RequestTimeout time.Duration
	DrainDelay     time.Duration
	LogLevel       slog.Level
	Argon2         password.Parameters
	HashQueueWait  time.Duration
	Peppers        password.Peppers
	RefusePlain    bool // stored plain passwords match nothing
	PasswordRules  account.PasswordRules
	Limits         throttle.Limits
	TrustedProxies []netip.Prefix
	Tracing        Tracing
}

// MySQL says where the database is.
type MySQL struct {
	Host           string
	Port           int
	Addresses      []string // of the nodes of a cluster, instead of Host and Port
	Login          credentials.Source
	Database       string
	MaxConnections int
	// ConnMaxLifetime is when a connection is left for a new one.
	ConnMaxLifetime  time.Duration
	MigrationTimeout time.Duration
	CheckSchema      bool // and leave it as it is
}

// Addrs are host:port of the servers, any of which may be used.
func (m MySQL) Addrs() []string {
	if len(m.Addresses) > 0 {
		return m.Addresses
	}
	return []string{net.JoinHostPort(m.Host, strconv.Itoa(m.Port))}
}

// Redis says where Redis is.
type Redis struct {
	Host string
	Port int
	// Sentinels know the address of Master; none: it is Host and Port.
	Sentinels        []string
	Master           string
	SentinelPassword string
	Login            credentials.Source
}

// Addr is host:port.
func (r Redis) Addr() string { return net.JoinHostPort(r.Host, strconv.Itoa(r.Port)) }

// Load reads the variables through lookup (os.LookupEnv, or a map in tests).
// The error joins one line for each wrong variable: its name, the rule and the
// value received, which is left out for secrets.
func Load(lookup func(name string) (value string, set bool)) (Config, error) {
	var config Config
	var wrong []error
	for _, v := range variables {
		value, err := v.value(lookup)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		if err := v.set(&config, value); err != nil {
			wrong = append(wrong, fmt.Errorf("%s %w; received %q", v.name, err, value))
		}
		if path, _ := lookup(v.name + "_FILE"); v.file != nil {
			*v.file(&config) = path
		}
	}
	wrong = append(wrong, readable("MYSQL", &config.MySQL.Login), readable("REDIS", &config.Redis.Login))
	if config.Profiles && config.AdminAddr == "" {
		wrong = append(wrong, errors.New(`PPROF must be off without ADMIN_ADDR, as profiles are not for everybody; received "on"`))
	}
	return config, errors.Join(wrong...)
}

// value is what the environment says, or the default. An empty value counts as
// not set, except for a secret: an account may have an empty password.
func (v variable) value(lookup func(string) (string, bool)) (string, error) {
	value, set := lookup(v.name)
	if !v.secret && value == "" {
		set = false
	}
	if !v.fromFile() {
		if set {
			return value, nil
		}
		return v.fallback, nil
	}
	path, fromFile := lookup(v.name + "_FILE")
	switch {
	case fromFile && path != "" && set:
		return "", fmt.Errorf("%s and %s_FILE are both set; set one of them", v.name, v.name)
	case fromFile && path != "":
		content, err := os.ReadFile(path)
		if err != nil {
			return "", fmt.Errorf("%s_FILE must name a readable file: %w", v.name, err)
		}
		return strings.TrimRight(string(content), "\r\n"), nil
	case set:
		return value, nil
	}
	return v.fallback, nil
}

// fromFile is whether NAME_FILE may name a file that holds the value.
func (v variable) fromFile() bool { return v.secret || v.file != nil }

// PrintHelp lists the variables with their defaults.
func PrintHelp(out io.Writer) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, v := range variables {
		fmt.Fprintf(table, "  %s\t%q\t%s\n", v.name, v.fallback, v.help)
		if v.fromFile() {
			fmt.Fprintf(table, "  %s_FILE\t\"\"\tfile that holds %s\n", v.name, v.name)
		}
	}
	_ = table.Flush()
}

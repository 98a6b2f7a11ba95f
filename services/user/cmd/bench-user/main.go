// Command bench-user measures the service as its users meet it and prints the
// figures as one JSON object on standard output. In services/user:
//
//	go run ./cmd/bench-user
//
// It builds the service, makes MySQL or MariaDB and Redis available (see
// package testservers) and takes about a minute. Everything runs on one
// machine: the service, its stores and the clients share its processors. It
// ends with 1 when a figure misses its promise, after printing all of them.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"user/internal/testservers"
)

// Report is what is printed. Rates are per second, durations in milliseconds.
// A figure that compares two is the median of the ratios of samples taken in
// turns, so that what else the machine does falls on both.
type Report struct {
	Servers     []string `json:"servers"`
	GoVersion   string   `json:"go_version"`
	Processors  int      `json:"gomaxprocs"`
	StartReady  Figure   `json:"start_to_ready_ms"`
	RestMemory  Figure   `json:"memory_at_rest_mb"`
	LoginP99    Figure   `json:"login_p99_ms_at_200_per_second"`
	LoginOfHash Figure   `json:"login_throughput_of_pure_hashing"`
	LoginOfBare Figure   `json:"login_throughput_of_bare_handler"`
	Goodput     Figure   `json:"goodput_of_peak_at_10_times_overload"`
	AcceptedP99 Figure   `json:"accepted_p99_ms_at_10_times_overload"`
	Details     Details  `json:"details"`
}

// Figure is one measured value and the promise that it is held to.
type Figure struct {
	Value  float64 `json:"value"`
	AtMost float64 `json:"at_most,omitempty"`
	Least  float64 `json:"at_least,omitempty"`
	Kept   bool    `json:"kept"`
}

// Details are the values that ratios were made of.
type Details struct {
	LoadAverage         string    `json:"load_average_at_start"`
	HashesPerSecond     []float64 `json:"hashes_per_second"`
	FullLoginsPerSecond []float64 `json:"logins_per_second_with_default_hashing"`
	LoginsPerSecond     []float64 `json:"logins_per_second_with_minimal_hashing"`
	BarePerSecond       []float64 `json:"bare_handler_per_second"`
	LoginP50            float64   `json:"login_p50_ms_at_200_per_second"`
	LoginMax            float64   `json:"login_max_ms_at_200_per_second"`
	StartsToReady       []float64 `json:"starts_to_ready_ms"`
	PeakPerSecond       []float64 `json:"peak_logins_per_second"`
	GoodputPerSecond    []float64 `json:"logins_per_second_at_10_times_overload"`
}

func atMost(value, limit float64) Figure {
	return Figure{Value: value, AtMost: limit, Kept: value <= limit}
}

func atLeast(value, limit float64) Figure {
	return Figure{Value: value, Least: limit, Kept: value >= limit}
}

func main() {
	if settings, isBare := os.LookupEnv(bareSettings); isBare {
		fmt.Fprintln(os.Stderr, "bench-user:", serveBare(settings))
		os.Exit(1)
	}
	report, err := run()
	if stop := testservers.StopAll(); stop != nil {
		err = errors.Join(err, stop)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench-user:", err)
		os.Exit(1)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(report); err != nil {
		fmt.Fprintln(os.Stderr, "bench-user:", err)
		os.Exit(1)
	}
	for name, figure := range map[string]Figure{
		"start_to_ready_ms": report.StartReady, "memory_at_rest_mb": report.RestMemory, "login_p99_ms_at_200_per_second": report.LoginP99,
		"login_throughput_of_pure_hashing": report.LoginOfHash, "login_throughput_of_bare_handler": report.LoginOfBare,
		"goodput_of_peak_at_10_times_overload": report.Goodput, "accepted_p99_ms_at_10_times_overload": report.AcceptedP99,
	} {
		if !figure.Kept {
			fmt.Fprintf(os.Stderr, "bench-user: %s is %.2f and misses its promise\n", name, figure.Value)
			defer os.Exit(1)
		}
	}
}

const (
	starts     = 5
	paced      = 200              // logins per second for the latency
	pacedFor   = 15 * time.Second // 3,000 logins: 30 of them are above the p99
	sampleFor  = time.Second
	samples    = 10 // of each of two that are compared, in turns
	clients    = 8
	restLimit  = 30.0
	readyLimit = 500.0
	p99Limit   = 10.0
	hashLimit  = 0.8
	bareLimit  = 0.5
)

func run() (Report, error) {
	report := Report{GoVersion: runtime.Version(), Processors: runtime.GOMAXPROCS(0)}
	// What else the machine did: figures of a busy machine say little.
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		report.Details.LoadAverage = strings.TrimSpace(string(load))
	}
	folder, err := os.MkdirTemp("", "bench-user-")
	if err != nil {
		return report, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	mysql, err := findServer(testservers.FindMySQL, &report)
	if err != nil {
		return report, err
	}
	redis, err := findServer(testservers.FindRedis, &report)
	if err != nil {
		return report, err
	}
	place := site{program: filepath.Join(folder, "user"), mysql: mysql, redis: redis}
	if err := build(place.program, "./cmd/user"); err != nil {
		return report, err
	}
	for _, measure := range []func(site, *Report) error{measureStart, measureDefaultHashing, measureOverload, measureMinimalHashing} {
		if err := measure(place, &report); err != nil {
			return report, err
		}
	}
	return report, nil
}

func findServer(find func() (*testservers.Server, error), report *Report) (*testservers.Server, error) {
	server, err := find()
	if err == nil {
		report.Servers = append(report.Servers, server.Product)
	}
	return server, err
}

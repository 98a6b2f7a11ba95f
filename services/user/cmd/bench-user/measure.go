package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"user/internal/admission"
	"user/internal/metrics"
	"user/internal/password"
)

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// medianRatio is the median of a[i] / b[i].
func medianRatio(a, b []float64) float64 {
	if len(a) == 0 || len(a) != len(b) {
		return 0
	}
	ratios := make([]float64, len(a))
	for i := range a {
		ratios[i] = a[i] / b[i]
	}
	slices.Sort(ratios)
	return ratios[len(ratios)/2]
}

// inTurns takes samples of two throughputs.
func inTurns(callers [2]int, calls [2]func(context.Context) error) (rates [2][]float64, err error) {
	for range samples {
		for i, call := range calls {
			rate, err := throughput(callers[i], call)
			if err != nil {
				return rates, err
			}
			rates[i] = append(rates[i], rate)
		}
	}
	return rates, nil
}

// measureStart takes the time from the start of the process to ready, of which
// the first start also migrates the schema, and the memory then.
func measureStart(site site, report *Report) error {
	for range starts {
		started, err := site.start("")
		if err != nil {
			return err
		}
		report.Details.StartsToReady = append(report.Details.StartsToReady, milliseconds(started.ready))
		resident, err := residentMB(started.process.Pid)
		if err != nil {
			return errors.Join(err, started.stop())
		}
		report.RestMemory = atMost(max(report.RestMemory.Value, resident), restLimit)
		if err := started.stop(); err != nil {
			return err
		}
	}
	report.StartReady = atMost(slices.Max(report.Details.StartsToReady), readyLimit)
	return nil
}

func residentMB(pid int) (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if rest, found := strings.CutPrefix(line, "VmRSS:"); found {
			var kib float64
			_, err := fmt.Sscan(rest, &kib)
			return kib / 1024, err
		}
	}
	return 0, errors.New("/proc/PID/status has no VmRSS")
}

// measureDefaultHashing compares logins with what GOMAXPROCS goroutines hash alone.
func measureDefaultHashing(site site, report *Report) error {
	started, err := site.start("")
	if err != nil {
		return err
	}
	defer func() { _ = started.stop() }()
	if err := started.register(); err != nil {
		return err
	}
	login := newCaller(started.url + "/login")
	parameters := password.Parameters{MemoryKiB: 19456, Time: 2}
	hasher := password.New(parameters, admission.NewQueue(time.Minute, parameters.Cost(), metrics.New()))
	rates, err := inTurns([2]int{clients, report.Processors}, [2]func(context.Context) error{login.call, func(context.Context) error {
		_, err := hasher.Hash(secret)
		return err
	}})
	report.Details.FullLoginsPerSecond, report.Details.HashesPerSecond = rates[0], rates[1]
	report.LoginOfHash = atLeast(medianRatio(rates[0], rates[1]), hashLimit)
	return err
}

// measureMinimalHashing takes what the service itself costs beside hashing.
func measureMinimalHashing(site site, report *Report) error {
	started, err := site.start(minimal)
	if err != nil {
		return err
	}
	defer func() { _ = started.stop() }()
	if err := started.register(); err != nil {
		return err
	}
	login := newCaller(started.url + "/login")
	if err := login.call(context.Background()); err != nil { // rehashes what the last measurement stored
		return err
	}
	latencies, err := latency(login)
	if err != nil {
		return err
	}
	report.LoginP99 = atMost(latencies[len(latencies)*99/100], p99Limit)
	report.Details.LoginP50 = latencies[len(latencies)/2]
	report.Details.LoginMax = latencies[len(latencies)-1]

	bare, stop, err := startBare(site)
	if err != nil {
		return err
	}
	defer func() { _ = stop() }()
	rates, err := inTurns([2]int{clients, clients}, [2]func(context.Context) error{login.call, bare.call})
	report.Details.LoginsPerSecond, report.Details.BarePerSecond = rates[0], rates[1]
	report.LoginOfBare = atLeast(medianRatio(rates[0], rates[1]), bareLimit)
	return err
}

// throughput is how often per second several callers at once complete call.
func throughput(callers int, call func(context.Context) error) (float64, error) {
	ctx, cancel := context.WithTimeout(context.Background(), sampleFor)
	defer cancel()
	var completed atomic.Int64
	failures := make(chan error, callers)
	var running sync.WaitGroup
	begun := time.Now()
	for range callers {
		running.Go(func() {
			for ctx.Err() == nil {
				if err := call(context.WithoutCancel(ctx)); err != nil {
					failures <- err
					return
				}
				completed.Add(1)
			}
		})
	}
	running.Wait()
	took := time.Since(begun)
	select {
	case err := <-failures:
		return 0, err
	default:
		return float64(completed.Load()) / took.Seconds(), nil
	}
}

// latency sends logins at an even pace whether or not earlier ones are
// answered, and is how many milliseconds each took from when it was due, sorted.
func latency(login caller) ([]float64, error) {
	count := int(pacedFor.Seconds()) * paced
	took, failures := make([]float64, count), make([]error, count)
	var running sync.WaitGroup
	begun := time.Now()
	for i := range count {
		due := begun.Add(time.Duration(i) * time.Second / paced)
		time.Sleep(time.Until(due))
		running.Go(func() {
			failures[i] = login.call(context.Background())
			took[i] = milliseconds(time.Since(due))
		})
	}
	running.Wait()
	slices.Sort(took)
	return took, errors.Join(failures...)
}

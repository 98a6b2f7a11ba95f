package main

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

const (
	overload         = 10 // times the peak
	overloadedFor    = 3 * time.Second
	overloadSamples  = 3
	goodputLimit     = 0.8
	acceptedP99Limit = 1500.0
)

// measureOverload compares the logins that are served while ten times as many
// come as the service can hash with its peak, and takes how long those wait.
func measureOverload(site site, report *Report) error {
	started, err := site.start("")
	if err != nil {
		return err
	}
	defer func() { _ = started.stop() }()
	if err := started.register(); err != nil {
		return err
	}
	login := newCaller(started.url + "/login")
	var accepted []float64
	for range overloadSamples {
		peak, err := throughput(clients, login.call)
		if err != nil {
			return err
		}
		served, err := overloaded(login, peak*overload)
		if err != nil {
			return err
		}
		report.Details.PeakPerSecond = append(report.Details.PeakPerSecond, peak)
		report.Details.GoodputPerSecond = append(report.Details.GoodputPerSecond, float64(len(served))/overloadedFor.Seconds())
		accepted = append(accepted, served...)
	}
	if len(accepted) == 0 {
		return errors.New("under overload no login is served")
	}
	slices.Sort(accepted)
	report.Goodput = atLeast(medianRatio(report.Details.GoodputPerSecond, report.Details.PeakPerSecond), goodputLimit)
	report.AcceptedP99 = atMost(accepted[len(accepted)*99/100], acceptedP99Limit)
	return nil
}

// overloaded sends so many logins a second at an even pace, and is how many
// milliseconds each took that was served while they came.
func overloaded(login caller, rate float64) (served []float64, err error) {
	var mutex sync.Mutex
	var failures []error
	var running sync.WaitGroup
	begun := time.Now()
	for i := range int(rate * overloadedFor.Seconds()) {
		time.Sleep(time.Until(begun.Add(time.Duration(float64(i) / rate * float64(time.Second)))))
		running.Go(func() {
			sent := time.Now()
			err := login.call(context.Background())
			answered := time.Now()
			mutex.Lock()
			defer mutex.Unlock()
			switch {
			case err == nil && answered.Sub(begun) <= overloadedFor:
				served = append(served, milliseconds(answered.Sub(sent)))
			case err != nil && !errors.Is(err, errUnavailable):
				failures = append(failures, err)
			}
		})
	}
	running.Wait()
	return served, errors.Join(failures...)
}

// Command load holds an open load of registrations and logins on the user
// service, and says of each request what became of it.
//
//	load attack -url URL -rate N   until standard input ends
//	load measure -url URL          logins per second that the service completes
//	load contend -url URL          emails, each registered many times at once
//	load verify -url URL           whether the accounts on standard input can log in
//	load connect HOST:PORT…        whether connections to them can be made
//	load wait                      does nothing, so that a Pod stays in which to run the others
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New("a command is needed: attack, measure, contend, verify, connect or wait")
	}
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	url := flags.String("url", "", "where the service is, such as http://10.96.7.1")
	rate := flags.Int("rate", 10, "attack: requests per second")
	timeout := flags.Duration("timeout", 10*time.Second, "attack: when a request without an answer has failed")
	callers := flags.Int("callers", 8, "measure and contend: requests at once")
	emails := flags.Int("emails", 1, "contend: emails, one after the other")
	count := flags.Int("count", 1000, "contend: registrations of each email")
	period := flags.Duration("for", 5*time.Second, "measure: how long")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	if args[0] == "wait" {
		<-ctx.Done()
		return nil
	}
	if args[0] == "connect" {
		found, err := connect(ctx, flags.Args())
		if err != nil {
			return err
		}
		return json.NewEncoder(os.Stdout).Encode(found)
	}
	if *url == "" {
		return errors.New("-url is needed, such as http://10.96.7.1")
	}
	service := newService(*url)
	var result any
	var err error
	switch args[0] {
	case "attack":
		if *rate < 2 {
			return fmt.Errorf("-rate must be 2 or more, as half of the requests are on new connections; received %d", *rate)
		}
		result, err = attack(ctx, service, *rate, *timeout, os.Stdin, os.Stdout)
	case "measure":
		result, err = measure(ctx, service, *callers, *period)
	case "contend":
		result, err = contend(ctx, service, *emails, *count, *callers)
	case "verify":
		result, err = verify(ctx, service, os.Stdin)
	default:
		return fmt.Errorf("the command must be attack, measure, contend, verify, connect or wait; received %q", args[0])
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}

// Command user is the user service: it registers users and logs them in.
//
//	user           serves until SIGTERM or SIGINT; a second signal ends it at once
//	user --check   asks its own /readyz and ends with 0 when ready, else 1
//	user --help    lists the environment variables with their defaults
//
// It ends with 2 when a variable or an argument is wrong, and with 1 when it fails.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"

	"user/internal/config"
	"user/internal/httpapi"
	"user/internal/redis"
)

const (
	exitOK    = 0
	exitFault = 1
	exitUsage = 2
)

func main() {
	os.Exit(command(os.Args[1:], os.LookupEnv, os.Stdout, os.Stderr))
}

func command(arguments []string, lookup func(string) (string, bool), stdout, stderr io.Writer) int {
	if len(arguments) > 1 || len(arguments) == 1 && arguments[0] != "--check" && arguments[0] != "--help" && arguments[0] != "-h" {
		fmt.Fprintf(stderr, "user: the arguments are none, --check or --help; received %q\n", arguments)
		return exitUsage
	}
	if len(arguments) == 1 && arguments[0] != "--check" {
		help(stdout)
		return exitOK
	}
	settings, err := config.Load(lookup)
	if err != nil {
		fmt.Fprintf(stderr, "user: the environment is wrong:\n%v\nSee user --help.\n", err)
		return exitUsage
	}
	if len(arguments) == 1 {
		if err := check(settings.HTTPAddr); err != nil {
			fmt.Fprintf(stderr, "user: %v\n", err)
			return exitFault
		}
		return exitOK
	}
	log := slog.New(httpapi.ContextLog{Handler: slog.NewJSONHandler(stdout, &slog.HandlerOptions{Level: settings.LogLevel})})
	redis.SetLog(log)
	if limit, err := memlimit.Set(); err != nil {
		log.Warn("the memory limit of the container is not known; set GOMEMLIMIT", "error", err)
	} else {
		log.Debug("the garbage collector keeps to a limit", "bytes", limit)
	}
	if err := serve(settings, log); err != nil {
		log.Error("the service ends", "error", err)
		fmt.Fprintf(stderr, "user: %v\n", err)
		return exitFault
	}
	return exitOK
}

func help(out io.Writer) {
	fmt.Fprint(out, `user registers users and logs them in: POST /register, POST /login.
It also serves /healthz, /readyz, /metrics and /openapi.yaml.

  user           serves until SIGTERM or SIGINT; a second signal ends it at once
  user --check   asks its own /readyz; ends with 0 when ready, else with 1
  user --help    prints this

Environment variables and their defaults:
`)
	config.PrintHelp(out)
}

// check asks the service at address, which is as HTTP_ADDR has it.
func check(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	client := http.Client{Timeout: 2 * time.Second}
	response, err := client.Get("http://" + net.JoinHostPort(host, port) + "/readyz")
	if err != nil {
		return fmt.Errorf("not ready: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(response.Body, 1<<10))
		return fmt.Errorf("not ready: %s: %s", response.Status, body)
	}
	return nil
}

var errSecondSignal = errors.New("ended at once by a second signal")

// serve runs the service under the process's signals.
func serve(settings config.Config, log *slog.Logger) error {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGTERM, os.Interrupt)
	defer signal.Stop(signals)
	ctx, end := context.WithCancel(context.Background())
	defer end()
	abandon, abandonNow := context.WithCancelCause(context.Background())
	defer abandonNow(nil)
	go func() {
		select {
		case received := <-signals:
			log.Info("draining", "signal", received.String(), "drain_delay", settings.DrainDelay.String())
			end()
		case <-abandon.Done():
			return
		}
		select {
		case <-signals:
			abandonNow(errSecondSignal)
		case <-abandon.Done():
		}
	}()
	return run(ctx, abandon, settings, log, func(address net.Addr) { log.Info("listening", "address", address.String()) })
}

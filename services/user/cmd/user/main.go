// Command user is the user service: it registers users and logs them in.
//
//	user            serves until SIGTERM or SIGINT; a second signal ends it at once
//	user migrate    migrates the schema and ends
//	user --check    asks its own /readyz and ends with 0 when ready, else 1
//	user --version  prints the version
//	user --help     lists the environment variables with their defaults
//
// It ends with 2 when a variable or an argument is wrong, and with 1 when it fails.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"

	"user/internal/config"
	"user/internal/httpapi"
	"user/internal/logs"
	"user/internal/mysql"
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
	argument := strings.Join(arguments, " ")
	switch argument {
	case "", "migrate", "--check":
	case "--help", "-h":
		help(stdout)
		return exitOK
	case "--version":
		fmt.Fprintln(stdout, "user", buildOf())
		return exitOK
	default:
		fmt.Fprintf(stderr, "user: the arguments are none, migrate, --check, --version or --help; received %q\n", arguments)
		return exitUsage
	}
	settings, err := config.Load(lookup)
	if err != nil {
		fmt.Fprintf(stderr, "user: the environment is wrong:\n%v\nSee user --help.\n", err)
		return exitUsage
	}
	if argument == "--check" {
		if err := check(cmp.Or(settings.AdminAddr, settings.HTTPAddr)); err != nil {
			fmt.Fprintf(stderr, "user: %v\n", err)
			return exitFault
		}
		return exitOK
	}
	lines := logs.NewWriter(stdout)
	defer lines.Flush(time.Second)
	log := slog.New(httpapi.ContextLog{Handler: slog.NewJSONHandler(lines, &slog.HandlerOptions{Level: settings.LogLevel})})
	redis.SetLog(log)
	work := serve
	if argument == "migrate" {
		work = migrate
	} else if limit, err := memlimit.Set(); err != nil {
		log.Warn("the memory limit of the container is not known; set GOMEMLIMIT", "error", err)
	} else {
		log.Debug("the garbage collector keeps to a limit", "bytes", limit)
	}
	if err := work(settings, log); err != nil {
		log.Error("the service ends", "error", err)
		fmt.Fprintf(stderr, "user: %v\n", err)
		return exitFault
	}
	return exitOK
}

func help(out io.Writer) {
	fmt.Fprint(out, `user registers users and logs them in: POST /register, POST /login.
It also serves /healthz, /readyz, /metrics and /openapi.yaml.

  user            serves until SIGTERM or SIGINT; a second signal ends it at once
  user migrate    migrates the schema, as an account that may, and ends with 0
  user --check    asks its own /readyz; ends with 0 when ready, else with 1
  user --version  prints the version
  user --help     prints this

Environment variables and their defaults:
`)
	config.PrintHelp(out)
}

// check asks the service at address, which is as HTTP_ADDR and ADMIN_ADDR have it.
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

// migrate migrates the schema, and waits for MySQL and for another that does.
func migrate(settings config.Config, log *slog.Logger) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	store, err := mysql.Open(settings.MySQL, log, mysql.NoHooks)
	if err != nil {
		return err
	}
	return errors.Join(store.Migrate(ctx), store.Close())
}

var errSecondSignal = errors.New("ended at once by a second signal")

// serve runs the service under the process's signals.
func serve(settings config.Config, log *slog.Logger) error {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGTERM, os.Interrupt)
	defer signal.Stop(signals)
	signal.Ignore(syscall.SIGPIPE) // a log that nobody reads any more ends nothing
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

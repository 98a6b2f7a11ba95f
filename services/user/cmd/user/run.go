package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"user/internal/account"
	"user/internal/admission"
	"user/internal/config"
	"user/internal/graceful"
	"user/internal/httpapi"
	"user/internal/metrics"
	"user/internal/mysql"
	"user/internal/password"
	"user/internal/redis"
	"user/internal/throttle"
	"user/internal/tracing"
)

const (
	headerTimeout  = 5 * time.Second
	idleTimeout    = 60 * time.Second
	answerSlack    = 5 * time.Second // for the client to take the answer
	maxHeaderBytes = 16 << 10
	silence        = time.Second // a connection that sends nothing for so long is not waited for
)

// run serves until ctx ends and then drains; abandon cuts the draining short.
// It returns nil after a drain that lost nothing. listening is called with the
// bound address once connections are taken, which is before the stores are reached.
func run(ctx, abandon context.Context, settings config.Config, log *slog.Logger, listening func(net.Addr)) (err error) {
	counters := metrics.New()
	built := buildOf()
	counters.Build(built.version, built.revision, built.goVersion)
	var traces *tracing.Tracing
	if settings.Tracing.On() {
		if traces, err = tracing.Open(ctx, built.version, log); err != nil {
			return err
		}
		defer traces.Close()
	}
	store, err := mysql.Open(settings.MySQL, log, mysql.Hooks{Retried: counters.MySQLRetried, Migrated: counters.Migrated, OpenDB: traces.OpenDB})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	cache, err := redis.Open(settings.Redis, log, redis.Hooks{Used: counters.RedisUsed, Made: traces.Redis})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cache.Close()) }()
	queue := admission.NewQueue(settings.HashQueueWait, settings.Argon2.Cost(), counters)
	counters.WatchMySQL(store.Pool(), store.Status, store.ReadOnly)
	counters.WatchRedis(cache.PoolStats, cache.Status)
	counters.WatchSchema(store.SchemaVersions)
	counters.WatchLogin("mysql", store.Login)
	counters.WatchLogin("redis", cache.Login)
	counters.WatchConnectionsByAccount(store.ConnectionsByAccount)
	hasher := password.New(settings.Argon2, queue)
	hasher.RefusePlain, hasher.Peppers, hasher.KeyMissing = settings.RefusePlain, settings.Peppers, counters.PepperMissing
	counters.WatchHashing(queue.Running, queue.Waiting)

	draining := make(chan struct{})
	api := &httpapi.API{
		Accounts: &account.Service{
			Users:         store,
			Hasher:        hasher,
			Locker:        redis.NewLock(cache, settings.LockTTL),
			Throttle:      throttle.New(settings.Limits, redis.NewBuckets(cache), counters),
			PasswordRules: settings.PasswordRules,
			Log:           log,
			Audit:         audit(log, counters.Attempted),
		},
		Metrics:        counters,
		Log:            log,
		RequestTimeout: settings.RequestTimeout,
		TrustedProxies: settings.TrustedProxies,
		MySQL:          store.Status,
		MySQLReadOnly:  store.ReadOnly,
		Redis:          cache.Status,
		Draining:       draining,
		AdminApart:     settings.AdminAddr != "",
	}
	connections := graceful.NewConnections(mostConnections(settings))
	connections.Closed = counters.ConnectionClosed
	counters.WatchConnections(connections.Open)
	api.Received, api.Connection = connections.Received, graceful.ConnectionOf
	server := &http.Server{
		ConnState:   connections.Track,
		ConnContext: connections.Context,
		Handler:     traces.Handler(api.Handler()),
		// Also for what net/http answers itself, without a handler.
		DisableGeneralOptionsHandler: true,
		ReadHeaderTimeout:            headerTimeout,
		ReadTimeout:                  headerTimeout + settings.RequestTimeout + time.Second,
		WriteTimeout:                 headerTimeout + settings.RequestTimeout + answerSlack,
		IdleTimeout:                  idleTimeout,
		MaxHeaderBytes:               maxHeaderBytes,
		ErrorLog:                     slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	listener, err := graceful.Listen(settings.HTTPAddr)
	if err != nil {
		return fmt.Errorf("HTTP_ADDR: %w", err)
	}
	if settings.AdminAddr != "" {
		closeAdmin, err := serveAdmin(settings.AdminAddr, api.Admin(settings.Profiles), log)
		if err != nil {
			return errors.Join(err, listener.Close())
		}
		defer closeAdmin() // after draining, which probes and scrapes may follow
	}

	// The stores outlive ctx: requests being drained still need them.
	keep, stopKeeping := context.WithCancel(context.Background())
	var keepers sync.WaitGroup
	defer keepers.Wait()
	defer stopKeeping()
	fault := make(chan error, 2)
	keepers.Go(func() {
		if err := store.Keep(keep); err != nil {
			fault <- err
		}
	})
	keepers.Go(func() { cache.Keep(keep) })
	plain := &account.PlainHasher{
		Passwords: store, Hasher: hasher, Refuse: settings.RefusePlain, Counted: counters.PasswordsCounted, Hashed: counters.PlainHashed, Log: log,
	}
	keepers.Go(func() { plain.Keep(keep) })
	served := make(chan error, 1)
	go func() { served <- server.Serve(connections.Bound(listener)) }()
	listening(listener.Addr())

	select {
	case <-ctx.Done():
		close(draining)
		err := drain(abandon, server, listener, served, connections, settings)
		if reason := listener.Unfiltered(); reason != nil && settings.DrainDelay == 0 {
			log.Warn("a connection that came in the moment of closing may have been reset: this kernel cannot keep it away, and DRAIN_DELAY is 0s", "error", reason)
		}
		return err
	case err := <-fault:
		return errors.Join(err, server.Close())
	case err := <-served:
		return fmt.Errorf("serve: %w", err)
	}
}

const (
	mostConnectionsByDefault = 10_000
	otherDescriptors         = 64 // the connections to Redis, the log, the listener, and what the runtime opens
)

// mostConnections is MAX_CONNECTIONS, or what the process's file descriptors
// allow beside those that serving them takes.
func mostConnections(settings config.Config) int {
	if settings.MaxConnections > 0 {
		return settings.MaxConnections
	}
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return mostConnectionsByDefault
	}
	free := int64(min(limit.Cur, 1<<20)) - int64(settings.MySQL.MaxConnections) - otherDescriptors
	return int(max(16, min(free, mostConnectionsByDefault)))
}

// drain waits for whoever sends requests to notice that /readyz fails, stops
// listening, and answers what was accepted.
func drain(abandon context.Context, server *http.Server, listener net.Listener, served <-chan error, connections *graceful.Connections, settings config.Config) error {
	pause := time.NewTimer(settings.DrainDelay)
	defer pause.Stop()
	select {
	case <-pause.C:
	case <-abandon.Done():
		return errors.Join(context.Cause(abandon), server.Close())
	}
	failure := listener.Close()
	<-served // and with it every accepted connection is known
	limit, cancel := context.WithTimeout(abandon, headerTimeout+settings.RequestTimeout+answerSlack)
	defer cancel()
	err := connections.Settle(limit, silence)
	if err == nil {
		err = server.Shutdown(limit)
	}
	switch {
	case abandon.Err() != nil:
		return errors.Join(context.Cause(abandon), server.Close())
	case err != nil && !errors.Is(err, net.ErrClosed):
		return errors.Join(fmt.Errorf("drain: %w", err), server.Close())
	}
	return failure
}

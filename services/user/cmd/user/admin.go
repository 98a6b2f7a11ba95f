package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
)

// serveAdmin serves what operators ask for until end is called. Its connections
// do not count among those of clients, so that no number of these keeps a probe out.
func serveAdmin(address string, handler http.Handler, log *slog.Logger) (end func(), err error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("ADMIN_ADDR: %w", err)
	}
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	log.Info("listening for operators", "address", listener.Addr().String())
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) }) // until it is closed
	return func() {
		_ = server.Close() // a scrape that still runs is not waited for
		serving.Wait()
	}, nil
}

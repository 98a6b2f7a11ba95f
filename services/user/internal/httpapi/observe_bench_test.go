package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/sdk/trace"

	"user/internal/metrics"
)

// BenchmarkRequest is what a request costs beside its work, with and without traces.
func BenchmarkRequest(b *testing.B) {
	up := func() error { return nil }
	api := &API{
		Metrics: metrics.New(), Log: slog.New(slog.DiscardHandler), RequestTimeout: time.Second, MySQL: up, Redis: up,
		Received: func(context.Context) {}, Draining: make(chan struct{}),
	}
	handler := api.Handler()
	for name, handler := range map[string]http.Handler{
		"traces off": handler,
		"traces on":  otelhttp.NewHandler(handler, "request", otelhttp.WithTracerProvider(trace.NewTracerProvider())),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/healthz", nil))
			}
		})
	}
}

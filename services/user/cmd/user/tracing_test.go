package main

import (
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3filter"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// spans takes traces by OTLP over HTTP.
type spans struct {
	mutex sync.Mutex
	taken []*tracev1.Span
	text  strings.Builder
}

func (s *spans) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var request collector.ExportTraceServiceRequest
	if err == nil {
		err = proto.Unmarshal(body, &request)
	}
	if err != nil || r.URL.Path != "/v1/traces" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.text.WriteString(request.String())
	for _, resource := range request.ResourceSpans {
		for _, scope := range resource.ScopeSpans {
			s.taken = append(s.taken, scope.Spans...)
		}
	}
}

// of are the spans of a trace.
func (s *spans) of(trace string) (names []string, all string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, span := range s.taken {
		if hex.EncodeToString(span.TraceId) == trace {
			names = append(names, span.Name)
		}
	}
	return names, s.text.String()
}

func TestTracesARequestToItsStores(t *testing.T) {
	taken := &spans{}
	server := httptest.NewServer(taken)
	t.Cleanup(server.Close)
	service := launch(t, servers(t).with("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL, "OTEL_BSP_SCHEDULE_DELAY", "100",
		"OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test", "LOGIN_LIMIT_PER_MINUTE", "10"))
	service.awaitReady(t, "ready")
	email, password := unique(), "a secret of somebody"
	service.mustRegister(t, email, password)
	const trace = "4bf92f3577b34da6a3ce929d0e0e4736"
	service.mustSend(t, http.MethodPost, "/login", formType, form("email", email, "password", password), "traceparent", "00-"+trace+"-00f067aa0ba902b7-01")
	var all string
	eventually(t, 10*time.Second, func() string {
		var names []string
		names, all = taken.of(trace)
		joined := strings.Join(names, ", ")
		if !strings.Contains(joined, "POST /login") || !strings.Contains(joined, "sql") || !strings.Contains(joined, "eval") {
			return "the trace has " + joined
		}
		return ""
	})
	for _, promised := range []string{"deployment.environment.name", "SELECT id, username, email, password FROM user WHERE account_key = ?"} {
		if !strings.Contains(all, promised) {
			t.Errorf("the traces have no %q", promised)
		}
	}
	for _, secret := range []string{password, email, strings.Split(email, "@")[0]} {
		if strings.Contains(all, secret) {
			t.Errorf("the traces have %q", secret)
		}
	}
	if !strings.Contains(service.log.String(), `"trace_id":"`+trace+`"`) {
		t.Error("the log does not have the trace's id")
	}
	openapi3filter.RegisterBodyDecoder("application/openmetrics-text", openapi3filter.PlainBodyDecoder)
	metrics := service.mustSend(t, http.MethodGet, "/metrics", "", "", "Accept", "application/openmetrics-text; version=1.0.0")
	exemplar := regexp.MustCompile(`user_http_request_duration_seconds_bucket\{route="/login",.*# \{trace_id="` + trace + `"\}`)
	if !exemplar.MatchString(metrics.body) {
		t.Error("the latency of /login has no exemplar of the trace")
	}
}

func TestServesWithoutWhoeverTakesItsTraces(t *testing.T) {
	service := launch(t, servers(t).with("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:"+nowhere(t), "OTEL_BSP_SCHEDULE_DELAY", "10"))
	service.awaitReady(t, "ready")
	for range 20 {
		service.mustRegister(t, unique(), "pass")
	}
	eventually(t, 20*time.Second, func() string {
		if !strings.Contains(service.log.String(), "traces are not sent") {
			return "the log does not say that traces are not sent"
		}
		return ""
	})
}

func TestNamesAWrongVariableOfTraces(t *testing.T) {
	code, _, said := capture(t, environment{"OTEL_TRACES_EXPORTER": "zipkin", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"})
	for _, promised := range []string{`OTEL_TRACES_EXPORTER must be otlp or none; received "zipkin"`, fmt.Sprintf("OTEL_EXPORTER_OTLP_PROTOCOL must be http/protobuf; received %q", "grpc")} {
		if code != exitUsage || !strings.Contains(said, promised) {
			t.Errorf("ended with %d and does not say %q:\n%s", code, promised, said)
		}
	}
}

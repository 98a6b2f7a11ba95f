package config

import "fmt"

// Tracing is what of OpenTelemetry's variables says whether traces are sent;
// the SDK reads all of them itself.
type Tracing struct {
	Exporter, Endpoint, TracesEndpoint string
	Disabled                           bool
}

// On is whether traces are sent.
func (t Tracing) On() bool {
	return !t.Disabled && t.Exporter != "none" && (t.Exporter == "otlp" || t.Endpoint != "" || t.TracesEndpoint != "")
}

func tracingVariables() []variable {
	protocol := func(_ *Config, v string) error {
		if v != "" && v != "http/protobuf" {
			return fmt.Errorf("must be http/protobuf")
		}
		return nil
	}
	return []variable{
		{name: "OTEL_EXPORTER_OTLP_ENDPOINT", fallback: "", help: "URL that OpenTelemetry traces are sent to; empty: none are made. Further variables OTEL_* count as OpenTelemetry has them", set: text(func(c *Config) *string { return &c.Tracing.Endpoint })},
		{name: "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", fallback: "", help: "the same, for traces alone", set: text(func(c *Config) *string { return &c.Tracing.TracesEndpoint })},
		{name: "OTEL_EXPORTER_OTLP_PROTOCOL", fallback: "", help: "http/protobuf", set: protocol},
		{name: "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", fallback: "", help: "http/protobuf", set: protocol},
		{name: "OTEL_TRACES_EXPORTER", fallback: "", help: "otlp: traces are sent, to http://localhost:4318 without an endpoint; none: they are not", set: func(c *Config, v string) error {
			if v != "" && v != "otlp" && v != "none" {
				return fmt.Errorf("must be otlp or none")
			}
			c.Tracing.Exporter = v
			return nil
		}},
		{name: "OTEL_SDK_DISABLED", fallback: "false", help: "true: no traces", set: word(func(c *Config, v string) { c.Tracing.Disabled = v == "true" }, "false", "true")},
	}
}

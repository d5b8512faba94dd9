package kit

import (
	"context"
	"math"
	"regexp"
	"runtime/metrics"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.opentelemetry.io/otel/trace"
)

// seconds are the bounds that OpenTelemetry advises for durations, and that objectives are read from.
// https://opentelemetry.io/docs/specs/semconv/http/http-metrics/#metric-httpserverrequestduration
var seconds = []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}

// collections are what the client leaves out by default, and the dashboards show.
var collections = regexp.MustCompile(`^/(cpu/classes/(gc/)?total:cpu-seconds|gc/cycles/total:gc-cycles)$`)

// instruments are OpenTelemetry's, by the names under which Prometheus stores them.
type instruments struct {
	registry *prometheus.Registry
	http     *prometheus.HistogramVec
	active   *prometheus.GaugeVec
	server   *prometheus.HistogramVec
	client   *prometheus.HistogramVec
	reloads  *prometheus.CounterVec
}

func newInstruments() *instruments {
	duration := func(name, help string, labels ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: seconds}, labels)
	}
	i := &instruments{
		registry: prometheus.NewRegistry(),
		http: duration("http_server_request_duration_seconds", "Duration of HTTP server requests.",
			"http_request_method", "http_response_status_code", "http_route", "url_scheme"),
		active: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "http_server_active_requests", Help: "HTTP server requests under way."},
			[]string{"http_request_method", "url_scheme"}),
		server: duration("rpc_server_call_duration_seconds", "Duration of incoming calls.",
			"rpc_system_name", "rpc_method", "rpc_response_status_code"),
		client: duration("rpc_client_call_duration_seconds", "Duration of outgoing calls.",
			"rpc_system_name", "rpc_method", "rpc_response_status_code"),
		reloads: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "config_reloads_total", Help: "Configuration read again: changed, same or refused."},
			[]string{"outcome"}),
	}
	i.registry.MustRegister(i.http, i.active, i.server, i.client, i.reloads, goRuntime{},
		collectors.NewGoCollector(collectors.WithGoCollectorRuntimeMetrics(collectors.GoRuntimeMetricsRule{Matcher: collections})),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return i
}

// observe notes a duration and, where it is part of a trace that is kept, which.
func observe(ctx context.Context, histogram *prometheus.HistogramVec, since time.Time, labels ...string) {
	observer := histogram.WithLabelValues(labels...)
	took := time.Since(since).Seconds()
	if span := trace.SpanContextFromContext(ctx); span.IsSampled() {
		observer.(prometheus.ExemplarObserver).ObserveWithExemplar(took, prometheus.Labels{"trace_id": span.TraceID().String()})
		return
	}
	observer.Observe(took)
}

// goRuntime tells of Go's runtime by OpenTelemetry's names, beside the client's own.
// https://opentelemetry.io/docs/specs/semconv/runtime/go-metrics/
type goRuntime struct{}

var (
	goroutines = prometheus.NewDesc("go_goroutine_count", "Goroutines that exist.", nil, nil)
	processors = prometheus.NewDesc("go_processor_limit", "Threads that run Go code at once.", nil, nil)
	memory     = prometheus.NewDesc("go_memory_used_bytes", "Memory that counts against the limit.", []string{"go_memory_type"}, nil)
	limit      = prometheus.NewDesc("go_memory_limit_bytes", "GOMEMLIMIT.", nil, nil)
	goal       = prometheus.NewDesc("go_memory_gc_goal_bytes", "Heap at which the next collection ends.", nil, nil)
)

func (goRuntime) Describe(into chan<- *prometheus.Desc) {
	for _, one := range []*prometheus.Desc{goroutines, processors, memory, limit, goal} {
		into <- one
	}
}

func (goRuntime) Collect(into chan<- prometheus.Metric) {
	samples := []metrics.Sample{
		{Name: "/sched/goroutines:goroutines"}, {Name: "/sched/gomaxprocs:threads"},
		{Name: "/memory/classes/heap/stacks:bytes"}, {Name: "/memory/classes/total:bytes"},
		{Name: "/memory/classes/heap/released:bytes"}, {Name: "/gc/gomemlimit:bytes"}, {Name: "/gc/heap/goal:bytes"},
	}
	metrics.Read(samples)
	value := func(index int) float64 { return float64(samples[index].Value.Uint64()) }
	gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
		into <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	gauge(goroutines, value(0))
	gauge(processors, value(1))
	gauge(memory, value(2), "stack")
	gauge(memory, value(3)-value(4)-value(2), "other")
	// Where nobody set one the runtime's limit is the largest number, which says nothing.
	if value(5) < math.MaxInt64 {
		gauge(limit, value(5))
	}
	gauge(goal, value(6))
}

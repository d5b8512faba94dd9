package kit

import (
	"context"
	"net/url"
	"os"

	"github.com/rs/zerolog"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"
)

// A collector that is being replaced is asked again; one that is gone costs spans and nothing else.
const collectorPolicy = `{"methodConfig":[{"name":[{}],"timeout":"10s","retryPolicy":{"maxAttempts":4,"initialBackoff":"0.2s","maxBackoff":"2s","backoffMultiplier":2,"retryableStatusCodes":["UNAVAILABLE"]}}]}`

// startTracing sends spans where OTEL_EXPORTER_OTLP_ENDPOINT says, and returns what sends the last of them.
func startTracing(ctx context.Context, name string, settings Settings, log zerolog.Logger) (func(context.Context) error, error) {
	otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{}))
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn().Err(err).Msg("telemetry") }))
	host, _ := os.Hostname()
	about, err := resource.New(ctx,
		resource.WithTelemetrySDK(),
		resource.WithAttributes(semconv.ServiceName(name), semconv.ServiceInstanceID(host)),
		resource.WithFromEnv())
	if err != nil {
		return nil, err
	}
	options := []sdktrace.TracerProviderOption{sdktrace.WithResource(about)}
	if settings.Collector != "" {
		conn, err := dialCollector(settings.Collector)
		if err != nil {
			return nil, err
		}
		options = append(options, sdktrace.WithBatcher(otlptrace.NewUnstarted(collector{conn})))
	}
	// Without a collector spans are made all the same: logs carry their ids.
	provider := sdktrace.NewTracerProvider(options...)
	otel.SetTracerProvider(provider)
	return provider.Shutdown, nil
}

func dialCollector(endpoint string) (*grpc.ClientConn, error) {
	address, err := url.Parse(endpoint)
	if err != nil {
		return nil, err
	}
	secure := credentials.NewTLS(nil)
	if address.Scheme == "http" {
		secure = insecure.NewCredentials()
	}
	return grpc.NewClient("dns:///"+address.Host, grpc.WithTransportCredentials(secure), grpc.WithDefaultServiceConfig(collectorPolicy))
}

// collector speaks OTLP over gRPC without the generated client, whose HTTP gateway would be a seventh of the program.
// TracesData has the same fields on the wire as ExportTraceServiceRequest.
// https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/collector/trace/v1/trace_service.proto
type collector struct{ conn *grpc.ClientConn }

func (c collector) Start(context.Context) error { return nil }
func (c collector) Stop(context.Context) error  { return c.conn.Close() }
func (c collector) UploadTraces(ctx context.Context, spans []*tracepb.ResourceSpans) error {
	return c.conn.Invoke(ctx, "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
		&tracepb.TracesData{ResourceSpans: spans}, &emptypb.Empty{})
}

package kit

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"fairlead.dev/services/rpc"
	"github.com/rs/zerolog"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"
)

func (a *App) newServer() *grpc.Server {
	s := a.Settings
	return grpc.NewServer(
		grpc.StatsHandler(otelgrpc.NewServerHandler(otelgrpc.WithFilter(notHealth))),
		grpc.UnaryInterceptor(a.serveCall),
		// A connection ends now and then, so that clients look for new pods. A client's pings must not come faster than
		// it is allowed: MinTime is half of what the clients are told.
		grpc.KeepaliveParams(keepalive.ServerParameters{
			MaxConnectionAge: s.MaxConnectionAge, MaxConnectionAgeGrace: s.MaxConnectionAgeGrace,
			Time: s.KeepaliveTime, Timeout: s.KeepaliveTimeout,
		}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: s.KeepaliveMinTime, PermitWithoutStream: true}),
	)
}

func notHealth(info *stats.RPCTagInfo) bool {
	return !strings.HasPrefix(info.FullMethodName, "/grpc.health.v1.Health/")
}

// serveCall gives each call what each HTTP request has.
func (a *App) serveCall(ctx context.Context, request any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (response any, err error) {
	if strings.HasPrefix(info.FullMethod, "/grpc.health.v1.Health/") {
		return handle(ctx, request)
	}
	began := time.Now()
	method := strings.TrimPrefix(info.FullMethod, "/")
	given := ""
	if values := metadata.ValueFromIncomingContext(ctx, requestIDHeader); len(values) > 0 {
		given = values[0]
	}
	id := requestID(given)
	ctx = a.describe(withRequestID(ctx, id), id, trace.SpanFromContext(ctx))
	defer func() {
		if broken := recover(); broken != nil {
			zerolog.Ctx(ctx).Error().Interface("panic", broken).Bytes("stack", debug.Stack()).Msg("a call broke")
			err = status.Error(codes.Internal, "internal error")
		}
		observe(ctx, a.metrics.server, began, "grpc", method, codeName(err))
		zerolog.Ctx(ctx).Debug().Str("method", method).Str("code", codeName(err)).Dur("took_ms", time.Since(began)).Msg("call")
	}()
	if fault := a.faults.around(ctx, method, func() { response, err = handle(ctx, request) }); fault != nil {
		return nil, status.Error(codes.Unavailable, fault.Error())
	}
	return response, err
}

// Dial connects to a service that the catalogue says this one calls. https://grpc.github.io/grpc/core/md_doc_naming.html
func (a *App) Dial(service string) (*grpc.ClientConn, error) {
	word := strings.ToUpper(strings.ReplaceAll(service, "-", "_"))
	target := os.Getenv(word + "_GRPC_TARGET")
	if target == "" {
		return nil, fmt.Errorf("%s_GRPC_TARGET is not set; the catalogue's calls set it", word)
	}
	settings := rpc.Settings{ServiceConfig: os.Getenv(word + "_GRPC_SERVICE_CONFIG"), KeepaliveTime: a.Settings.KeepaliveTime, KeepaliveTimeout: a.Settings.KeepaliveTimeout}
	conn, err := rpc.Dial(target, settings, grpc.WithStatsHandler(otelgrpc.NewClientHandler()), grpc.WithUnaryInterceptor(a.call))
	if err != nil {
		return nil, err
	}
	a.Closing(func(context.Context) error { return conn.Close() })
	return conn, nil
}

// call passes the request's id on and measures.
func (a *App) call(ctx context.Context, method string, request, response any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	began := time.Now()
	if id := RequestID(ctx); id != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, requestIDHeader, id)
	}
	err := invoke(ctx, method, request, response, conn, options...)
	observe(ctx, a.metrics.client, began, "grpc", strings.TrimPrefix(method, "/"), codeName(err))
	return err
}

// codeName is "NOT_FOUND", as OpenTelemetry writes it.
func codeName(err error) string { return code.Code(status.Code(err)).String() }

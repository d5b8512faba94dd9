package kit

import (
	"context"

	"github.com/rs/zerolog"
	"go.opentelemetry.io/otel/trace"
)

type requestIDKey struct{}

func withRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}

// RequestID is what the request under way is called, or empty.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// Resume gives work that goes on without its request the request's id and span again.
func (a *App) Resume(ctx context.Context, id string, span trace.Span) context.Context {
	return a.describe(withRequestID(ctx, id), id, span)
}

// describe gives a context a logger that says which request and trace it is.
func (a *App) describe(ctx context.Context, id string, span trace.Span) context.Context {
	line := a.Log.With().Str("request_id", id)
	if about := span.SpanContext(); about.IsValid() {
		line = line.Str("trace_id", about.TraceID().String()).Str("span_id", about.SpanID().String())
	}
	log := line.Logger()
	return log.WithContext(ctx)
}

// Log is the logger of the request under way.
func Log(ctx context.Context) *zerolog.Logger { return zerolog.Ctx(ctx) }

package kit

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"
	"go.opentelemetry.io/otel/trace"
)

// requestIDHeader is what a request is called from one service to the next, and in logs.
const requestIDHeader = "X-Request-Id"

const tracerName = "fairlead.dev/services/internal/kit"

var methods = map[string]bool{"GET": true, "HEAD": true, "POST": true, "PUT": true, "PATCH": true, "DELETE": true, "OPTIONS": true, "TRACE": true, "CONNECT": true}

// serveAPI surrounds the service's own routes with what every request has: a span, an id, a log, a measurement.
func (a *App) serveAPI(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	_, pattern := a.HTTP.Handler(r)
	// "GET /orders/{id}" is registered; the route is without the method.
	route := pattern[strings.IndexByte(pattern, ' ')+1:]
	method := r.Method
	if !methods[method] {
		method = "_OTHER"
	}
	ctx := otel.GetTextMapPropagator().Extract(r.Context(), propagation.HeaderCarrier(r.Header))
	ctx, span := otel.Tracer(tracerName).Start(ctx, strings.TrimSpace(method+" "+route),
		trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(semconv.HTTPRequestMethodKey.String(method), semconv.URLPath(r.URL.Path), semconv.URLScheme("http"), semconv.HTTPRoute(route)))
	defer span.End()

	id := requestID(r.Header.Get(requestIDHeader))
	ctx = a.describe(withRequestID(ctx, id), id, span)
	active := a.metrics.active.WithLabelValues(method, "http")
	active.Inc()
	defer active.Dec()

	answer := &recorder{ResponseWriter: w}
	answer.Header().Set(requestIDHeader, id)
	defer func() {
		// A program that meets something unforeseen fails one request and not all of them.
		if broken := recover(); broken != nil {
			zerolog.Ctx(ctx).Error().Interface("panic", broken).Bytes("stack", debug.Stack()).Msg("a request broke")
			Fail(answer, http.StatusInternalServerError, "internal error")
		}
		status := max(answer.status, http.StatusOK)
		if answer.status == 0 {
			status = http.StatusOK
		}
		if status >= 500 {
			span.SetStatus(codes.Error, "")
		}
		span.SetAttributes(semconv.HTTPResponseStatusCode(status))
		observe(ctx, a.metrics.http, began, method, strconv.Itoa(status), route, "http")
		zerolog.Ctx(ctx).Debug().Str("method", method).Str("route", route).Int("status", status).Dur("took_ms", time.Since(began)).Msg("request")
	}()
	// With a lost answer nothing of it may reach the caller, so it is held back until that is known.
	held := &heldAnswer{into: answer}
	if err := a.faults.around(ctx, route, func() { a.HTTP.ServeHTTP(held.writer(a.faults.allowed), r.WithContext(ctx)) }); err != nil {
		Fail(answer, http.StatusServiceUnavailable, err.Error())
		return
	}
	held.send()
}

var plainID = regexp.MustCompile(`^[\w.-]{1,64}$`)

// requestID keeps an id that came with the request, unless it could be something else than an id.
func requestID(given string) string {
	if plainID.MatchString(given) {
		return given
	}
	return uuid.NewString()
}

// recorder remembers the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// Answer writes JSON.
func Answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // Who does not listen any more need not be told.
}

// Fail writes an error as JSON.
func Fail(w http.ResponseWriter, status int, why string) {
	Answer(w, status, map[string]string{"error": why})
}

// Read reads a JSON body of at most 1 MiB and answers by itself when it is none.
func Read(w http.ResponseWriter, r *http.Request, into any) bool {
	reader := json.NewDecoder(io.LimitReader(r.Body, 1<<20))
	reader.DisallowUnknownFields()
	if err := reader.Decode(into); err != nil {
		Fail(w, http.StatusBadRequest, "the body is not what is expected: "+err.Error())
		return false
	}
	return true
}

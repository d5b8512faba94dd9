// Package kit is what the five services have in common: ports, probes, metrics, traces, logs, configuration, an end.
package kit

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"os/signal"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/rs/zerolog"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

// App is a service while it runs.
type App struct {
	Name     string
	Settings Settings
	Log      zerolog.Logger
	// HTTP takes the service's own routes, with methods: "GET /orders/{id}".
	HTTP *http.ServeMux
	GRPC *grpc.Server

	metrics  *instruments
	faults   *faults
	config   reloader
	health   *health.Server
	prepare  []func(context.Context) error
	work     []func(context.Context) error
	closing  []func(context.Context) error
	ready    atomic.Bool
	draining atomic.Bool
}

// Main runs a service until it is told to stop. `build` registers what it serves, and needs nobody to be reachable.
func Main(name string, build func(app *App) error) {
	log := zerolog.New(os.Stdout).With().Timestamp().Str("service", name).Logger()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx, name, log, build); err != nil {
		log.Fatal().Err(err).Msg("ended")
	}
}

func run(ctx context.Context, name string, log zerolog.Logger, build func(app *App) error) error {
	settings, err := readSettings(os.Environ())
	if err != nil {
		return err
	}
	level, err := zerolog.ParseLevel(settings.LogLevel)
	if err != nil {
		return fmt.Errorf("LOG_LEVEL: %w", err)
	}
	log = log.Level(level)
	app := &App{Name: name, Settings: settings, Log: log, HTTP: http.NewServeMux(), metrics: newInstruments(), faults: newFaults(settings), health: health.NewServer()}
	flush, err := startTracing(ctx, name, settings, log)
	if err != nil {
		return err
	}
	app.GRPC = app.newServer()
	healthpb.RegisterHealthServer(app.GRPC, app.health)
	if err := build(app); err != nil {
		return err
	}
	// Spans of the last requests are sent after everything else has ended.
	app.closing = append([]func(context.Context) error{flush}, app.closing...)
	return app.serve(log.WithContext(ctx))
}

// Prepare names what must succeed once before requests come; it is tried again until it does.
func (a *App) Prepare(step func(context.Context) error) { a.prepare = append(a.prepare, step) }

// Work names what runs beside requests until the service stops, or until it returns an error, which stops the service.
func (a *App) Work(work func(context.Context) error) { a.work = append(a.work, work) }

// Closing names what is closed at the end, the last first.
func (a *App) Closing(close func(context.Context) error) { a.closing = append(a.closing, close) }

// routes are the service's own, and beside them what is neither measured nor traced.
func (a *App) routes() http.Handler {
	all := http.NewServeMux()
	all.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	all.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if !a.ready.Load() || a.draining.Load() {
			Fail(w, http.StatusServiceUnavailable, "not ready")
			return
		}
		_, _ = w.Write([]byte("ok\n"))
	})
	all.Handle("GET /metrics", promhttp.HandlerFor(a.metrics.registry, promhttp.HandlerOpts{EnableOpenMetrics: true}))
	all.HandleFunc("POST /config/reload", a.serveReload)
	all.HandleFunc("GET /faults", a.faults.serve)
	all.HandleFunc("PUT /faults", a.faults.serve)
	all.HandleFunc("DELETE /faults", a.faults.serve)
	all.HandleFunc("/", a.serveAPI)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Who keeps a connection open learns from its next answer, whatever it asked for, that it will be closed.
		if a.draining.Load() {
			w.Header().Set("Connection", "close")
		}
		all.ServeHTTP(w, r)
	})
}

func (a *App) listen(port int) (net.Listener, error) {
	return net.Listen("tcp", net.JoinHostPort(a.Settings.Address, strconv.Itoa(port)))
}

func (a *App) serve(ctx context.Context) error {
	log := a.Log
	web := &http.Server{Handler: a.routes(), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		BaseContext: func(net.Listener) context.Context { return log.WithContext(context.Background()) }}
	failed := make(chan error, 3+len(a.work))
	start := func(port int, serve func(net.Listener) error) error {
		listener, err := a.listen(port)
		if err != nil {
			return err
		}
		go func() {
			if err := serve(listener); err != nil && !errors.Is(err, http.ErrServerClosed) {
				failed <- err
			}
		}()
		return nil
	}
	if err := errors.Join(start(a.Settings.HTTPPort, web.Serve), start(a.Settings.GRPCPort, a.GRPC.Serve)); err != nil {
		return err
	}
	if a.Settings.PprofPort != 0 {
		if err := start(a.Settings.PprofPort, (&http.Server{Handler: profiles(), ReadHeaderTimeout: 10 * time.Second}).Serve); err != nil {
			return err
		}
	}
	// Work may go on for what began before the end.
	working, rest := context.WithCancel(log.WithContext(context.Background()))
	defer rest()
	var done []chan struct{}
	go a.begin(ctx, func() {
		for _, work := range a.work {
			ended := make(chan struct{})
			done = append(done, ended)
			go func() {
				defer close(ended)
				if err := work(working); err != nil {
					failed <- err
				}
			}()
		}
		a.ready.Store(true)
		log.Info().Int("http", a.Settings.HTTPPort).Int("grpc", a.Settings.GRPCPort).Msg("ready")
	})
	var cause error
	select {
	case <-ctx.Done():
	case cause = <-failed:
	}
	ready := a.ready.Load()
	a.drain(web, func(ctx context.Context) {
		rest()
		if !ready {
			return
		}
		for _, ended := range done {
			select {
			case <-ended:
			case <-ctx.Done():
			}
		}
	})
	return cause
}

// begin prepares, each step as often as it takes.
func (a *App) begin(ctx context.Context, then func()) {
	for _, step := range a.prepare {
		for wait := 100 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
			err := step(ctx)
			if err == nil {
				break
			}
			a.Log.Warn().Err(err).Msg("not ready yet")
			select {
			case <-ctx.Done():
				return
			case <-time.After(wait):
			}
		}
	}
	if a.config != nil && a.config.folder() != "" {
		go func() {
			if err := watch(a.Log.WithContext(ctx), a.config, func() error { _, err := a.reloadConfig(a.Log.WithContext(ctx)); return err }); err != nil {
				a.Log.Error().Err(err).Msg("the configuration is not watched; POST /config/reload reads it again")
			}
		}()
	}
	then()
}

// drain says that no more requests are wanted, finishes those that came, and closes what was opened.
func (a *App) drain(web *http.Server, finish func(context.Context)) {
	began := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), a.Settings.Drain)
	defer cancel()
	a.draining.Store(true)
	a.health.Shutdown()
	a.Log.Info().Dur("drain_ms", a.Settings.Drain).Msg("stopping")
	// Who keeps a connection open learns from its next answer that it will be closed.
	time.Sleep(a.Settings.Linger)
	calls := make(chan struct{})
	go func() { a.GRPC.GracefulStop(); close(calls) }()
	if err := web.Shutdown(ctx); err != nil {
		a.Log.Error().Err(err).Msg("requests were cut off")
		_ = web.Close()
	}
	select {
	case <-calls:
	case <-ctx.Done():
		a.Log.Error().Msg("calls were cut off")
		a.GRPC.Stop()
	}
	finish(ctx)
	// What is left of the time, but enough to send what is in memory already, and no more than that takes.
	last, end := context.WithTimeout(context.Background(), min(5*time.Second, max(time.Second, a.Settings.Drain-time.Since(began))))
	defer end()
	for index := len(a.closing) - 1; index >= 0; index-- {
		if err := a.closing[index](last); err != nil {
			a.Log.Warn().Err(err).Msg("closing")
		}
	}
	a.Log.Info().Dur("took_ms", time.Since(began)).Msg("stopped")
}

// profiles are served at a port of their own, which only some may reach. https://pkg.go.dev/net/http/pprof
func profiles() http.Handler {
	all := http.NewServeMux()
	all.HandleFunc("/debug/pprof/", pprof.Index)
	all.HandleFunc("/debug/pprof/profile", pprof.Profile)
	all.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return all
}

// The responder takes alerts from Alertmanager and does what they may ask for: profiles of the pods, two more pods for a
// while, one pod taken out of its service. It keeps a report of each.
package main

import (
	"context"
	"errors"
	"flag"
	"log/slog"
	"net/http"
	"net/http/pprof"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

func main() {
	file := flag.String("config", "/etc/responder/responder.yaml", "configuration file")
	flag.Parse()
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	if err := run(*file, log); err != nil {
		log.Error("responder ended", "why", err.Error())
		os.Exit(1)
	}
}

func run(file string, log *slog.Logger) error {
	config, err := readConfig(file)
	if err != nil {
		return err
	}
	responder, err := newResponder(config, log)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	server := newServer(responder, config.TokenFile)
	servePprof(log)
	listener := &http.Server{Addr: config.Listen, Handler: server.handler(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second}

	// Alerts that were taken are answered before the end, within the time that the pod has.
	working, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var ending sync.WaitGroup
	ending.Go(func() { server.work(working) })
	go watch(ctx, server, config.Every.Duration, log)

	failed := make(chan error, 1)
	go func() { failed <- listener.ListenAndServe() }()
	log.Info("responder listens", "address", config.Listen, "steps", config.on(), "archive", config.Archive, "dryRun", config.DryRun)
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	last, done := context.WithTimeout(context.Background(), drain())
	defer done()
	err = listener.Shutdown(last)
	close(server.stopping)
	context.AfterFunc(last, cancel)
	ending.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

func newResponder(config Config, log *slog.Logger) (*Responder, error) {
	store, err := openStore(config.Storage)
	if err != nil {
		return nil, err
	}
	// KUBECONFIG, or else the pod's own service account.
	rest, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(clientcmd.NewDefaultClientConfigLoadingRules(), nil).ClientConfig()
	if err != nil {
		return nil, err
	}
	rest.UserAgent = "fairlead-responder"
	rest.Timeout = 10 * time.Second
	client, err := kubernetes.NewForConfig(rest)
	if err != nil {
		return nil, err
	}
	other, err := dynamic.NewForConfig(rest)
	if err != nil {
		return nil, err
	}
	return &Responder{
		config: config, client: client, dynamic: other, store: store, log: log, metrics: newMetrics(), now: time.Now,
		memory: Memory{client: client, namespace: config.Namespace, name: config.State},
	}, nil
}

// watch puts back what was held long enough. It is ready once the API server has let it read its state.
func watch(ctx context.Context, server *Server, every time.Duration, log *slog.Logger) {
	for ticker := time.Tick(every); ; {
		if err := server.responder.Tick(ctx); err != nil {
			log.Error("state not read", "why", err.Error())
		} else {
			server.ready.Store(true)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker:
		}
	}
}

// drain is how long the pod may finish after it was told to stop.
func drain() time.Duration {
	if span, err := time.ParseDuration(os.Getenv("DRAIN_TIMEOUT")); err == nil {
		return span
	}
	return 10 * time.Second
}

// servePprof serves the responder's own profiles where the environment allows debugging.
func servePprof(log *slog.Logger) {
	port := os.Getenv("PPROF_PORT")
	if port == "" {
		return
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	server := &http.Server{Addr: ":" + port, Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { log.Error("no profiles are served", "why", server.ListenAndServe().Error()) }()
}

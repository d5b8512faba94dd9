package main

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const (
	// A notification holds one group of alerts.
	mostBytes = 1 << 20
	// Alerts that wait. Beyond it Alertmanager is told to come again.
	mostWaiting = 256
)

// Metrics of the responder itself.
type Metrics struct {
	registry *prometheus.Registry
	alerts   *prometheus.CounterVec
	steps    *prometheus.CounterVec
}

func newMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		alerts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "fairlead_responder_alerts_total", Help: "Alerts by what came of them.",
		}, []string{"result"}),
		steps: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "fairlead_responder_steps_total", Help: "Steps by what came of them.",
		}, []string{"step", "result"}),
	}
	m.registry.MustRegister(m.alerts, m.steps, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Server takes notifications. One worker answers alerts in their order, so that no two steps meet.
type Server struct {
	responder *Responder
	tokenFile string
	waiting   chan Alert
	// stopping is closed once no alert comes any more.
	stopping chan struct{}
	ready    atomic.Bool
}

func newServer(responder *Responder, tokenFile string) *Server {
	return &Server{responder: responder, tokenFile: tokenFile, waiting: make(chan Alert, mostWaiting), stopping: make(chan struct{})}
}

func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /alerts", s.take)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if !s.ready.Load() {
			http.Error(w, "the API server did not yet answer", http.StatusServiceUnavailable)
		}
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.responder.metrics.registry, promhttp.HandlerOpts{}))
	return mux
}

func (s *Server) take(w http.ResponseWriter, request *http.Request) {
	if !s.authorized(request) {
		w.Header().Set("WWW-Authenticate", "Bearer")
		http.Error(w, "no valid token", http.StatusUnauthorized)
		return
	}
	var webhook Webhook
	if err := json.NewDecoder(http.MaxBytesReader(w, request.Body, mostBytes)).Decode(&webhook); err != nil {
		http.Error(w, "no notification of Alertmanager: "+err.Error(), http.StatusBadRequest)
		return
	}
	if webhook.Version != "4" {
		http.Error(w, "only version 4 of the webhook is understood", http.StatusBadRequest)
		return
	}
	for _, alert := range webhook.Alerts {
		select {
		case s.waiting <- alert:
		default:
			// What is taken twice is answered once.
			http.Error(w, "too many alerts wait", http.StatusServiceUnavailable)
			return
		}
	}
	w.WriteHeader(http.StatusAccepted)
}

// authorized compares digests, which takes the same time for every token.
func (s *Server) authorized(request *http.Request) bool {
	token, err := os.ReadFile(s.tokenFile)
	expected := strings.TrimSpace(string(token))
	if err != nil || expected == "" {
		s.responder.log.Error("no token to compare with", "file", s.tokenFile)
		return false
	}
	shown, bearer := strings.CutPrefix(request.Header.Get("Authorization"), "Bearer ")
	a, b := sha256.Sum256([]byte(shown)), sha256.Sum256([]byte(expected))
	return bearer && subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// work answers alerts; when none comes any more, those that wait still.
func (s *Server) work(ctx context.Context) {
	for {
		select {
		case alert := <-s.waiting:
			s.responder.Handle(ctx, alert)
			continue
		default:
		}
		select {
		case alert := <-s.waiting:
			s.responder.Handle(ctx, alert)
		case <-s.stopping:
			if len(s.waiting) == 0 {
				return
			}
		}
	}
}

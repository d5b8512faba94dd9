package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
)

// Responder answers alerts.
type Responder struct {
	config  Config
	client  kubernetes.Interface
	dynamic dynamic.Interface
	memory  Memory
	store   Store
	log     *slog.Logger
	metrics *Metrics
	now     func() time.Time
	// turn is whose turn it is: an alert's, or the clock's.
	turn sync.Mutex
}

// Handle answers one alert: what it asks for and may have, once.
func (r *Responder) Handle(ctx context.Context, alert Alert) {
	r.turn.Lock()
	defer r.turn.Unlock()
	target, actions, err := r.config.judge(alert)
	log := r.log.With("alert", alert.name(), "service", alert.service(), "fingerprint", alert.Fingerprint, "status", alert.Status)
	if errors.Is(err, errRefused) {
		r.metrics.alerts.WithLabelValues(refused).Inc()
		log.Info("alert not answered", "why", err.Error())
		return
	}
	at := r.now()
	report := Report{
		Alert: alert.name(), Status: alert.Status, Namespace: r.config.Namespace, Service: alert.service(),
		Fingerprint: alert.Fingerprint, StartsAt: alert.StartsAt, At: at, DryRun: r.config.DryRun,
		Labels: alert.Labels, Annotations: alert.Annotations,
	}
	if alert.Status == "resolved" {
		outcome, held := r.release(ctx, alert)
		if !held {
			r.metrics.alerts.WithLabelValues("resolved").Inc()
			return
		}
		report.Outcomes = append(report.Outcomes, outcome)
		r.finish(ctx, log, alert, target, report)
		return
	}
	due, waiting, first, err := r.memory.begin(ctx, at, alert, actions, r.config.Cooldown.Duration)
	if err != nil {
		r.metrics.alerts.WithLabelValues(failed).Inc()
		log.Error("alert not answered", "why", err.Error())
		return
	}
	if !first {
		r.metrics.alerts.WithLabelValues("repeated").Inc()
		log.Info("alert was answered before")
		return
	}
	if r.readsPods() {
		pods, err := r.podsOf(ctx, target)
		if err != nil {
			log.Error("pods not seen", "why", err.Error())
		}
		report.Pods = seen(pods)
	}
	for _, action := range waiting {
		outcome := Outcome{Action: action, Kind: target.Kind, Name: target.Name}
		report.Outcomes = append(report.Outcomes, outcome.skipped("taken less than %s ago", r.config.Cooldown.Duration))
	}
	for _, action := range due {
		report.Outcomes = append(report.Outcomes, r.take(ctx, action, alert, target, at))
	}
	r.finish(ctx, log, alert, target, report)
}

func (r *Responder) take(ctx context.Context, action Action, alert Alert, target Target, at time.Time) Outcome {
	switch action {
	case diagnose:
		return r.profile(ctx, alert, target, folder(alert, at))
	case scale:
		return r.scaleUp(ctx, alert, target)
	default:
		return r.isolatePod(ctx, alert, target)
	}
}

// finish says what was done in a log line and an Event each, in metrics, and in the report.
func (r *Responder) finish(ctx context.Context, log *slog.Logger, alert Alert, target Target, report Report) {
	result := "answered"
	for _, outcome := range report.Outcomes {
		r.metrics.steps.WithLabelValues(string(outcome.Action), outcome.Result).Inc()
		if outcome.Result == failed {
			result = failed
		}
		r.audit(ctx, log, alert, target, outcome)
	}
	r.metrics.alerts.WithLabelValues(result).Inc()
	if !r.config.Archive {
		return
	}
	if err := r.archive(ctx, report, folder(alert, report.At)); err != nil {
		r.metrics.steps.WithLabelValues("archive", failed).Inc()
		log.Error("report not kept", "why", err.Error())
		return
	}
	r.metrics.steps.WithLabelValues("archive", done).Inc()
	log.Info("report kept", "folder", folder(alert, report.At))
}

// Tick puts back what was held long enough. What fails is tried again at the next.
func (r *Responder) Tick(ctx context.Context) error {
	r.turn.Lock()
	defer r.turn.Unlock()
	state, _, err := r.memory.read(ctx)
	if err != nil {
		return err
	}
	now := r.now()
	for service, scaled := range state.Scaled {
		if scaled.Until.After(now) && len(scaled.Alerts) > 0 {
			continue
		}
		outcome, held := r.putBack(ctx, service, func(one *Scaled) bool {
			one.Alerts = nil
			return true
		})
		if !held {
			continue
		}
		r.metrics.steps.WithLabelValues(string(scale), outcome.Result).Inc()
		if outcome.Result == failed {
			// It is tried again soon; an Event each time would bury the others.
			r.log.Error("not put back", "service", service, "why", outcome.Detail)
			continue
		}
		alert := Alert{Labels: map[string]string{"alertname": "hold time is over", "service": service}}
		r.audit(ctx, r.log.With("service", service), alert, r.config.Services[service], outcome)
	}
	return nil
}

// audit writes a log line and an Event about the object that was changed.
func (r *Responder) audit(ctx context.Context, log *slog.Logger, alert Alert, target Target, outcome Outcome) {
	about := log.With("action", outcome.Action, "undo", outcome.Undo, "result", outcome.Result, "kind", outcome.Kind, "name", outcome.Name, "dryRun", r.config.DryRun)
	about.Info("step", "detail", outcome.Detail)
	kind, name := outcome.Kind, outcome.Name
	if name == "" {
		kind, name = target.Kind, target.Name
	}
	message := fmt.Sprintf("%s: %s %s: %s", alert.name(), outcome.Action, outcome.Result, outcome.Detail)
	if r.config.DryRun {
		message = "dry run, " + message
	}
	const longest = 1024
	now := metav1.NewTime(r.now())
	event := &corev1.Event{
		ObjectMeta:     metav1.ObjectMeta{Name: name + "." + strings.ToLower(rand.Text()), Namespace: r.config.Namespace},
		InvolvedObject: corev1.ObjectReference{APIVersion: apiVersions[kind], Kind: kind, Namespace: r.config.Namespace, Name: name},
		Reason:         reason(outcome), Message: message[:min(len(message), longest)], Type: eventType(outcome),
		FirstTimestamp: now, LastTimestamp: now, Count: 1,
		Source:              corev1.EventSource{Component: r.config.Name},
		ReportingController: "fairlead.dev/responder", ReportingInstance: r.config.Name,
	}
	if _, err := r.client.CoreV1().Events(r.config.Namespace).Create(ctx, event, metav1.CreateOptions{}); err != nil {
		log.Error("event not written", "why", err.Error())
	}
}

var apiVersions = map[string]string{
	"Deployment": "apps/v1", "Rollout": "argoproj.io/v1alpha1", "Pod": "v1", autoscalerKind: "autoscaling/v2",
}

func reason(outcome Outcome) string {
	words := map[Action]string{diagnose: "Diagnose", scale: "Scale", isolate: "Isolate"}
	undo := map[bool]string{true: "Undo", false: ""}
	results := map[string]string{done: "", skipped: "Skipped", refused: "Refused", failed: "Failed"}
	return "Alert" + undo[outcome.Undo] + words[outcome.Action] + results[outcome.Result]
}

func eventType(outcome Outcome) string {
	if outcome.Result == done || outcome.Result == skipped {
		return corev1.EventTypeNormal
	}
	return corev1.EventTypeWarning
}

// readsPods says whether its role lets it list pods: scaling alone needs none.
func (r *Responder) readsPods() bool {
	return r.config.Diagnose != nil || r.config.Isolate != nil || r.config.Archive
}

func (r *Responder) dryRun() []string {
	if r.config.DryRun {
		return []string{metav1.DryRunAll}
	}
	return nil
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// Results of a step.
const (
	done    = "done"
	skipped = "skipped"
	refused = "refused"
	failed  = "failed"
)

// Outcome is what came of one step.
type Outcome struct {
	Action Action `json:"action"`
	// Undo is true where the step was taken back.
	Undo   bool     `json:"undo,omitempty"`
	Result string   `json:"result"`
	Detail string   `json:"detail,omitempty"`
	Kind   string   `json:"kind,omitempty"`
	Name   string   `json:"name,omitempty"`
	Stored []string `json:"stored,omitempty"`
}

func (o Outcome) with(result, format string, args ...any) Outcome {
	o.Result, o.Detail = result, fmt.Sprintf(format, args...)
	return o
}
func (o Outcome) done(format string, args ...any) Outcome    { return o.with(done, format, args...) }
func (o Outcome) skipped(format string, args ...any) Outcome { return o.with(skipped, format, args...) }
func (o Outcome) refused(format string, args ...any) Outcome { return o.with(refused, format, args...) }
func (o Outcome) failed(err error) Outcome                   { return o.with(failed, "%s", err.Error()) }

// joinFailure adds a second failure to a first, where there is one.
func joinFailure(first, second error) error { return errors.Join(first, second) }

// Report is one alert: what was seen and what was done.
type Report struct {
	Alert       string            `json:"alert"`
	Status      string            `json:"status"`
	Namespace   string            `json:"namespace"`
	Service     string            `json:"service"`
	Fingerprint string            `json:"fingerprint"`
	StartsAt    time.Time         `json:"startsAt"`
	At          time.Time         `json:"at"`
	DryRun      bool              `json:"dryRun,omitempty"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Pods        []PodSeen         `json:"pods,omitempty"`
	Outcomes    []Outcome         `json:"outcomes"`
}

// PodSeen is a pod before anything was done.
type PodSeen struct {
	Name     string `json:"name"`
	Phase    string `json:"phase"`
	Ready    bool   `json:"ready"`
	Restarts int32  `json:"restarts"`
	Node     string `json:"node,omitempty"`
}

func seen(pods []corev1.Pod) []PodSeen {
	all := make([]PodSeen, 0, len(pods))
	for _, pod := range pods {
		var restarts int32
		for _, container := range pod.Status.ContainerStatuses {
			restarts += container.RestartCount
		}
		all = append(all, PodSeen{pod.Name, string(pod.Status.Phase), ready(pod), restarts, pod.Spec.NodeName})
	}
	return all
}

var unsafe = regexp.MustCompile(`[^A-Za-z0-9_-]+`)

// folder of a report: date, service, alert. What comes from outside becomes no path of its own.
func folder(alert Alert, at time.Time) string {
	clean := func(text string) string { return unsafe.ReplaceAllString(text, "_") }
	at = at.UTC()
	return strings.Join([]string{
		at.Format(time.DateOnly),
		clean(alert.service()),
		clean(alert.name()) + "-" + at.Format("150405") + "-" + clean(alert.Fingerprint),
	}, "/")
}

func (r *Responder) archive(ctx context.Context, report Report, folder string) error {
	text, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return err
	}
	return errors.Join(
		r.store.Put(ctx, folder+"/report.json", "application/json", append(text, '\n')),
		r.store.Put(ctx, folder+"/report.md", "text/markdown; charset=utf-8", []byte(report.markdown())),
	)
}

// cell keeps a text within its place in a table.
func cell(text string) string {
	return strings.NewReplacer("|", "\\|", "\n", " ", "\r", " ", "<", "&lt;").Replace(text)
}

func (r Report) markdown() string {
	var text strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&text, format+"\n", args...) }
	line("# %s: %s of %s in %s", cell(r.Status), cell(r.Alert), cell(r.Service), cell(r.Namespace))
	line("")
	if r.DryRun {
		line("Dry run: nothing was changed.\n")
	}
	for _, name := range []string{"summary", "description", "runbook_url"} {
		if said := r.Annotations[name]; said != "" {
			line("> %s", cell(said))
		}
	}
	line("\nIt began at %s; this is of %s. Fingerprint %s.\n", r.StartsAt.UTC().Format(time.RFC3339), r.At.UTC().Format(time.RFC3339), cell(r.Fingerprint))
	line("## What was done\n\n| step | result | of | detail |\n|---|---|---|---|")
	for _, one := range r.Outcomes {
		step := string(one.Action)
		if one.Undo {
			step += ", undone"
		}
		line("| %s | %s | %s %s | %s |", step, one.Result, one.Kind, cell(one.Name), cell(one.Detail))
	}
	if len(r.Pods) > 0 {
		line("\n## Pods before\n\n| pod | phase | ready | restarts | node |\n|---|---|---|---|---|")
		for _, pod := range r.Pods {
			line("| %s | %s | %t | %d | %s |", pod.Name, pod.Phase, pod.Ready, pod.Restarts, pod.Node)
		}
	}
	return text.String()
}

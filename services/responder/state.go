package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/util/retry"
)

const (
	stateKey = "state.json"
	// A ConfigMap holds 1 MiB; an alert needs some 100 bytes.
	mostAlerts = 1000
	forgotten  = 7 * 24 * time.Hour
)

// State is what must outlive the process: what was begun, and what is to be undone.
type State struct {
	// Alerts by fingerprint.
	Alerts map[string]Seen `json:"alerts,omitempty"`
	// Taken says when a step was last taken, by service and step.
	Taken map[string]time.Time `json:"taken,omitempty"`
	// Scaled services.
	Scaled map[string]Scaled `json:"scaled,omitempty"`
}

// Seen is an alert that was answered.
type Seen struct {
	StartsAt time.Time `json:"startsAt"`
	At       time.Time `json:"at"`
}

// Scaled is what was changed for a while, and how it was before.
type Scaled struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
	From int32  `json:"from"`
	To   int32  `json:"to"`
	// Until is when it goes back though an alert still fires.
	Until time.Time `json:"until"`
	// Alerts that hold it, by fingerprint.
	Alerts []string `json:"alerts"`
}

// Memory keeps the state in a ConfigMap. Two writers never overwrite each other: the API server refuses the later one,
// which reads again.
type Memory struct {
	client    kubernetes.Interface
	namespace string
	name      string
}

func (m Memory) read(ctx context.Context) (State, *corev1.ConfigMap, error) {
	state := State{Alerts: map[string]Seen{}, Taken: map[string]time.Time{}, Scaled: map[string]Scaled{}}
	object, err := m.client.CoreV1().ConfigMaps(m.namespace).Get(ctx, m.name, metav1.GetOptions{})
	if err != nil {
		return state, nil, err
	}
	if text := object.Data[stateKey]; text != "" {
		if err := json.Unmarshal([]byte(text), &state); err != nil {
			return state, nil, fmt.Errorf("ConfigMap %s holds no state of ours: %w", m.name, err)
		}
	}
	return state, object, nil
}

// change writes the state as a function leaves it, unless it says that nothing is to be written.
func (m Memory) change(ctx context.Context, now time.Time, change func(*State) bool) error {
	return retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		state, object, err := m.read(ctx)
		if err != nil || !change(&state) {
			return err
		}
		state.prune(now)
		text, err := json.Marshal(state)
		if err != nil {
			return err
		}
		if object.Data == nil {
			object.Data = map[string]string{}
		}
		object.Data[stateKey] = string(text)
		_, err = m.client.CoreV1().ConfigMaps(m.namespace).Update(ctx, object, metav1.UpdateOptions{})
		return err
	})
}

func (s *State) prune(now time.Time) {
	for fingerprint, seen := range s.Alerts {
		if now.Sub(seen.At) > forgotten {
			delete(s.Alerts, fingerprint)
		}
	}
	for step, at := range s.Taken {
		if now.Sub(at) > forgotten {
			delete(s.Taken, step)
		}
	}
	if len(s.Alerts) <= mostAlerts {
		return
	}
	oldest := make([]string, 0, len(s.Alerts))
	for fingerprint := range s.Alerts {
		oldest = append(oldest, fingerprint)
	}
	slices.SortFunc(oldest, func(a, b string) int { return s.Alerts[a].At.Compare(s.Alerts[b].At) })
	for _, fingerprint := range oldest[:len(oldest)-mostAlerts] {
		delete(s.Alerts, fingerprint)
	}
}

// begin notes an alert and the steps that are due for it, before any is taken: a process that dies in between leaves a
// step out, and never takes one twice. Nothing is due for an alert that was answered before.
func (m Memory) begin(ctx context.Context, now time.Time, alert Alert, actions []Action, cooldown time.Duration) (due []Action, waiting []Action, first bool, err error) {
	err = m.change(ctx, now, func(state *State) bool {
		due, waiting, first = nil, nil, false
		seen, known := state.Alerts[alert.Fingerprint]
		if known && seen.StartsAt.Equal(alert.StartsAt) {
			return false
		}
		first = true
		state.Alerts[alert.Fingerprint] = Seen{StartsAt: alert.StartsAt, At: now}
		for _, action := range actions {
			step := stepKey(alert, action)
			if last, taken := state.Taken[step]; taken && now.Sub(last) < cooldown {
				waiting = append(waiting, action)
				continue
			}
			state.Taken[step] = now
			due = append(due, action)
		}
		return true
	})
	return due, waiting, first, err
}

// stepKey is what cools down: a change once for the service, a look once for each pod.
func stepKey(alert Alert, action Action) string {
	if action == diagnose {
		return alert.service() + "/" + string(action) + "/" + alert.pod()
	}
	return alert.service() + "/" + string(action)
}

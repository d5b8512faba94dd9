package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/retry"
)

const autoscalerKind = "HorizontalPodAutoscaler"

// scalable are kinds with a scale subresource: through it nothing but the count can be changed.
var scalable = map[string]schema.GroupVersionResource{
	"Deployment": {Group: "apps", Version: "v1", Resource: "deployments"},
	"Rollout":    {Group: "argoproj.io", Version: "v1alpha1", Resource: "rollouts"},
}

// scaleUp adds pods within all bounds, and notes before how it was.
func (r *Responder) scaleUp(ctx context.Context, alert Alert, target Target) Outcome {
	step := r.config.Scale
	kind, name := r.scaleObject(target)
	outcome := Outcome{Action: scale, Kind: kind, Name: name}
	from, running, most, err := r.count(ctx, kind, name)
	if err != nil {
		return outcome.failed(err)
	}
	if most == 0 || most > step.Max {
		most = step.Max
	}
	to := min(max(from, running)+step.By, most)
	now := r.now()
	held := false
	note := func(state *State) bool {
		before, already := state.Scaled[alert.service()]
		held = already
		if already {
			if slices.Contains(before.Alerts, alert.Fingerprint) {
				return false
			}
			before.Alerts = append(before.Alerts, alert.Fingerprint)
			state.Scaled[alert.service()] = before
			return true
		}
		if to <= from {
			return false
		}
		until := now.Add(step.Hold.Duration)
		state.Scaled[alert.service()] = Scaled{Kind: kind, Name: name, From: from, To: to, Until: until, Alerts: []string{alert.Fingerprint}}
		return true
	}
	if r.config.DryRun {
		state, _, err := r.memory.read(ctx)
		if err != nil {
			return outcome.failed(err)
		}
		note(&state)
	} else if err := r.memory.change(ctx, now, note); err != nil {
		return outcome.failed(err)
	}
	if held {
		return outcome.skipped("another alert had it scaled already; it goes back when both are over")
	}
	if to <= from {
		return outcome.refused("%d is all that is allowed: at most %d", from, most)
	}
	if err := r.setCount(ctx, kind, name, from, to); err != nil {
		if !r.config.DryRun {
			err = joinFailure(err, r.memory.change(ctx, now, func(state *State) bool {
				delete(state.Scaled, alert.service())
				return true
			}))
		}
		return outcome.failed(err)
	}
	return outcome.done("from %d to %d, until it is over or %s", from, to, now.Add(step.Hold.Duration).UTC().Format(time.RFC3339))
}

// release lets an alert's hold on a scaled service go, and puts the count back when it was the last.
func (r *Responder) release(ctx context.Context, alert Alert) (Outcome, bool) {
	return r.putBack(ctx, alert.service(), func(scaled *Scaled) bool {
		if !slices.Contains(scaled.Alerts, alert.Fingerprint) {
			return false
		}
		scaled.Alerts = slices.DeleteFunc(scaled.Alerts, func(one string) bool { return one == alert.Fingerprint })
		return true
	})
}

// putBack changes who holds a service; with nobody left its count is as before. Who holds it is written first and that it
// is over last: what fails or dies in between is done at the next tick.
func (r *Responder) putBack(ctx context.Context, service string, change func(*Scaled) bool) (Outcome, bool) {
	outcome := Outcome{Action: scale, Undo: true}
	var scaled Scaled
	held := false
	err := r.memory.change(ctx, r.now(), func(state *State) bool {
		scaled, held = state.Scaled[service]
		held = held && change(&scaled)
		if held {
			state.Scaled[service] = scaled
		}
		return held
	})
	outcome.Kind, outcome.Name = scaled.Kind, scaled.Name
	if err != nil {
		return outcome.failed(err), true
	}
	if !held {
		return outcome, false
	}
	if left := len(scaled.Alerts); left > 0 {
		return outcome.skipped("%d other alerts still hold it", left), true
	}
	outcome = r.restore(ctx, outcome, scaled)
	if outcome.Result == failed {
		return outcome, true
	}
	err = r.memory.change(ctx, r.now(), func(state *State) bool {
		current, known := state.Scaled[service]
		// Another alert may have taken hold of it meanwhile; then it stands as it is until that is over.
		over := known && len(current.Alerts) == 0
		if over {
			delete(state.Scaled, service)
		}
		return over
	})
	if err != nil {
		return outcome.failed(err), true
	}
	return outcome, true
}

func (r *Responder) restore(ctx context.Context, outcome Outcome, scaled Scaled) Outcome {
	current, _, _, err := r.count(ctx, scaled.Kind, scaled.Name)
	if apierrors.IsNotFound(err) {
		return outcome.skipped("it is gone")
	}
	if err != nil {
		return outcome.failed(err)
	}
	if current != scaled.To {
		return outcome.skipped("somebody else made it %d since, and that stays", current)
	}
	if err := r.setCount(ctx, scaled.Kind, scaled.Name, scaled.To, scaled.From); err != nil {
		return outcome.failed(err)
	}
	return outcome.done("back from %d to %d", scaled.To, scaled.From)
}

// scaleObject is where the count stands: an autoscaler's fewest pods, or the workload's own number.
func (r *Responder) scaleObject(target Target) (kind, name string) {
	if target.Autoscaler != "" {
		return autoscalerKind, target.Autoscaler
	}
	return target.Kind, target.Name
}

// count says what is asked for, how many there are, and the most that an autoscaler allows (0: it says nothing).
func (r *Responder) count(ctx context.Context, kind, name string) (asked, running, most int32, err error) {
	if kind != autoscalerKind {
		object, err := r.dynamic.Resource(scalable[kind]).Namespace(r.config.Namespace).Get(ctx, name, metav1.GetOptions{}, "scale")
		if err != nil {
			return 0, 0, 0, err
		}
		replicas, _, err := unstructured.NestedInt64(object.Object, "spec", "replicas")
		return int32(replicas), 0, 0, err
	}
	hpa, err := r.client.AutoscalingV2().HorizontalPodAutoscalers(r.config.Namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return 0, 0, 0, err
	}
	for _, owner := range hpa.OwnerReferences {
		if owner.Kind == "ScaledObject" {
			return 0, 0, 0, fmt.Errorf("its autoscaler belongs to KEDA's ScaledObject %s, which would undo it", owner.Name)
		}
	}
	return fewest(hpa), hpa.Status.CurrentReplicas, hpa.Spec.MaxReplicas, nil
}

func fewest(hpa *autoscalingv2.HorizontalPodAutoscaler) int32 {
	if hpa.Spec.MinReplicas == nil {
		return 1
	}
	return *hpa.Spec.MinReplicas
}

// setCount changes a count, unless somebody else was faster.
func (r *Responder) setCount(ctx context.Context, kind, name string, from, to int32) error {
	if kind == autoscalerKind {
		const path = "/spec/minReplicas"
		patch, err := json.Marshal([]map[string]any{
			{"op": "test", "path": path, "value": from},
			{"op": "replace", "path": path, "value": to},
		})
		if err != nil {
			return err
		}
		options := metav1.PatchOptions{DryRun: r.dryRun()}
		_, err = r.client.AutoscalingV2().HorizontalPodAutoscalers(r.config.Namespace).Patch(ctx, name, types.JSONPatchType, patch, options)
		return err
	}
	resource := r.dynamic.Resource(scalable[kind]).Namespace(r.config.Namespace)
	// Each change of its status is a change of the object, too.
	return retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		object, err := resource.Get(ctx, name, metav1.GetOptions{}, "scale")
		if err != nil {
			return err
		}
		if current, _, _ := unstructured.NestedInt64(object.Object, "spec", "replicas"); current != int64(from) {
			return fmt.Errorf("somebody else made it %d meanwhile", current)
		}
		if err := unstructured.SetNestedField(object.Object, int64(to), "spec", "replicas"); err != nil {
			return err
		}
		_, err = resource.Update(ctx, object, metav1.UpdateOptions{DryRun: r.dryRun()}, "scale")
		return err
	})
}

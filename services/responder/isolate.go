package main

import (
	"context"
	"encoding/json"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/retry"
)

const (
	// isolatedLabel is how a pod is found that was taken out of its service.
	isolatedLabel      = "fairlead.dev/isolated"
	isolatedAnnotation = "fairlead.dev/isolated-for"
	// fewestLeft ready pods serve on while one is looked at.
	fewestLeft = 2
)

// isolatePod takes the labels that select it from one pod: its Service forgets it, its ReplicaSet replaces it, and it
// lives on for a while to be looked at.
func (r *Responder) isolatePod(ctx context.Context, alert Alert, target Target) Outcome {
	var outcome Outcome
	// A pod that has changed since it was judged is judged again.
	_ = retry.RetryOnConflict(retry.DefaultBackoff, func() (err error) {
		outcome, err = r.tryIsolation(ctx, alert, target)
		return err
	})
	return outcome
}

func (r *Responder) tryIsolation(ctx context.Context, alert Alert, target Target) (Outcome, error) {
	outcome := Outcome{Action: isolate, Kind: "Pod", Name: alert.pod()}
	if alert.pod() == "" {
		return outcome.refused("the alert names no pod"), nil
	}
	pods, err := r.podsOf(ctx, target)
	if err != nil {
		return outcome.failed(err), err
	}
	var chosen *corev1.Pod
	left := 0
	for index, pod := range pods {
		if pod.Name == alert.pod() {
			chosen = &pods[index]
		} else if ready(pod) {
			left++
		}
	}
	if chosen == nil {
		return outcome.refused("it is no pod of %s, or no longer", alert.service()), nil
	}
	if left < fewestLeft {
		return outcome.refused("only %d other pods are ready, and %d must stay", left, fewestLeft), nil
	}
	if ready(*chosen) && target.DisruptionBudget != "" {
		budget, err := r.client.PolicyV1().PodDisruptionBudgets(r.config.Namespace).Get(ctx, target.DisruptionBudget, metav1.GetOptions{})
		if err != nil {
			return outcome.failed(err), err
		}
		if budget.Status.ObservedGeneration < budget.Generation || budget.Status.DisruptionsAllowed < 1 {
			return outcome.refused("disruption budget %s lets no pod go", budget.Name), nil
		}
	}
	patch, err := r.isolation(alert, target, chosen)
	if err != nil {
		return outcome.failed(err), err
	}
	options := metav1.PatchOptions{DryRun: r.dryRun()}
	if _, err := r.client.CoreV1().Pods(r.config.Namespace).Patch(ctx, chosen.Name, types.MergePatchType, patch, options); err != nil {
		return outcome.failed(err), err
	}
	return outcome.done("taken out of %s, found by %s=%s, ends by itself after %s", alert.service(), isolatedLabel, alert.service(), r.config.Isolate.Keep.Duration), nil
}

// isolation is the patch. The resource version makes the API server refuse it when the pod has changed since. The deadline
// ends the pod without a right to delete pods: the kubelet counts it from the pod's start.
func (r *Responder) isolation(alert Alert, target Target, pod *corev1.Pod) ([]byte, error) {
	changed := map[string]any{isolatedLabel: alert.service()}
	for key := range target.Selector {
		changed[key] = nil
	}
	started := pod.CreationTimestamp.Time
	if pod.Status.StartTime != nil {
		started = pod.Status.StartTime.Time
	}
	deadline := int64((r.now().Sub(started) + r.config.Isolate.Keep.Duration) / time.Second)
	return json.Marshal(map[string]any{
		"metadata": map[string]any{
			"resourceVersion": pod.ResourceVersion,
			"labels":          changed,
			"annotations":     map[string]any{isolatedAnnotation: alert.name() + " " + alert.Fingerprint},
		},
		"spec": map[string]any{"activeDeadlineSeconds": max(deadline, 1)},
	})
}

func (r *Responder) podsOf(ctx context.Context, target Target) ([]corev1.Pod, error) {
	options := metav1.ListOptions{LabelSelector: labels.SelectorFromSet(target.Selector).String()}
	list, err := r.client.CoreV1().Pods(r.config.Namespace).List(ctx, options)
	if err != nil {
		return nil, err
	}
	return list.Items, nil
}

func ready(pod corev1.Pod) bool {
	if pod.DeletionTimestamp != nil {
		return false
	}
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodReady {
			return condition.Status == corev1.ConditionTrue
		}
	}
	return false
}

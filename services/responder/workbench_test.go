package main

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/kubernetes/scheme"
)

var start = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)

// bench is a responder on an API server that is played, with a clock of its own.
type bench struct {
	*Responder
	t   *testing.T
	at  time.Time
	api *fake.Clientset
}

func span(d time.Duration) metav1.Duration { return metav1.Duration{Duration: d} }

func meta(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: name, Namespace: "shop", Labels: map[string]string{"app": "order"}, CreationTimestamp: metav1.NewTime(start.Add(-time.Hour))}
}

func pod(name string, isReady bool) *corev1.Pod {
	status := corev1.ConditionFalse
	if isReady {
		status = corev1.ConditionTrue
	}
	return &corev1.Pod{ObjectMeta: meta(name), Status: corev1.PodStatus{
		Phase: corev1.PodRunning, PodIP: "127.0.0.1",
		Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: status}},
	}}
}

func autoscaler(low, high, running int32) *autoscalingv2.HorizontalPodAutoscaler {
	return &autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: meta("order"),
		Spec:       autoscalingv2.HorizontalPodAutoscalerSpec{MinReplicas: &low, MaxReplicas: high},
		Status:     autoscalingv2.HorizontalPodAutoscalerStatus{CurrentReplicas: running},
	}
}

func budget(allowed int32) *policyv1.PodDisruptionBudget {
	return &policyv1.PodDisruptionBudget{ObjectMeta: meta("order"), Status: policyv1.PodDisruptionBudgetStatus{DisruptionsAllowed: allowed}}
}

func deployment(replicas int32) *appsv1.Deployment {
	return &appsv1.Deployment{TypeMeta: metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"}, ObjectMeta: meta("order"), Spec: appsv1.DeploymentSpec{Replicas: &replicas}}
}

// everything is a configuration with every step on, its store a folder of the test's.
func everything(t *testing.T) Config {
	return Config{
		Namespace: "shop", Name: "responder", State: "responder-state", TokenFile: "token", Every: span(time.Second),
		Cooldown: span(15 * time.Minute), Archive: true,
		Services: map[string]Target{"order": {Kind: "Deployment", Name: "order", Selector: map[string]string{"app": "order"}}},
		Diagnose: &DiagnoseStep{Port: 1, Pods: 2, Timeout: span(5 * time.Second), MaxBytes: 1 << 20},
		Scale:    &ScaleStep{By: 2, Max: 8, Hold: span(time.Hour)},
		Isolate:  &IsolateStep{Keep: span(4 * time.Hour)},
		Storage:  &Storage{Directory: t.TempDir(), Retention: span(30 * 24 * time.Hour)},
	}
}

func open(t *testing.T, config Config, objects ...runtime.Object) *bench {
	t.Helper()
	if err := config.check(); err != nil {
		t.Fatal(err)
	}
	var workloads []runtime.Object
	for _, object := range objects {
		if one, is := object.(*appsv1.Deployment); is {
			workloads = append(workloads, one)
		}
	}
	api := fake.NewClientset(append(objects, &corev1.ConfigMap{ObjectMeta: meta(config.State)})...)
	store, err := openStore(config.Storage)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, at: start, api: api}
	b.Responder = &Responder{
		config: config, client: api, dynamic: dynamicfake.NewSimpleDynamicClient(scheme.Scheme, workloads...), store: store,
		log: slog.New(slog.NewJSONHandler(io.Discard, nil)), metrics: newMetrics(),
		memory: Memory{client: api, namespace: config.Namespace, name: config.State},
	}
	b.now = func() time.Time { return b.at }
	return b
}

// withAutoscaler is the configuration of a service that an autoscaler scales.
func withAutoscaler(config Config) Config {
	target := config.Services["order"]
	target.Autoscaler = "order"
	config.Services = map[string]Target{"order": target}
	return config
}

func firing(fingerprint, actions string) Alert {
	return Alert{
		Status: "firing", Fingerprint: fingerprint, StartsAt: start,
		Labels: map[string]string{"alertname": "Slow", "namespace": "shop", "service": "order", "actions": actions},
	}
}

func resolved(alert Alert) Alert {
	alert.Status = "resolved"
	return alert
}

func of(alert Alert, pod string) Alert {
	labels := map[string]string{"pod": pod}
	for key, value := range alert.Labels {
		labels[key] = value
	}
	alert.Labels = labels
	return alert
}

func (b *bench) handle(alerts ...Alert) {
	for _, alert := range alerts {
		b.Handle(context.Background(), alert)
	}
}

func (b *bench) least() int32 {
	b.t.Helper()
	hpa, err := b.api.AutoscalingV2().HorizontalPodAutoscalers("shop").Get(context.Background(), "order", metav1.GetOptions{})
	if err != nil {
		b.t.Fatal(err)
	}
	return *hpa.Spec.MinReplicas
}

// reasons of the Events that were written, in their order of time.
func (b *bench) reasons() []string {
	b.t.Helper()
	list, err := b.api.CoreV1().Events("shop").List(context.Background(), metav1.ListOptions{})
	if err != nil {
		b.t.Fatal(err)
	}
	all := []string{}
	for _, event := range list.Items {
		all = append(all, event.Reason)
	}
	return all
}

func same[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("%s is %v, want %v", what, got, want)
	}
}

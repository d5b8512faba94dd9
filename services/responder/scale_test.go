package main

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	k8stesting "k8s.io/client-go/testing"
)

func TestTwoMorePodsWhileItLasts(t *testing.T) {
	b := open(t, withAutoscaler(everything(t)), autoscaler(3, 12, 3))
	alert := firing("a", "scale")
	b.handle(alert)
	same(t, "minReplicas", b.least(), 5)
	b.handle(alert, alert)
	same(t, "minReplicas after repeats", b.least(), 5)
	b.handle(resolved(alert))
	same(t, "minReplicas afterwards", b.least(), 3)
	if !slices.Contains(b.reasons(), "AlertScale") || !slices.Contains(b.reasons(), "AlertUndoScale") {
		t.Fatal(b.reasons())
	}
}

func TestBoundsOfScaling(t *testing.T) {
	for name, row := range map[string]struct {
		low, high, running, most, want int32
	}{
		"more than run":           {3, 12, 5, 20, 7},
		"no more than allowed":    {3, 4, 3, 20, 4},
		"no more than configured": {3, 12, 3, 4, 4},
		"at the maximum":          {6, 6, 6, 20, 6},
		"above what is allowed":   {3, 12, 3, 2, 3},
		"many run already":        {3, 12, 12, 20, 12},
	} {
		t.Run(name, func(t *testing.T) {
			config := withAutoscaler(everything(t))
			config.Scale = &ScaleStep{By: 2, Max: row.most, Hold: span(time.Hour)}
			b := open(t, config, autoscaler(row.low, row.high, row.running))
			b.handle(firing("a", "scale"))
			same(t, "minReplicas", b.least(), row.want)
			b.handle(resolved(firing("a", "scale")))
			same(t, "minReplicas afterwards", b.least(), row.low)
		})
	}
}

func TestTwoAlertsScaleOnce(t *testing.T) {
	config := withAutoscaler(everything(t))
	config.Cooldown = span(0)
	b := open(t, config, autoscaler(3, 12, 3))
	first, second := firing("a", "scale"), firing("b", "scale")
	b.handle(first, second)
	same(t, "minReplicas", b.least(), 5)
	b.handle(resolved(first))
	same(t, "minReplicas while one lasts", b.least(), 5)
	b.handle(resolved(second))
	same(t, "minReplicas afterwards", b.least(), 3)
}

func TestARestartForgetsNothing(t *testing.T) {
	b := open(t, withAutoscaler(everything(t)), autoscaler(3, 12, 3))
	b.handle(firing("a", "scale"))
	// Another process: nothing but the API server's objects is left.
	other := &Responder{config: b.config, client: b.client, dynamic: b.dynamic, memory: b.memory, store: b.store, log: b.log, metrics: newMetrics(), now: b.now}
	other.Handle(context.Background(), firing("a", "scale"))
	same(t, "minReplicas", b.least(), 5)
	other.Handle(context.Background(), resolved(firing("a", "scale")))
	same(t, "minReplicas afterwards", b.least(), 3)
}

func TestItGoesBackWhenItsTimeIsOver(t *testing.T) {
	b := open(t, withAutoscaler(everything(t)), autoscaler(3, 12, 3))
	b.handle(firing("a", "scale"))
	for _, row := range []struct {
		after time.Duration
		want  int32
	}{{59 * time.Minute, 5}, {time.Hour, 3}} {
		b.at = start.Add(row.after)
		if err := b.Tick(context.Background()); err != nil {
			t.Fatal(err)
		}
		same(t, "minReplicas", b.least(), row.want)
	}
}

func TestWhatSomebodyElseSetStays(t *testing.T) {
	b := open(t, withAutoscaler(everything(t)), autoscaler(3, 12, 3))
	b.handle(firing("a", "scale"))
	if _, err := b.api.AutoscalingV2().HorizontalPodAutoscalers("shop").Update(context.Background(), autoscaler(7, 12, 7), metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	b.handle(resolved(firing("a", "scale")))
	same(t, "minReplicas", b.least(), 7)
}

func TestACooldownForTheService(t *testing.T) {
	b := open(t, withAutoscaler(everything(t)), autoscaler(3, 12, 3))
	alert := firing("a", "scale")
	b.handle(alert, resolved(alert))
	again := alert
	again.StartsAt = start.Add(time.Minute)
	b.at = start.Add(14 * time.Minute)
	b.handle(again)
	same(t, "minReplicas within the cooldown", b.least(), 3)
	again.StartsAt = start.Add(2 * time.Minute)
	b.at = start.Add(15 * time.Minute)
	b.handle(again)
	same(t, "minReplicas after it", b.least(), 5)
}

func TestKedaIsLeftAlone(t *testing.T) {
	hpa := autoscaler(3, 12, 3)
	hpa.OwnerReferences = []metav1.OwnerReference{{Kind: "ScaledObject", Name: "order"}}
	b := open(t, withAutoscaler(everything(t)), hpa)
	b.handle(firing("a", "scale"))
	same(t, "minReplicas", b.least(), 3)
	same(t, "reason", b.reasons()[0], "AlertScaleFailed")
}

func TestARefusedChangeIsNotRemembered(t *testing.T) {
	b := open(t, withAutoscaler(everything(t)), autoscaler(3, 12, 3))
	b.api.PrependReactor("patch", "horizontalpodautoscalers", func(k8stesting.Action) (bool, runtime.Object, error) {
		return true, nil, errors.New("forbidden")
	})
	b.handle(firing("a", "scale"))
	state, _, err := b.memory.read(context.Background())
	if err != nil || len(state.Scaled) != 0 {
		t.Fatalf("%v %v", state, err)
	}
	same(t, "reason", b.reasons()[0], "AlertScaleFailed")
}

func TestWithoutAutoscalerTheWorkloadItselfIsScaled(t *testing.T) {
	b := open(t, everything(t), deployment(2))
	count := func() int32 {
		asked, _, _, err := b.count(context.Background(), "Deployment", "order")
		if err != nil {
			t.Fatal(err)
		}
		return asked
	}
	b.handle(firing("a", "scale"))
	same(t, "replicas", count(), 4)
	b.handle(resolved(firing("a", "scale")))
	same(t, "replicas afterwards", count(), 2)
}

func TestADryRunAsksAndChangesNothing(t *testing.T) {
	config := withAutoscaler(everything(t))
	config.DryRun = true
	b := open(t, config, autoscaler(3, 12, 3))
	b.handle(firing("a", "scale"))
	asked := 0
	for _, action := range b.api.Actions() {
		if patch, is := action.(k8stesting.PatchActionImpl); is {
			same(t, "dry run", patch.PatchOptions.DryRun[0], metav1.DryRunAll)
			asked++
		}
	}
	same(t, "patches", asked, 1)
	state, _, err := b.memory.read(context.Background())
	if err != nil || len(state.Scaled) != 0 {
		t.Fatalf("%v %v", state, err)
	}
}

func TestWhatCouldNotBePutBackIsTriedAgain(t *testing.T) {
	b := open(t, withAutoscaler(everything(t)), autoscaler(3, 12, 3))
	b.handle(firing("a", "scale"))
	away := true
	b.api.PrependReactor("patch", "horizontalpodautoscalers", func(k8stesting.Action) (bool, runtime.Object, error) {
		return away, nil, errors.New("no answer")
	})
	b.handle(resolved(firing("a", "scale")))
	same(t, "minReplicas", b.least(), 5)
	for _, row := range []struct {
		away bool
		want int32
	}{{true, 5}, {false, 3}} {
		away = row.away
		if err := b.Tick(context.Background()); err != nil {
			t.Fatal(err)
		}
		same(t, "minReplicas", b.least(), row.want)
	}
}

func TestAConflictIsNoFailure(t *testing.T) {
	b := open(t, everything(t), deployment(2))
	conflicts := 2
	b.Responder.dynamic.(*dynamicfake.FakeDynamicClient).PrependReactor("update", "deployments", func(k8stesting.Action) (bool, runtime.Object, error) {
		conflicts--
		return conflicts >= 0, nil, apierrors.NewConflict(schema.GroupResource{Resource: "deployments"}, "order", errors.New("modified"))
	})
	b.handle(firing("a", "scale"))
	same(t, "reason", b.reasons()[0], "AlertScale")
}

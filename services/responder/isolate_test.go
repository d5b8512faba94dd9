package main

import (
	"context"
	"errors"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	k8stesting "k8s.io/client-go/testing"
)

func (b *bench) pod(name string) *corev1.Pod {
	b.t.Helper()
	one, err := b.api.CoreV1().Pods("shop").Get(context.Background(), name, metav1.GetOptions{})
	if err != nil {
		b.t.Fatal(err)
	}
	return one
}

func TestOnePodIsTakenOut(t *testing.T) {
	config := everything(t)
	target := config.Services["order"]
	target.DisruptionBudget = "order"
	config.Services["order"] = target
	b := open(t, config, pod("order-1", true), pod("order-2", true), pod("order-3", true), pod("order-4", true), budget(1))
	b.handle(of(firing("a", "isolate"), "order-1"), of(firing("b", "isolate"), "order-2"))
	taken := b.pod("order-1")
	same(t, "selector", taken.Labels["app"], "")
	same(t, "label", taken.Labels["fairlead.dev/isolated"], "order")
	// It was an hour old, and lives four more.
	same(t, "deadline", *taken.Spec.ActiveDeadlineSeconds, int64(5*time.Hour/time.Second))
	same(t, "a second one within the cooldown", b.pod("order-2").Labels["app"], "order")
}

func TestPodsThatStay(t *testing.T) {
	three := []runtime.Object{pod("order-1", true), pod("order-2", true), pod("order-3", true)}
	for name, row := range map[string]struct {
		objects []runtime.Object
		pod     string
	}{
		"where one other is ready":        {append(three[:2:2], pod("order-3", false), budget(1)), "order-1"},
		"where the budget allows none":    {append(three[:3:3], budget(0)), "order-1"},
		"where there is no such budget":   {three, "order-1"},
		"where the alert names none":      {append(three[:3:3], budget(1)), ""},
		"where the alert names another's": {append(three[:3:3], budget(1)), "user-1"},
	} {
		t.Run(name, func(t *testing.T) {
			config := everything(t)
			target := config.Services["order"]
			target.DisruptionBudget = "order"
			config.Services["order"] = target
			b := open(t, config, row.objects...)
			b.handle(of(firing("a", "isolate"), row.pod))
			for _, one := range []string{"order-1", "order-2", "order-3"} {
				same(t, one, b.pod(one).Labels["app"], "order")
			}
		})
	}
}

func TestAPodThatIsNotReadyNeedsNoBudget(t *testing.T) {
	config := everything(t)
	target := config.Services["order"]
	target.DisruptionBudget = "order"
	config.Services["order"] = target
	b := open(t, config, pod("order-1", false), pod("order-2", true), pod("order-3", true), budget(0))
	b.handle(of(firing("a", "isolate"), "order-1"))
	same(t, "label", b.pod("order-1").Labels["fairlead.dev/isolated"], "order")
}

func TestAPodThatChangedIsJudgedAgain(t *testing.T) {
	b := open(t, everything(t), pod("order-1", true), pod("order-2", true), pod("order-3", true))
	conflicts := 1
	b.api.PrependReactor("patch", "pods", func(k8stesting.Action) (bool, runtime.Object, error) {
		conflicts--
		return conflicts >= 0, nil, apierrors.NewConflict(schema.GroupResource{Resource: "pods"}, "order-1", errors.New("modified"))
	})
	b.handle(of(firing("a", "isolate"), "order-1"))
	same(t, "label", b.pod("order-1").Labels["fairlead.dev/isolated"], "order")
}

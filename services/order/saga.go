package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fairlead.dev/services/internal/kit"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc/status"
)

// step is one thing done for an order. Both ways may be gone any number of times for the same order.
type step struct {
	name string
	do   func(context.Context, *Order) error
	// undo also sees to it that a `do` which is still on its way comes to nothing. Absent where there is no way back.
	undo func(context.Context, *Order) error
}

// saga takes orders through its steps, or back. Where an order is stands in the store after each step.
// A step that is refused, or fails too often, is undone with all before it. Undoing is not given up: after many
// tries the order is put aside for somebody to look at.
type saga struct {
	config interface{ Get() Config }
	store  store
	steps  []step
	queue  queue
	resume func(ctx context.Context, requestID string, span trace.Span) context.Context
}

// saving is how long the store may take, also for a request that nobody waits for any more.
const saving = 5 * time.Second

// lease is how long an order belongs to whoever works on it.
func (s *saga) lease() time.Duration { return s.config.Get().Timeout + 2*saving }

// advance takes an order as far as it goes now. It was claimed by the caller, and is free afterwards.
func (s *saga) advance(ctx context.Context, order *Order) error {
	working, done := context.WithTimeout(context.WithoutCancel(ctx), s.config.Get().Timeout)
	defer done()
	for !order.final() {
		wait, err := s.once(working, order)
		if err := s.save(ctx, order, wait); err != nil {
			return err
		}
		if order.dead {
			return s.queue.dead(ctx, order.ID, err)
		}
		if wait > 0 {
			kit.Log(ctx).Warn().Err(err).Str("order", order.ID).Str("state", order.State).Int("attempts", order.attempts).Dur("again_ms", wait).Msg("a step failed")
			return s.queue.later(ctx, order.ID, wait)
		}
	}
	kit.Log(ctx).Info().Str("order", order.ID).Str("state", order.State).Str("reason", order.Reason).Msg("order " + order.State)
	return nil
}

// once goes one step on or back, and says how long to wait before the next try if it failed.
func (s *saga) once(ctx context.Context, order *Order) (time.Duration, error) {
	if order.State == cancelling {
		err := s.steps[order.done-1].undo(ctx, order)
		if err != nil {
			return s.failed(order, err)
		}
		order.done--
		order.attempts = 0
		if order.done == 0 {
			order.State = cancelled
		}
		return 0, nil
	}
	step := s.steps[order.done]
	err := step.do(ctx, order)
	switch {
	case err == nil:
		order.done++
		order.attempts = 0
		if order.done == len(s.steps) {
			order.State = completed
		}
		return 0, nil
	case step.undo != nil && kit.Refused(err):
		s.cancel(order, status.Convert(err).Message())
		return 0, nil
	default:
		return s.failed(order, err)
	}
}

// cancel turns round. The step under way may have been done although its answer was lost, so it is undone too.
func (s *saga) cancel(order *Order, why string) {
	order.Reason = fmt.Sprintf("%s: %s", s.steps[order.done].name, why)
	order.State, order.attempts = cancelling, 0
	order.done++
}

// failed counts a try, and says when the next one is.
func (s *saga) failed(order *Order, err error) (time.Duration, error) {
	config := s.config.Get().Saga
	order.attempts++
	back := order.State == cancelling
	if !back && s.steps[order.done].undo != nil {
		if order.attempts > config.Retries {
			s.cancel(order, fmt.Sprintf("failed %d times, at last with %s", order.attempts, status.Convert(err).Message()))
			return 0, err
		}
	} else if order.attempts > config.Patience {
		order.dead = true
	}
	// Doubled no more than what does not overflow; the longest wait is far below.
	return min(config.Backoff<<min(order.attempts-1, 20), config.Longest), err
}

func (s *saga) save(ctx context.Context, order *Order, wait time.Duration) error {
	saved, done := context.WithTimeout(context.WithoutCancel(ctx), saving)
	defer done()
	hold := s.lease()
	if order.final() || wait > 0 {
		hold = 0
	}
	return s.store.save(saved, order, hold, wait)
}

// again goes on with an order whose turn has come. Somebody else's, a finished and a dead one are left alone.
func (s *saga) again(ctx context.Context, id string) error {
	order, err := s.store.claim(ctx, id, s.lease())
	if err != nil || order == nil {
		return err
	}
	parent := otel.GetTextMapPropagator().Extract(ctx, propagation.MapCarrier{"traceparent": order.trace})
	parent, span := otel.Tracer("fairlead.dev/services/order").Start(parent, "saga", trace.WithSpanKind(trace.SpanKindConsumer),
		trace.WithAttributes(attribute.String("order.id", id)))
	defer span.End()
	return s.advance(s.resume(parent, order.requestID, span), order)
}

// sweep looks for orders whose turn has come and whom nobody called: their pod or the broker was gone.
func (s *saga) sweep(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(s.config.Get().Saga.Sweep):
		}
		ids, err := s.store.overdue(ctx, s.config.Get().Saga.Sweep, 100)
		if err != nil {
			kit.Log(ctx).Warn().Err(err).Msg("looking for forgotten orders")
		}
		for _, id := range ids {
			if err := s.again(ctx, id); err != nil && !errors.Is(err, errOvertaken) {
				kit.Log(ctx).Warn().Err(err).Str("order", id).Msg("a forgotten order")
			}
		}
	}
}

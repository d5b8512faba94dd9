package main

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

type fixed Config

func (f fixed) Get() Config { return Config(f) }

func settings(retries, patience int) fixed {
	return fixed{Timeout: time.Minute, RequestsPerSecond: 1, Saga: SagaConfig{Retries: retries, Patience: patience, Backoff: time.Millisecond, Longest: time.Second, Sweep: time.Second}}
}

// list is a queue that is worked through by hand.
type list struct{ due, buried []string }

func (l *list) later(_ context.Context, id string, _ time.Duration) error {
	l.due = append(l.due, id)
	return nil
}
func (l *list) dead(_ context.Context, id string, _ error) error {
	l.buried = append(l.buried, id)
	return nil
}
func (l *list) run(context.Context, func(context.Context, string) error) error { return nil }

// partner keeps one thing for each order as the services do: once, and never after it was barred.
type partner struct {
	name         string
	states       map[string]string
	done, undone int
	failing      func(back bool) outcome
}

type outcome int

const (
	works outcome = iota
	refuses
	fails
	losesAnswer
)

var errAway = status.Error(codes.Unavailable, "away")

func (p *partner) do(_ context.Context, order *Order) error {
	what := p.failing(false)
	switch {
	case what == refuses || p.states[order.ID] == "barred":
		return status.Error(codes.FailedPrecondition, "no")
	case what == fails:
		return errAway
	case p.states[order.ID] == "":
		p.states[order.ID] = "done"
		p.done++
	}
	if what == losesAnswer {
		return errAway
	}
	return nil
}

func (p *partner) undo(_ context.Context, order *Order) error {
	what := p.failing(true)
	if what == fails {
		return errAway
	}
	if p.states[order.ID] == "done" {
		p.undone++
	}
	p.states[order.ID] = "barred"
	if what == losesAnswer {
		return errAway
	}
	return nil
}

func always(what outcome) func(bool) outcome { return func(bool) outcome { return what } }

// forth is what happens on the way there only.
func forth(what outcome) func(bool) outcome {
	return func(back bool) outcome {
		if back {
			return works
		}
		return what
	}
}

// first happens so many times.
func first(times int, what outcome) func(bool) outcome {
	return func(bool) outcome {
		times--
		if times >= 0 {
			return what
		}
		return works
	}
}

func sagaOf(config fixed, faulty map[string]func(bool) outcome) (*saga, *list, []*partner) {
	queue := &list{}
	s := &saga{config: config, store: newMemory(), queue: queue,
		resume: func(ctx context.Context, _ string, _ trace.Span) context.Context { return ctx }}
	var partners []*partner
	for _, name := range []string{"reserve", "pay", "ship", "sell"} {
		one := &partner{name: name, states: map[string]string{}, failing: always(works)}
		if faulty[name] != nil {
			one.failing = faulty[name]
		}
		step := step{name: name, do: one.do, undo: one.undo}
		if name == "sell" {
			step.undo = nil
		}
		s.steps = append(s.steps, step)
		partners = append(partners, one)
	}
	return s, queue, partners
}

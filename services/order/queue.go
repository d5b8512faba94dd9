package main

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"fairlead.dev/services/internal/kit"
)

// queue calls orders back when their turn has come. It may forget: the store knows whose turn it is, and the sweep finds it.
type queue interface {
	later(ctx context.Context, id string, wait time.Duration) error
	// dead puts an order aside for somebody to look at.
	dead(ctx context.Context, id string, why error) error
	// run calls orders until the context ends, and returns when those that it called are through.
	run(ctx context.Context, handle func(context.Context, string) error) error
}

// newQueue is RabbitMQ where BROKER_URL names one, else the process's own.
func newQueue(app *kit.App) queue {
	if strings.HasPrefix(app.Settings.BrokerURL, "memory:") {
		app.Log.Warn().Str("broker", "memory").Msg("retries are called by this process, and after it by the sweep of another")
		return newTimers()
	}
	app.Log.Info().Str("broker", "rabbitmq").Msg("retries are called by a broker")
	return newBroker(app.Settings.BrokerURL)
}

// timers call back within the process.
type timers struct {
	due chan string
}

// timersWaiting are callbacks whose turn has come and for whom nobody has time; more are left to the sweep.
const timersWaiting = 1024

// workers go on with orders at once, beside requests.
const workers = 8

func newTimers() *timers { return &timers{due: make(chan string, timersWaiting)} }

func (t *timers) later(_ context.Context, id string, wait time.Duration) error {
	time.AfterFunc(wait, func() {
		select {
		case t.due <- id:
		default:
		}
	})
	return nil
}

func (t *timers) dead(ctx context.Context, id string, why error) error {
	kit.Log(ctx).Error().Err(why).Str("order", id).Msg("the order is dead: POST /dead/" + id + " tries again")
	return nil
}

func (t *timers) run(ctx context.Context, handle func(context.Context, string) error) error {
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case id := <-t.due:
					// What was begun is finished although the end was called for.
					if err := handle(context.WithoutCancel(ctx), id); err != nil && !errors.Is(err, errOvertaken) {
						kit.Log(ctx).Warn().Err(err).Str("order", id).Msg("left to the sweep")
					}
				}
			}
		})
	}
	all.Wait()
	return nil
}

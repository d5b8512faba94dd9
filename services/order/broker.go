package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"fairlead.dev/services/internal/kit"
	amqp "github.com/rabbitmq/amqp091-go"
)

// Orders wait in a queue for each length of waiting, whose messages move to the queue of work when their time is over.
// What cannot be worked on, and what somebody has to look at, ends in the queue of the dead.
// https://www.rabbitmq.com/docs/dlx
const (
	workQueue = "order.work"
	deadQueue = "order.dead"
	waitQueue = "order.wait"
	// An unused queue of waiting goes by itself, so that another backoff leaves nothing behind.
	unusedFor = 10 * time.Minute
)

// broker calls back through RabbitMQ, to whichever pod has time.
type broker struct {
	url  string
	lock sync.Mutex
	// channel to publish on; nil while there is no connection.
	channel *amqp.Channel
}

func newBroker(url string) *broker { return &broker{url: url} }

var errNoBroker = errors.New("no connection to the broker")

func (b *broker) publish(ctx context.Context, queue string, arguments amqp.Table, id string, why error) error {
	b.lock.Lock()
	defer b.lock.Unlock()
	if b.channel == nil {
		return errNoBroker
	}
	if _, err := b.channel.QueueDeclare(queue, true, false, false, false, arguments); err != nil {
		return err
	}
	message := amqp.Publishing{DeliveryMode: amqp.Persistent, ContentType: "text/plain", Body: []byte(id), MessageId: id,
		Headers: amqp.Table{"x-request-id": kit.RequestID(ctx)}}
	if why != nil {
		message.Headers["x-reason"] = why.Error()
	}
	confirmed, err := b.channel.PublishWithDeferredConfirmWithContext(ctx, "", queue, true, false, message)
	if err != nil {
		return err
	}
	waiting, done := context.WithTimeout(context.WithoutCancel(ctx), saving)
	defer done()
	if kept, err := confirmed.WaitContext(waiting); err != nil || !kept {
		return errors.Join(errors.New("the broker did not keep a message"), err)
	}
	return nil
}

func (b *broker) later(ctx context.Context, id string, wait time.Duration) error {
	name := fmt.Sprintf("%s.%d", waitQueue, wait.Milliseconds())
	return b.publish(ctx, name, amqp.Table{
		"x-message-ttl": wait.Milliseconds(), "x-expires": (wait + unusedFor).Milliseconds(),
		"x-dead-letter-exchange": "", "x-dead-letter-routing-key": workQueue,
	}, id, nil)
}

func (b *broker) dead(ctx context.Context, id string, why error) error {
	kit.Log(ctx).Error().Err(why).Str("order", id).Msg("the order is dead: POST /dead/" + id + " tries again")
	return b.publish(ctx, deadQueue, nil, id, why)
}

func (b *broker) run(ctx context.Context, handle func(context.Context, string) error) error {
	for wait := 200 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		began := time.Now()
		err := b.consume(ctx, handle)
		if ctx.Err() != nil {
			return nil
		}
		kit.Log(ctx).Warn().Err(err).Msg("the broker is gone; orders are left to the sweep until it is back")
		if time.Since(began) > time.Minute {
			wait = 200 * time.Millisecond
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
	}
}

// consume works through one connection until it or the context ends.
func (b *broker) consume(ctx context.Context, handle func(context.Context, string) error) error {
	conn, err := amqp.DialConfig(b.url, amqp.Config{Heartbeat: 5 * time.Second, Dial: amqp.DefaultDial(5 * time.Second)})
	if err != nil {
		// The library's error may hold the URL, and with it the password.
		return errors.New("the broker does not answer")
	}
	defer conn.Close()
	incoming, err := conn.Channel()
	if err != nil {
		return err
	}
	outgoing, err := conn.Channel()
	if err != nil {
		return err
	}
	_, dead := incoming.QueueDeclare(deadQueue, true, false, false, false, nil)
	_, work := incoming.QueueDeclare(workQueue, true, false, false, false,
		amqp.Table{"x-dead-letter-exchange": "", "x-dead-letter-routing-key": deadQueue})
	if err := errors.Join(dead, work, incoming.Qos(workers, 0, false), outgoing.Confirm(false)); err != nil {
		return err
	}
	deliveries, err := incoming.ConsumeWithContext(ctx, workQueue, "", false, false, false, false, nil)
	if err != nil {
		return err
	}
	b.use(outgoing)
	defer b.use(nil)
	kit.Log(ctx).Info().Msg("the broker is there")
	lost := outgoing.NotifyClose(make(chan *amqp.Error, 1))
	var all sync.WaitGroup
	defer all.Wait()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-lost:
			return fmt.Errorf("the channel was closed: %w", err)
		case delivery, open := <-deliveries:
			if !open {
				return errors.New("the connection was closed")
			}
			all.Go(func() { b.work(context.WithoutCancel(ctx), delivery, handle) })
		}
	}
}

func (b *broker) use(channel *amqp.Channel) {
	b.lock.Lock()
	defer b.lock.Unlock()
	b.channel = channel
}

// work goes on with one order. Whatever failed stands in the store, so the message has done its duty.
func (b *broker) work(ctx context.Context, delivery amqp.Delivery, handle func(context.Context, string) error) {
	id := string(delivery.Body)
	if !plainID.MatchString(id) {
		kit.Log(ctx).Error().Msg("a message that names no order is put aside")
		_ = delivery.Nack(false, false)
		return
	}
	if err := handle(ctx, id); err != nil && !errors.Is(err, errOvertaken) {
		kit.Log(ctx).Warn().Err(err).Str("order", id).Msg("left to the sweep")
	}
	_ = delivery.Ack(false)
}

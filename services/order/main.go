// Orders: from the cart to the door, or back.
package main

import (
	"context"
	"errors"
	"time"

	inventoryv1 "fairlead.dev/services/api/shop/inventory/v1"
	orderv1 "fairlead.dev/services/api/shop/order/v1"
	paymentv1 "fairlead.dev/services/api/shop/payment/v1"
	shipmentv1 "fairlead.dev/services/api/shop/shipment/v1"
	userv1 "fairlead.dev/services/api/shop/user/v1"
	"fairlead.dev/services/internal/kit"
	"golang.org/x/time/rate"
	"google.golang.org/grpc"
)

// Config of the service: order.yaml and, reloaded while running, limits.yaml.
type Config struct {
	// Timeout of what is done for an order at one go; what is left is tried again later.
	Timeout time.Duration `koanf:"timeout"`
	// RequestsPerSecond are orders that one pod takes; more are told to come again.
	RequestsPerSecond int        `koanf:"requestsPerSecond"`
	Saga              SagaConfig `koanf:"saga"`
}

// SagaConfig says how often a step is tried.
type SagaConfig struct {
	// Retries of a step before everything is given back.
	Retries int `koanf:"retries"`
	// Patience is how often giving back is tried, and what must follow a shipment, before somebody has to look.
	Patience int `koanf:"patience"`
	// Backoff before the first retry; it doubles up to Longest.
	Backoff time.Duration `koanf:"backoff"`
	Longest time.Duration `koanf:"longest"`
	// Sweep is how often orders are looked for that nobody cares for any more.
	Sweep time.Duration `koanf:"sweep"`
}

const defaults = `
timeout: 3s
requestsPerSecond: 200
saga:
  retries: 3
  patience: 30
  backoff: 200ms
  longest: 10s
  sweep: 5s
`

// Check finds what is wrong.
func (c Config) Check() error {
	if c.Timeout <= 0 || c.RequestsPerSecond < 1 || c.Saga.Retries < 0 || c.Saga.Patience < 1 || c.Saga.Backoff < time.Millisecond ||
		c.Saga.Longest < c.Saga.Backoff || c.Saga.Sweep <= 0 {
		return errors.New("timeout, requestsPerSecond, saga.patience, saga.backoff and saga.sweep are above 0, saga.retries is not below 0, and saga.longest is not below saga.backoff")
	}
	return nil
}

func main() { kit.Main("order", build) }

func build(app *kit.App) error {
	config, err := kit.Configure[Config](app, defaults)
	if err != nil {
		return err
	}
	store, err := kit.Store[store](app, schema, newMemory(), func(pool *kit.Database) store { return database{pool} })
	if err != nil {
		return err
	}
	conns, err := dial(app, "user", "inventory", "payment", "shipment")
	if err != nil {
		return err
	}
	partners := partners{
		users:     userv1.NewUsersClient(conns["user"]),
		stock:     inventoryv1.NewStockClient(conns["inventory"]),
		payments:  paymentv1.NewPaymentsClient(conns["payment"]),
		shipments: shipmentv1.NewShipmentsClient(conns["shipment"]),
	}
	saga := &saga{config: config, store: store, steps: partners.steps(), resume: app.Resume, queue: newQueue(app)}
	most := config.Get().RequestsPerSecond
	limiter := rate.NewLimiter(rate.Limit(most), most)
	orders := &orders{config: config, store: store, saga: saga, partners: partners, limiter: limiter}
	app.Work(func(ctx context.Context) error { return saga.queue.run(ctx, saga.again) })
	app.Work(saga.sweep)
	orderv1.RegisterOrdersServer(app.GRPC, orders)
	app.HTTP.HandleFunc("POST /orders", orders.post)
	app.HTTP.HandleFunc("GET /orders/{id}", orders.get)
	app.HTTP.HandleFunc("GET /books", orders.books)
	app.HTTP.HandleFunc("GET /dead", orders.listDead)
	app.HTTP.HandleFunc("POST /dead/{id}", orders.revive)
	return nil
}

func dial(app *kit.App, names ...string) (map[string]*grpc.ClientConn, error) {
	conns := map[string]*grpc.ClientConn{}
	for _, name := range names {
		conn, err := app.Dial(name)
		if err != nil {
			return nil, err
		}
		conns[name] = conn
	}
	return conns, nil
}

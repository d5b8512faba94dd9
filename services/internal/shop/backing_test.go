//go:build proof

package shop

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// backed is a shop whose services keep their things in a database and whose orders are called by a broker.
func backed(t *testing.T) (all *shop, database, broker *server, brokerURL string) {
	t.Helper()
	database, url := postgres(t)
	broker, brokerURL = rabbit(t)
	all = &shop{services: map[string]*service{}}
	for _, name := range names {
		s := newService(t, name, "127.0.0.1", "DATABASE_URL="+url(name))
		all.services[name] = s
		if name == "order" {
			s.variables = append(s.variables, all.orderVariables(brokerURL)...)
		}
		s.begin(t)
	}
	return all, database, broker, brokerURL
}

func (s *shop) orderVariables(broker string) []string {
	variables := []string{"BROKER_URL=" + broker, "ORDER_SAGA_BACKOFF=50ms", "ORDER_SAGA_LONGEST=2s", "ORDER_SAGA_SWEEP=1s", "ORDER_TIMEOUT=2s", "ORDER_REQUESTS_PER_SECOND=100000", "ORDER_SAGA_PATIENCE=1000"}
	for _, other := range names[:4] {
		variables = append(variables, strings.ToUpper(other)+"_GRPC_TARGET="+s.services[other].target())
	}
	return variables
}

func (s *shop) settled(t *testing.T) books {
	t.Helper()
	eventually(t, "all orders end", func() bool {
		status, text, _ := send(t, "GET", s.services["order"].url("/books"), nil)
		return status != http.StatusServiceUnavailable && strings.Contains(string(text), `"settled":true`)
	}, s.services["order"].logs)
	return s.balance(t)
}

func TestWithDatabaseAndBroker(t *testing.T) {
	shop, _, _, _ := backed(t)
	if status, placed := shop.place(t, "first"); status != http.StatusCreated {
		t.Fatal(status, placed)
	}
	if status, _ := shop.place(t, "first"); status != http.StatusOK {
		t.Fatal(status)
	}
	many := map[string]any{"userId": "ada", "lines": []line{{"anchor", 1_000_000}, {"anchor", 1}}}
	if status, text, _ := send(t, "POST", shop.services["order"].url("/orders"), many); status != http.StatusConflict {
		t.Fatal(status, string(text))
	}
	for name, fault := range map[string]map[string]any{
		"payment": {"lost": 1, "of": "TakePayment"}, "shipment": {"errors": 1, "of": "CreateShipment"}, "inventory": {"lost": 1, "of": "ReserveStock"},
	} {
		shop.fault(t, name, fault)
		if status, placed := shop.place(t, name); status != http.StatusAccepted {
			t.Fatal(status, placed)
		}
		eventually(t, name+" is cancelled", func() bool { return shop.find(t, name).State == "cancelled" }, shop.services["order"].logs)
		shop.fault(t, name, map[string]any{})
	}
	read := shop.settled(t)
	if read.Orders.Completed != 1 || read.Orders.Cancelled != 4 || read.Payments.Taken != 1 || read.Payments.Refunded != 2 {
		t.Fatalf("%+v", read)
	}
	for _, name := range names {
		_, text, _ := send(t, "GET", shop.services[name].url("/metrics"), nil)
		for _, one := range strings.Split(string(text), "\n") {
			if strings.HasPrefix(one, "process_resident_memory_bytes ") {
				t.Log(name, one)
			}
		}
	}
}

func TestADeadOrderLiesInTheQueueOfTheDead(t *testing.T) {
	shop, _, _, url := backed(t)
	orders := shop.services["order"]
	orders.kill()
	orders.variables = append(orders.variables, "ORDER_SAGA_PATIENCE=2")
	orders.begin(t)
	shop.fault(t, "payment", map[string]any{"errors": 1})
	shop.place(t, "poor")
	conn, err := amqp.Dial(url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	channel, err := conn.Channel()
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is put aside", func() bool {
		message, found, err := channel.Get("order.dead", true)
		return err == nil && found && string(message.Body) == "poor" && message.Headers["x-reason"] != nil
	}, orders.logs)
	// A message that names no order goes the same way.
	if err := channel.PublishWithContext(t.Context(), "", "order.work", false, false, amqp.Publishing{Body: []byte("{poison}")}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "poison is put aside", func() bool {
		message, found, err := channel.Get("order.dead", true)
		return err == nil && found && string(message.Body) == "{poison}"
	}, orders.logs)
	shop.fault(t, "payment", map[string]any{})
	_, text, _ := send(t, "GET", orders.url("/dead"), nil)
	if !strings.Contains(string(text), `"id":"poor"`) {
		t.Fatal(string(text))
	}
	if status, text, _ := send(t, "POST", orders.url("/dead/poor"), nil); status != http.StatusOK || !strings.Contains(string(text), "cancelled") {
		t.Fatal(status, string(text))
	}
	shop.settled(t)
}

func TestBooksBalanceWhateverIsKilled(t *testing.T) {
	shop, database, broker, url := backed(t)
	// A second pod of order, so that one is there while the other is killed.
	second := newService(t, "order", "127.0.0.1", shop.services["order"].variables...)
	second.begin(t)
	pods := []*service{shop.services["order"], second}
	var asked sync.Map
	var count, answered int
	var lock sync.Mutex
	rest := make(chan struct{})
	var all sync.WaitGroup
	for worker := range 6 {
		all.Go(func() {
			client := &http.Client{Timeout: 20 * time.Second}
			for number := 0; ; number++ {
				select {
				case <-rest:
					return
				default:
				}
				id := fmt.Sprintf("order-%d-%d", worker, number)
				body := `{"id":"` + id + `","userId":"ada","lines":[{"sku":"rope","quantity":1},{"sku":"compass","quantity":2}]}`
				// Whoever gets no answer asks again for the same order, as a customer does.
				for try := 0; try < 200; try++ {
					request, _ := http.NewRequestWithContext(context.Background(), "POST", pods[(worker+try)%2].url("/orders"), strings.NewReader(body))
					answer, err := client.Do(request)
					status := 0
					if err == nil {
						_, _ = io.Copy(io.Discard, answer.Body)
						answer.Body.Close()
						status = answer.StatusCode
					}
					lock.Lock()
					count++
					lock.Unlock()
					if status == http.StatusCreated || status == http.StatusOK || status == http.StatusAccepted || status == http.StatusConflict {
						asked.Store(id, true)
						lock.Lock()
						answered++
						lock.Unlock()
						break
					}
					time.Sleep(100 * time.Millisecond)
				}
			}
		})
	}
	victims := []*service{shop.services["payment"], shop.services["inventory"], shop.services["shipment"], shop.services["user"], pods[0], pods[1]}
	for round := range 18 {
		time.Sleep(time.Duration(300+rand.IntN(400)) * time.Millisecond)
		switch round {
		case 6:
			database.end()
			time.Sleep(3 * time.Second)
			database.begin(t)
		case 12:
			broker.end()
			time.Sleep(3 * time.Second)
			broker.begin(t)
		default:
			victim := victims[round%len(victims)]
			victim.kill()
			time.Sleep(300 * time.Millisecond)
			victim.begin(t)
		}
	}
	close(rest)
	all.Wait()
	read := shop.settled(t)
	t.Logf("%d requests, %d orders answered, %+v, broker %s", count, answered, read, url)
	asked.Range(func(id, _ any) bool {
		if state := shop.find(t, id.(string)).State; state != "completed" && state != "cancelled" {
			t.Errorf("%s is %s", id, state)
		}
		return true
	})
	if read.Orders.Completed == 0 {
		t.Fatal("no order was completed")
	}
}

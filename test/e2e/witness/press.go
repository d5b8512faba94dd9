package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	inventoryv1 "fairlead.dev/services/api/shop/inventory/v1"
	orderv1 "fairlead.dev/services/api/shop/order/v1"
	paymentv1 "fairlead.dev/services/api/shop/payment/v1"
	shipmentv1 "fairlead.dev/services/api/shop/shipment/v1"
	userv1 "fairlead.dev/services/api/shop/user/v1"
	"fairlead.dev/services/rpc"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// target is what one part of a load asks, how and how often.
type target struct {
	Name string `json:"name"`
	// URL of HTTP; or an address of gRPC with a message by its method.
	URL    string `json:"url"`
	Body   string `json:"body"`
	Target string `json:"target"`
	Method string `json:"method"`
	// Fresh takes a new connection for each request.
	Fresh   bool    `json:"fresh"`
	Workers int     `json:"workers"`
	Rate    float64 `json:"rate"`
}

// heard is what came of it. Times are in milliseconds.
type heard struct {
	Answers map[string]int `json:"answers"`
	P50     float64        `json:"p50"`
	P99     float64        `json:"p99"`
	Max     float64        `json:"max"`
}

// The message that each method is asked with: what there is in a service that has just begun.
var messages = map[string][2]func() proto.Message{
	"shop.user.v1.Users/GetUser":          {of(&userv1.GetUserRequest{Id: "ada"}), of(&userv1.GetUserResponse{})},
	"shop.inventory.v1.Stock/GetItem":     {of(&inventoryv1.GetItemRequest{Sku: "rope"}), of(&inventoryv1.GetItemResponse{})},
	"shop.payment.v1.Payments/GetBooks":   {of(&paymentv1.GetBooksRequest{}), of(&paymentv1.GetBooksResponse{})},
	"shop.shipment.v1.Shipments/GetBooks": {of(&shipmentv1.GetBooksRequest{}), of(&shipmentv1.GetBooksResponse{})},
	"shop.order.v1.Orders/GetOrder":       {of(&orderv1.GetOrderRequest{Id: "none"}), of(&orderv1.GetOrderResponse{})},
}

func of(message proto.Message) func() proto.Message {
	return func() proto.Message { return proto.Clone(message) }
}

// press asks all targets until it is told to end, by `witness end`, and writes what came of each.
func press(text string) error {
	var targets []target
	if err := json.Unmarshal([]byte(text), &targets); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	results := make([]*tally, len(targets))
	var all sync.WaitGroup
	for index, one := range targets {
		ask, err := asker(one)
		if err != nil {
			return err
		}
		results[index] = newTally()
		// Requests come at their rate; one that waits for an answer is followed by the next as soon as that is there.
		pace := time.Duration(float64(one.Workers) / one.Rate * float64(time.Second))
		for worker := range one.Workers {
			all.Go(func() {
				next := time.Now().Add(pace * time.Duration(worker) / time.Duration(one.Workers))
				for ctx.Err() == nil {
					time.Sleep(time.Until(next))
					began := time.Now()
					results[index].add(ask(), time.Since(began))
					if next = next.Add(pace); next.Before(began) {
						next = began
					}
				}
			})
		}
	}
	all.Wait()
	said := map[string]heard{}
	for index, one := range targets {
		said[one.Name] = results[index].heard()
	}
	return json.NewEncoder(os.Stdout).Encode(said)
}

// endPress tells every press of this pod to end.
func endPress() error {
	processes, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		return err
	}
	told := 0
	for _, file := range processes {
		line, _ := os.ReadFile(file)
		if words := strings.Split(string(line), "\x00"); len(words) < 2 || words[1] != "press" {
			continue
		}
		pid, err := strconv.Atoi(strings.Split(file, "/")[2])
		if err != nil {
			return err
		}
		if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
			return err
		}
		told++
	}
	if told == 0 {
		return fmt.Errorf("no press is under way")
	}
	return nil
}

func asker(one target) (func() string, error) {
	if one.Method != "" {
		return caller(one)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableKeepAlives = one.Fresh
	transport.MaxIdleConnsPerHost = one.Workers
	client := &http.Client{Transport: transport, Timeout: 10 * time.Second}
	return func() string {
		method := http.MethodGet
		if one.Body != "" {
			method = http.MethodPost
		}
		// A body that could not be sent again, empty as it may be: else the library would ask again by itself after a
		// connection that was closed, and nobody would hear of it.
		body := io.NopCloser(bytes.NewBufferString(one.Body))
		request, err := http.NewRequest(method, one.URL, body)
		if err != nil {
			return err.Error()
		}
		if one.Body != "" {
			request.ContentLength = int64(len(one.Body))
			request.Header.Set("Content-Type", "application/json")
		}
		response, err := client.Do(request)
		if err != nil {
			return err.Error()
		}
		// A connection whose answer was not read is not used again.
		_, _ = io.Copy(io.Discard, response.Body)
		response.Body.Close()
		return strconv.Itoa(response.StatusCode)
	}, nil
}

// caller calls as the services do: every address of the name in turn, and a connection that is asked after.
func caller(one target) (func() string, error) {
	conn, err := rpc.Dial(one.Target, rpc.Settings{
		ServiceConfig: `{"loadBalancingConfig":[{"round_robin":{}}]}`, KeepaliveTime: 30 * time.Second, KeepaliveTimeout: 10 * time.Second,
	}, grpc.WithUserAgent("witness"))
	if err != nil {
		return nil, err
	}
	message, known := messages[one.Method]
	if !known {
		return nil, fmt.Errorf("no message of %s is known", one.Method)
	}
	return func() string {
		ctx, done := context.WithTimeout(context.Background(), 10*time.Second)
		defer done()
		err := conn.Invoke(ctx, "/"+one.Method, message[0](), message[1]())
		if about := status.Convert(err); err != nil && about.Message() != "" {
			return about.Code().String() + ": " + about.Message()
		}
		return status.Code(err).String()
	}, nil
}

// tally counts answers, and their times in steps of a hundredth.
type tally struct {
	lock    sync.Mutex
	answers map[string]int
	times   map[int]int
	count   int
	longest time.Duration
}

func newTally() *tally { return &tally{answers: map[string]int{}, times: map[int]int{}} }

const step = 1.01

func (t *tally) add(answer string, took time.Duration) {
	t.lock.Lock()
	defer t.lock.Unlock()
	t.answers[answer]++
	t.times[int(math.Ceil(math.Log(float64(took.Microseconds()+1))/math.Log(step)))]++
	t.count++
	t.longest = max(t.longest, took)
}

func (t *tally) heard() heard {
	return heard{Answers: t.answers, P50: t.within(0.5), P99: t.within(0.99), Max: float64(t.longest.Microseconds()) / 1000}
}

// within is the time in which that share of the answers came, at most a hundredth too long.
func (t *tally) within(share float64) float64 {
	left := int(math.Ceil(share * float64(t.count)))
	for at := 0; left > 0 && at < 4096; at++ {
		if left -= t.times[at]; left <= 0 {
			return math.Round(math.Pow(step, float64(at))) / 1000
		}
	}
	return 0
}

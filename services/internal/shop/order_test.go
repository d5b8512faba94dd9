package shop

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	orderv1 "fairlead.dev/services/api/shop/order/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
)

// most is what a service may take: in memory when nobody calls it, and as an image from scratch.
var most = struct {
	memory  float64
	program int64
}{25e6, 15e6}

const (
	trace  = "0af7651916cd43dd8448eb211c80319c"
	caller = "b7ad6b7169203331"
)

func TestAnOrderFlowsThroughFiveServices(t *testing.T) {
	spans := collect(t)
	shop := open(t, "OTEL_EXPORTER_OTLP_ENDPOINT="+spans.address)
	if status, text, _ := send(t, "POST", shop.services["user"].url("/users"), map[string]string{"id": "joan", "name": "Joan Clarke"}); status != http.StatusCreated {
		t.Fatal(status, string(text))
	}
	status, placed := shop.place(t, "first", "Traceparent", "00-"+trace+"-"+caller+"-01", "X-Request-Id", "request-1")
	if status != http.StatusCreated || placed.State != "completed" || placed.Cents != 2*890+4900 {
		t.Fatal(status, placed)
	}

	eventually(t, "one trace of five services", func() bool {
		whole, services := joined(spans.of(trace), caller)
		return whole && len(services) == 5
	}, shop.services["order"].logs)
	for _, name := range names {
		logs := shop.services[name].logs.String()
		found := false
		for _, one := range strings.Split(logs, "\n") {
			found = found || strings.Contains(one, `"request_id":"request-1"`) && strings.Contains(one, `"trace_id":"`+trace+`"`)
		}
		if !found || strings.Contains(logs, "marker-of-a-secret") {
			t.Errorf("%s does not log request and trace, or tells a secret:\n%s", name, logs)
		}
	}

	// The same order again is the same order; another of that name is none.
	if status, again := shop.place(t, "first"); status != http.StatusOK || again.State != "completed" {
		t.Fatal(status, again)
	}
	other := map[string]any{"id": "first", "userId": "ada", "lines": []line{{"rope", 1}}}
	if status, _, _ := send(t, "POST", shop.services["order"].url("/orders"), other); status != http.StatusConflict {
		t.Fatal(status)
	}
	for name, body := range map[string]map[string]any{
		"nobody":       {"userId": "nobody", "lines": []line{{"rope", 1}}},
		"no lines":     {"userId": "ada"},
		"half a piece": {"userId": "ada", "lines": []map[string]any{{"sku": "rope", "quantity": 0.5}}},
	} {
		if status, _, _ := send(t, "POST", shop.services["order"].url("/orders"), body); status != http.StatusBadRequest {
			t.Errorf("%s: %d", name, status)
		}
	}
	if read := shop.balance(t); read.Orders.Completed != 1 || read.Payments.Taken != 1 {
		t.Fatalf("%+v", read)
	}
	checkMetrics(t, shop)
}

// checkMetrics looks for what objectives, alerts and dashboards read, and at what a service needs when nobody calls it.
func checkMetrics(t *testing.T, shop *shop) {
	t.Helper()
	_, text, _ := send(t, "GET", shop.services["order"].url("/metrics"), nil)
	for _, line := range []string{
		`http_server_request_duration_seconds_count{http_request_method="POST",http_response_status_code="201",http_route="/orders",url_scheme="http"} 1`,
		`rpc_client_call_duration_seconds_count{rpc_method="shop.payment.v1.Payments/TakePayment",rpc_response_status_code="OK",rpc_system_name="grpc"} 1`,
	} {
		if !strings.Contains(string(text), line) {
			t.Errorf("no %s in\n%s", line, text)
		}
	}
	for _, name := range names {
		_, text, _ := send(t, "GET", shop.services[name].url("/metrics"), nil)
		if name != "order" && !strings.Contains(string(text), `rpc_server_call_duration_seconds_bucket{rpc_method="shop.`+name) {
			t.Errorf("%s does not measure calls", name)
		}
		if !strings.Contains(string(text), "\ngo_memory_limit_bytes 1.20795136e+08\n") {
			t.Errorf("%s does not keep to GOMEMLIMIT", name)
		}
		for _, one := range strings.Split(string(text), "\n") {
			amount, found := strings.CutPrefix(one, "process_resident_memory_bytes ")
			if bytes, err := strconv.ParseFloat(amount, 64); found && (err != nil || shipped && bytes > most.memory) {
				t.Errorf("%s takes %s bytes", name, amount)
			} else if found {
				t.Logf("%s: %.1f MiB resident", name, bytes/(1<<20))
			}
		}
		about, err := os.Stat(filepath.Join(binaries, name))
		if err != nil {
			t.Fatal(err)
		}
		if shipped && about.Size() > most.program {
			t.Errorf("the program %s has %d bytes", name, about.Size())
		}
		t.Logf("%s: program of %.2f MB", name, float64(about.Size())/1e6)
	}
}

func TestAnOrderByGRPC(t *testing.T) {
	spans := collect(t)
	shop := open(t, "OTEL_EXPORTER_OTLP_ENDPOINT="+spans.address)
	conn, err := grpc.NewClient(shop.services["order"].target(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ctx := metadata.AppendToOutgoingContext(context.Background(), "traceparent", "00-"+trace+"-"+caller+"-01")
	client := orderv1.NewOrdersClient(conn)
	answer, err := client.PlaceOrder(ctx, &orderv1.PlaceOrderRequest{UserId: "grace", Lines: []*orderv1.Line{{Sku: "compass", Quantity: 3}}})
	if err != nil || answer.GetOrder().GetState() != orderv1.OrderState_ORDER_STATE_COMPLETED {
		t.Fatal(answer, err)
	}
	found, err := client.GetOrder(ctx, &orderv1.GetOrderRequest{Id: answer.GetOrder().GetId()})
	if err != nil || found.GetOrder().GetTotalCents() != 3*1250 {
		t.Fatal(found, err)
	}
	eventually(t, "one trace of five services", func() bool {
		whole, services := joined(spans.of(trace), caller)
		return whole && len(services) == 5
	}, shop.services["order"].logs)
	shop.balance(t)
}

func TestWhatFailsIsGivenBack(t *testing.T) {
	shop := open(t)
	final := func(id, state string) {
		t.Helper()
		eventually(t, id+" is "+state, func() bool { return shop.find(t, id).State == state }, shop.services["order"].logs)
	}

	// More than is taken at once.
	dear := map[string]any{"id": "dear", "userId": "ada", "lines": []line{{"anchor", 1000}}}
	if status, text, _ := send(t, "POST", shop.services["order"].url("/orders"), dear); status != http.StatusConflict || !strings.Contains(string(text), "declined") {
		t.Fatal(status, string(text))
	}
	// More than there is.
	if status, text, _ := send(t, "POST", shop.services["order"].url("/orders"), map[string]any{"id": "many", "userId": "ada", "lines": []line{{"rope", 999_999}, {"anchor", 1_000_000}, {"anchor", 1}}}); status != http.StatusConflict || !strings.Contains(string(text), "too little") {
		t.Fatal(status, string(text))
	}

	for index, row := range []struct {
		service, of, what string
		ends              string
	}{
		{"payment", "TakePayment", "errors", "cancelled"},
		{"payment", "TakePayment", "lost", "cancelled"},
		{"shipment", "CreateShipment", "lost", "cancelled"},
		{"inventory", "ReserveStock", "lost", "cancelled"},
	} {
		id := fmt.Sprintf("faulty-%d", index)
		shop.fault(t, row.service, map[string]any{row.what: 1, "of": row.of})
		if status, placed := shop.place(t, id); status != http.StatusAccepted || placed.State != "pending" {
			t.Fatal(row, status, placed)
		}
		final(id, row.ends)
		shop.fault(t, row.service, map[string]any{})
	}

	// What may not be given back goes on until it succeeds.
	shop.fault(t, "inventory", map[string]any{"errors": 1, "of": "SellStock"})
	shop.place(t, "late")
	eventually(t, "it was tried often", func() bool {
		return strings.Count(shop.services["order"].logs.String(), "a step failed") > 8
	}, shop.services["order"].logs)
	shop.fault(t, "inventory", map[string]any{})
	final("late", "completed")

	// Half of everything goes wrong in either way.
	for _, name := range []string{"payment", "shipment", "inventory"} {
		shop.fault(t, name, map[string]any{"errors": 0.25, "lost": 0.25})
	}
	for index := range 40 {
		shop.place(t, fmt.Sprintf("mixed-%d", index))
	}
	for _, name := range []string{"payment", "shipment", "inventory"} {
		shop.fault(t, name, map[string]any{})
	}
	eventually(t, "all orders end", func() bool {
		_, text, _ := send(t, "GET", shop.services["order"].url("/books"), nil)
		return strings.Contains(string(text), `"settled":true`)
	}, shop.services["order"].logs)
	read := shop.balance(t)
	if read.Orders.Completed+read.Orders.Cancelled != 47 || read.Payments.Refunded == 0 {
		t.Fatalf("%+v", read)
	}
	t.Logf("%+v", read)
}

func TestAPaymentServiceThatIsGone(t *testing.T) {
	shop := open(t)
	shop.services["payment"].kill()
	if status, placed := shop.place(t, "poor"); status != http.StatusAccepted || placed.State == "completed" {
		t.Fatal(status, placed)
	}
	eventually(t, "it turns back, and cannot", func() bool { return shop.find(t, "poor").State == "cancelling" }, shop.services["order"].logs)
	shop.services["payment"].begin(t)
	eventually(t, "it is cancelled", func() bool { return shop.find(t, "poor").State == "cancelled" }, shop.services["order"].logs)
	if read := shop.balance(t); read.Payments.Taken != 0 {
		t.Fatalf("%+v", read)
	}
}

package shop

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// names that a resolver of ours knows: one, with the addresses of the pods that are ready, as a headless Service has them.
type nameserver struct {
	address string
	ready   atomic.Pointer[[][4]byte]
}

func serveNames(t *testing.T, addresses ...[4]byte) *nameserver {
	t.Helper()
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	server := &nameserver{address: socket.LocalAddr().String()}
	server.ready.Store(&addresses)
	go func() {
		buffer := make([]byte, 512)
		for {
			size, from, err := socket.ReadFrom(buffer)
			if err != nil {
				return
			}
			if answer, err := server.answer(buffer[:size]); err == nil {
				_, _ = socket.WriteTo(answer, from)
			}
		}
	}()
	return server
}

func (s *nameserver) answer(query []byte) ([]byte, error) {
	var asked dnsmessage.Message
	if err := asked.Unpack(query); err != nil {
		return nil, err
	}
	answer := dnsmessage.Message{Header: dnsmessage.Header{ID: asked.ID, Response: true, Authoritative: true}, Questions: asked.Questions}
	for _, question := range asked.Questions {
		if question.Type != dnsmessage.TypeA {
			continue
		}
		for _, address := range *s.ready.Load() {
			answer.Answers = append(answer.Answers, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: question.Name, Class: dnsmessage.ClassINET, TTL: 1}, Body: &dnsmessage.AResource{A: address}})
		}
	}
	return answer.Pack()
}

// load orders from several sides at once until it is told to stop, or a connection is to be closed.
type load struct {
	sent, failed atomic.Int64
	said         sync.Map
	rest         chan struct{}
	all          sync.WaitGroup
}

// begin starts workers, each with a connection of its own that it keeps, or a new one for each request.
func begin(url func() (method, url, body string), workers int, keep bool, untilClosed bool) *load {
	l := &load{rest: make(chan struct{})}
	for range workers {
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: !keep}}
		l.all.Go(func() {
			for {
				select {
				case <-l.rest:
					return
				default:
				}
				method, address, body := url()
				request, _ := http.NewRequestWithContext(context.Background(), method, address, strings.NewReader(body))
				answer, err := client.Do(request)
				l.sent.Add(1)
				if err != nil || answer.StatusCode >= 300 {
					l.failed.Add(1)
					l.said.Store(fmt.Sprint(answer, err), true)
				}
				if err != nil {
					return
				}
				answer.Body.Close()
				// A proxy, or the kubelet's endpoints, would send the next request elsewhere.
				if untilClosed && answer.Close {
					return
				}
			}
		})
	}
	return l
}

func (l *load) end(t *testing.T) {
	t.Helper()
	close(l.rest)
	l.all.Wait()
	if l.failed.Load() > 0 || l.sent.Load() == 0 {
		l.said.Range(func(text, _ any) bool { t.Log(text); return true })
		t.Fatalf("%d of %d requests failed", l.failed.Load(), l.sent.Load())
	}
	t.Logf("%d requests, none failed", l.sent.Load())
}

func TestAPodThatIsToldToStopFinishesWhatCame(t *testing.T) {
	shop := open(t, "ORDER_REQUESTS_PER_SECOND=1000000")
	orders := shop.services["order"]
	l := begin(func() (string, string, string) {
		return "POST", orders.url("/orders"), `{"userId":"ada","lines":[{"sku":"rope","quantity":1}]}`
	}, 8, true, true)
	eventually(t, "many orders came", func() bool { return l.sent.Load() > 500 }, orders.logs)
	// Books are read while orders come: not everything can be compared, and nothing may be wrong.
	if status, text, _ := send(t, "GET", orders.url("/books"), nil); status != http.StatusOK {
		t.Fatal(status, string(text))
	}
	if err := orders.stop(t); err != nil {
		t.Fatal(err, orders.logs)
	}
	l.end(t)
	for _, line := range []string{`"message":"stopping"`, `"message":"stopped"`} {
		if !strings.Contains(orders.logs.String(), line) {
			t.Errorf("no %s in %s", line, orders.logs)
		}
	}
	// What the others booked is what was answered: as many orders as requests, each whole.
	_, text, _ := send(t, "GET", shop.services["payment"].url("/metrics"), nil)
	want := fmt.Sprintf(`rpc_server_call_duration_seconds_count{rpc_method="shop.payment.v1.Payments/TakePayment",rpc_response_status_code="OK",rpc_system_name="grpc"} %d`, l.sent.Load())
	if !strings.Contains(string(text), want) {
		t.Fatalf("not %s", want)
	}
}

// ordersByName places orders at a shop whose order service finds its user service's pods by a name.
func ordersByName(t *testing.T, dns *nameserver, port int) (*shop, *service, *load) {
	t.Helper()
	shop := &shop{services: map[string]*service{}}
	orders := newService(t, "order", "127.0.0.1", "ORDER_REQUESTS_PER_SECOND=1000000",
		fmt.Sprintf("USER_GRPC_TARGET=dns://%s/user.shop.test:%d", dns.address, port),
		`USER_GRPC_SERVICE_CONFIG={"loadBalancingConfig":[{"round_robin":{}}]}`)
	for _, name := range []string{"payment", "inventory", "shipment"} {
		s := newService(t, name, "127.0.0.1")
		s.begin(t)
		shop.services[name] = s
		orders.variables = append(orders.variables, strings.ToUpper(name)+"_GRPC_TARGET="+s.target())
	}
	shop.services["order"] = orders
	orders.begin(t)
	return shop, orders, begin(func() (string, string, string) {
		return "POST", orders.url("/orders"), `{"userId":"ada","lines":[{"sku":"rope","quantity":1}]}`
	}, 8, true, false)
}

// asked says whether a pod of the user service has been asked often enough to count.
func asked(pod *service) func() bool {
	return func() bool { return strings.Count(pod.logs.String(), "Users/GetUser") > 100 }
}

func TestCallersMoveToThePodsThatAreLeft(t *testing.T) {
	one := newService(t, "user", "127.0.0.1")
	two := newService(t, "user", "127.0.0.2")
	// Pods have the same port at different addresses.
	two.grpc = one.grpc
	one.begin(t)
	two.begin(t)
	dns := serveNames(t, [4]byte{127, 0, 0, 1}, [4]byte{127, 0, 0, 2})
	shop, orders, l := ordersByName(t, dns, one.grpc)
	eventually(t, "the first is asked", asked(one), orders.logs)
	eventually(t, "and the second", asked(two), orders.logs)
	left := [][4]byte{{127, 0, 0, 1}}
	dns.ready.Store(&left)
	if err := two.stop(t); err != nil {
		t.Fatal(err, two.logs)
	}
	after := l.sent.Load()
	eventually(t, "orders go on", func() bool { return l.sent.Load() > after+500 }, orders.logs)
	l.end(t)
	shop.balance(t)
}

func TestCallersMoveToThePodThatTookItsPlace(t *testing.T) {
	pods := []*service{newService(t, "user", "127.0.0.1"), newService(t, "user", "127.0.0.2"), newService(t, "user", "127.0.0.3")}
	dns := serveNames(t, [4]byte{127, 0, 0, 1})
	pods[0].begin(t)
	shop, orders, l := ordersByName(t, dns, pods[0].grpc)
	eventually(t, "the first is asked", asked(pods[0]), orders.logs)
	// Twice, as names were asked for a moment ago when the second goes.
	for index, pod := range pods[1:] {
		pod.grpc = pods[0].grpc
		pod.begin(t)
		dns.ready.Store(&[][4]byte{{127, 0, 0, byte(index + 2)}})
		if err := pods[index].stop(t); err != nil {
			t.Fatal(err, pods[index].logs)
		}
		eventually(t, "the next is asked", asked(pod), orders.logs)
	}
	l.end(t)
	shop.balance(t)
}

func TestConfigurationIsReloadedWhileRunning(t *testing.T) {
	// As Kubernetes mounts it: names that lead through a link, which is exchanged at once.
	folder := t.TempDir()
	write := func(version, text string) {
		t.Helper()
		if err := os.Mkdir(filepath.Join(folder, version), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, version, "payment.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(version, filepath.Join(folder, "..data_tmp")); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(folder, "..data_tmp"), filepath.Join(folder, "..data")); err != nil {
			t.Fatal(err)
		}
	}
	write("..first", "declineAbove: 1000")
	if err := os.Symlink("..data/payment.yaml", filepath.Join(folder, "payment.yaml")); err != nil {
		t.Fatal(err)
	}
	payment := newService(t, "payment", "127.0.0.1", "CONFIG_DIR="+folder)
	payment.begin(t)
	reloads := func(outcome string) func() bool {
		return func() bool {
			_, text, _ := send(t, "GET", payment.url("/metrics"), nil)
			return strings.Contains(string(text), `config_reloads_total{outcome="`+outcome+`"} 1`)
		}
	}
	write("..second", "declineAbove: 2000")
	eventually(t, "the change is seen", reloads("changed"), payment.logs)
	write("..third", "declineAbove: none")
	eventually(t, "the mistake is told", reloads("refused"), payment.logs)
	if status, text, _ := send(t, "POST", payment.url("/config/reload"), nil); status != http.StatusUnprocessableEntity {
		t.Fatal(status, string(text))
	}
	write("..fourth", "declineAbove: 3000")
	eventually(t, "it goes on", func() bool {
		status, _, _ := send(t, "POST", payment.url("/config/reload"), nil)
		return status == http.StatusOK
	}, payment.logs)
}

func TestProfilesAreServedOnlyWhereAskedFor(t *testing.T) {
	port := freePort(t)
	user := newService(t, "user", "127.0.0.1", fmt.Sprintf("PPROF_PORT=%d", port))
	user.begin(t)
	profile := fmt.Sprintf("http://127.0.0.1:%d/debug/pprof/heap", port)
	if status, text, _ := send(t, "GET", profile, nil); status != http.StatusOK || len(text) == 0 {
		t.Fatal(status)
	}
	if status, _, _ := send(t, "GET", user.url("/debug/pprof/heap"), nil); status != http.StatusNotFound {
		t.Fatal(status)
	}
	without := newService(t, "user", "127.0.0.1")
	without.begin(t)
	if strings.Contains(without.logs.String(), "6060") {
		t.Fatal(without.logs)
	}
}

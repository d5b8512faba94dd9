// Package shop starts the five programs as they are, side by side on this machine, and orders from them.
package shop

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

var names = []string{"user", "payment", "inventory", "shipment", "order"}

// flags are those of an image, so that what is tested is what is shipped, and those of the tests: nothing is compiled twice.
var flags = []string{"build", "-trimpath", "-gcflags=all=-dwarf=false", "-tags", "grpcnotrace", "-ldflags", "-s -w -buildid="}

var (
	binaries string
	cgo      = "CGO_ENABLED=0"
	// shipped says that the programs are what an image holds.
	shipped = true
)

func TestMain(m *testing.M) {
	os.Exit(func() int {
		folder, err := os.MkdirTemp("", "shop")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(folder)
		binaries = folder
		build := exec.Command("go", append(append([]string{}, flags...), "-o", folder, "fairlead.dev/services/user", "fairlead.dev/services/payment",
			"fairlead.dev/services/inventory", "fairlead.dev/services/shipment", "fairlead.dev/services/order")...)
		build.Env = append(os.Environ(), cgo)
		if text, err := build.CombinedOutput(); err != nil {
			panic(string(text))
		}
		return m.Run()
	}())
}

// service is one program while it runs.
type service struct {
	name, address string
	http, grpc    int
	variables     []string
	process       *exec.Cmd
	logs          *lines
}

// lines are what a program has written so far.
type lines struct {
	lock sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(text []byte) (int, error) {
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.text.Write(text)
}

func (l *lines) String() string {
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.text.String()
}

// freePort finds a port that nobody has at any address: pods have the same port at different ones. Below those that the
// system gives to whoever asks for any, so that nobody is given it before the service takes it.
func freePort(t *testing.T) int {
	t.Helper()
	for range 1000 {
		port := 10_000 + rand.IntN(22_000)
		listener, err := net.Listen("tcp", fmt.Sprintf("0.0.0.0:%d", port))
		if err != nil {
			continue
		}
		listener.Close()
		return port
	}
	t.Fatal("no port is free")
	return 0
}

func newService(t *testing.T, name, address string, variables ...string) *service {
	t.Helper()
	return &service{name: name, address: address, http: freePort(t), grpc: freePort(t), variables: variables}
}

func (s *service) url(path string) string {
	return fmt.Sprintf("http://%s:%d%s", s.address, s.http, path)
}
func (s *service) target() string { return fmt.Sprintf("dns:///%s:%d", s.address, s.grpc) }

// begin starts the program and waits until it is ready.
func (s *service) begin(t *testing.T) {
	t.Helper()
	s.logs = &lines{}
	s.process = exec.Command(filepath.Join(binaries, s.name))
	s.process.Env = append([]string{
		"LISTEN_ADDRESS=" + s.address, "HTTP_PORT=" + strconv.Itoa(s.http), "GRPC_PORT=" + strconv.Itoa(s.grpc), "LOG_LEVEL=debug",
		"FAULTS=allowed", "OTEL_SERVICE_NAME=" + s.name, "OTEL_RESOURCE_ATTRIBUTES=service.namespace=shop,deployment.environment.name=dev",
		"OTEL_BSP_SCHEDULE_DELAY=100", "PROVIDER_KEY=marker-of-a-secret", "GOMEMLIMIT=117964KiB",
	}, s.variables...)
	s.process.Stdout, s.process.Stderr = s.logs, s.logs
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.kill() })
	eventually(t, s.name+" is ready", func() bool {
		answer, err := http.Get(s.url("/readyz"))
		if err != nil {
			return false
		}
		answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	}, s.logs)
}

func (s *service) kill() {
	if s.process != nil && s.process.ProcessState == nil {
		_ = s.process.Process.Kill()
		_ = s.process.Wait()
	}
}

// stop tells the program to end and returns how it ended.
func (s *service) stop(t *testing.T) error {
	t.Helper()
	if err := s.process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	return s.process.Wait()
}

// eventually polls, and gives up after a minute: a slow machine is no fault.
func eventually(t *testing.T, what string, holds func() bool, logs fmt.Stringer) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("never came true: %s\n%s", what, logs)
}

// shop is all five.
type shop struct {
	services map[string]*service
}

// open starts a shop. `more` are variables of all.
func open(t *testing.T, more ...string) *shop {
	t.Helper()
	all := &shop{services: map[string]*service{}}
	for _, name := range names {
		s := newService(t, name, "127.0.0.1", more...)
		all.services[name] = s
		if name == "order" {
			for _, other := range names[:4] {
				s.variables = append(s.variables, strings.ToUpper(other)+"_GRPC_TARGET="+all.services[other].target(),
					strings.ToUpper(other)+`_GRPC_SERVICE_CONFIG={"loadBalancingConfig":[{"round_robin":{}}]}`)
			}
			s.variables = append(s.variables, "ORDER_SAGA_BACKOFF=20ms", "ORDER_SAGA_LONGEST=200ms", "ORDER_SAGA_SWEEP=300ms")
		}
		s.begin(t)
	}
	return all
}

// send is one request. It returns the status, the body and the header of the answer.
func send(t *testing.T, method, url string, body any, header ...string) (int, []byte, http.Header) {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(context.Background(), method, url, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for index := 0; index < len(header); index += 2 {
		request.Header.Set(header[index], header[index+1])
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	all, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, all, answer.Header
}

type order struct {
	ID     string `json:"id"`
	User   string `json:"userId"`
	Lines  []line `json:"lines"`
	State  string `json:"state"`
	Reason string `json:"reason"`
	Cents  int64  `json:"totalCents"`
}

type line struct {
	SKU      string `json:"sku"`
	Quantity int64  `json:"quantity"`
}

func (s *shop) place(t *testing.T, id string, header ...string) (int, order) {
	t.Helper()
	wanted := map[string]any{"id": id, "userId": "ada", "lines": []line{{"rope", 2}, {"anchor", 1}}}
	status, text, _ := send(t, "POST", s.services["order"].url("/orders"), wanted, header...)
	var placed order
	if err := json.Unmarshal(text, &placed); err != nil {
		t.Fatalf("%d %s: %v", status, text, err)
	}
	return status, placed
}

func (s *shop) find(t *testing.T, id string) order {
	t.Helper()
	_, text, _ := send(t, "GET", s.services["order"].url("/orders/"+id), nil)
	var found order
	if err := json.Unmarshal(text, &found); err != nil {
		t.Fatal(err)
	}
	return found
}

type books struct {
	Balanced bool     `json:"balanced"`
	Settled  bool     `json:"settled"`
	Faults   []string `json:"faults"`
	Orders   struct {
		Completed int64 `json:"completed"`
		Cancelled int64 `json:"cancelled"`
	} `json:"orders"`
	Payments struct {
		Taken    int64 `json:"taken"`
		Refunded int64 `json:"refunded"`
	} `json:"payments"`
}

// balance reads the books, and fails unless they balance with nothing under way.
func (s *shop) balance(t *testing.T) books {
	t.Helper()
	status, text, _ := send(t, "GET", s.services["order"].url("/books"), nil)
	var read books
	if err := json.Unmarshal(text, &read); err != nil || status != http.StatusOK || !read.Balanced || !read.Settled {
		t.Fatalf("%d %s %v", status, text, err)
	}
	return read
}

func (s *shop) fault(t *testing.T, of string, what map[string]any) {
	t.Helper()
	if status, text, _ := send(t, "PUT", s.services[of].url("/faults"), what); status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
}

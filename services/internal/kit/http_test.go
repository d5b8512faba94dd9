package kit

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rs/zerolog"
)

func appOf(t *testing.T, variables ...string) (*App, *strings.Builder) {
	t.Helper()
	settings, err := readSettings(variables)
	if err != nil {
		t.Fatal(err)
	}
	logs := &strings.Builder{}
	app := &App{Name: "order", Settings: settings, Log: zerolog.New(logs), HTTP: http.NewServeMux(), metrics: newInstruments(), faults: newFaults(settings)}
	if _, err := startTracing(context.Background(), "order", settings, app.Log); err != nil {
		t.Fatal(err)
	}
	app.HTTP.HandleFunc("GET /orders/{id}", func(w http.ResponseWriter, r *http.Request) {
		Log(r.Context()).Info().Msg("at work")
		Answer(w, http.StatusOK, map[string]string{"id": r.PathValue("id")})
	})
	app.HTTP.HandleFunc("GET /broken", func(http.ResponseWriter, *http.Request) { panic("marker") })
	return app, logs
}

func ask(t *testing.T, app *App, method, path, body string, header ...string) (int, string, http.Header) {
	t.Helper()
	request := httptest.NewRequest(method, path, strings.NewReader(body))
	for index := 0; index < len(header); index += 2 {
		request.Header.Set(header[index], header[index+1])
	}
	answer := httptest.NewRecorder()
	app.routes().ServeHTTP(answer, request)
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.Code, string(text), answer.Header()
}

func TestARequestIsMeasuredByItsRoute(t *testing.T) {
	app, _ := appOf(t)
	for _, path := range []string{"/orders/1", "/orders/2", "/moon/1", "/moon/2"} {
		ask(t, app, "GET", path, "")
	}
	ask(t, app, "BREW", "/orders/1", "")
	_, metrics, _ := ask(t, app, "GET", "/metrics", "")
	for _, line := range []string{
		`http_server_request_duration_seconds_count{http_request_method="GET",http_response_status_code="200",http_route="/orders/{id}",url_scheme="http"} 2`,
		`http_server_request_duration_seconds_count{http_request_method="GET",http_response_status_code="404",http_route="",url_scheme="http"} 2`,
		`http_request_method="_OTHER"`, `le="0.075"`, `go_goroutine_count `, `go_memory_used_bytes{go_memory_type="other"} `,
		`go_cpu_classes_gc_total_cpu_seconds_total`, `process_resident_memory_bytes`,
	} {
		if !strings.Contains(metrics, line) {
			t.Errorf("no %s in\n%s", line, metrics)
		}
	}
	if strings.Contains(metrics, "moon") || strings.Contains(metrics, "healthz") {
		t.Error("what anybody may make up is a label")
	}
}

func TestLogsSayWhichRequestAndTrace(t *testing.T) {
	app, logs := appOf(t)
	_, _, header := ask(t, app, "GET", "/orders/1", "", "X-Request-Id", "abc-1", "Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	line := struct {
		RequestID string `json:"request_id"`
		TraceID   string `json:"trace_id"`
	}{}
	if err := json.Unmarshal([]byte(strings.SplitN(logs.String(), "\n", 2)[0]), &line); err != nil {
		t.Fatal(err)
	}
	if line.RequestID != "abc-1" || line.TraceID != "0af7651916cd43dd8448eb211c80319c" || header.Get("X-Request-Id") != "abc-1" {
		t.Fatalf("%+v", line)
	}
	_, _, header = ask(t, app, "GET", "/orders/1", "", "X-Request-Id", `"},{"level":"forged`)
	if id := header.Get("X-Request-Id"); !plainID.MatchString(id) {
		t.Fatal(id)
	}
}

func TestAPanicFailsOneRequest(t *testing.T) {
	app, logs := appOf(t)
	status, text, _ := ask(t, app, "GET", "/broken", "")
	if status != http.StatusInternalServerError || strings.Contains(text, "marker") || !strings.Contains(logs.String(), "marker") {
		t.Fatal(status, text)
	}
	if status, _, _ := ask(t, app, "GET", "/orders/1", ""); status != http.StatusOK {
		t.Fatal(status)
	}
}

func TestReadinessGoesBeforeTheEnd(t *testing.T) {
	app, _ := appOf(t)
	ready := func() int { status, _, _ := ask(t, app, "GET", "/readyz", ""); return status }
	if ready() != http.StatusServiceUnavailable {
		t.Fatal("ready before it began")
	}
	app.ready.Store(true)
	if _, _, header := ask(t, app, "GET", "/orders/1", ""); ready() != http.StatusOK || header.Get("Connection") != "" {
		t.Fatal("not ready")
	}
	app.draining.Store(true)
	status, _, header := ask(t, app, "GET", "/orders/1", "")
	if ready() != http.StatusServiceUnavailable || status != http.StatusOK || header.Get("Connection") != "close" {
		t.Fatal(status, header)
	}
	status, _, header = ask(t, app, "GET", "/healthz", "")
	if status != http.StatusOK {
		t.Fatal("a pod that stops must not be killed for it")
	}
	if header.Get("Connection") != "close" {
		t.Fatal("who asks for its health keeps a connection that will be closed")
	}
}

func TestOnlyDevHonoursFaults(t *testing.T) {
	dev, prod := "OTEL_RESOURCE_ATTRIBUTES=a=b,deployment.environment.name=dev", "OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=prod"
	for name, row := range map[string]struct {
		variables []string
		allowed   bool
	}{
		"dev that allows it":    {[]string{dev, "FAULTS=allowed"}, true},
		"dev that says nothing": {[]string{dev}, false},
		"prod that allows it":   {[]string{prod, "FAULTS=allowed"}, false},
		"nobody knows where":    {[]string{"FAULTS=allowed"}, false},
		"something like dev":    {[]string{dev + "elopment", "FAULTS=allowed"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			app, _ := appOf(t, row.variables...)
			set, _, _ := ask(t, app, "PUT", "/faults", `{"errors": 1}`)
			after, _, _ := ask(t, app, "GET", "/orders/1", "")
			if row.allowed && (set != http.StatusOK || after != http.StatusServiceUnavailable) || !row.allowed && (set != http.StatusNotFound || after != http.StatusOK) {
				t.Fatal(set, after)
			}
		})
	}
}

func TestFaults(t *testing.T) {
	app, logs := appOf(t, "OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=dev", "FAULTS=allowed")
	for _, wrong := range []string{`{"errors": 2}`, `{"lost": -1}`, `{"latency": "soon"}`, `{"moon": 1}`, `{`} {
		if status, _, _ := ask(t, app, "PUT", "/faults", wrong); status != http.StatusBadRequest {
			t.Errorf("%s: %d", wrong, status)
		}
	}
	ask(t, app, "PUT", "/faults", `{"lost": 1, "of": "/orders"}`)
	status, text, _ := ask(t, app, "GET", "/orders/1", "")
	if status != http.StatusServiceUnavailable || !strings.Contains(logs.String(), "at work") || strings.Contains(text, `"id"`) {
		t.Fatal("a lost answer is one to work that was done:", status, text)
	}
	ask(t, app, "PUT", "/faults", `{"errors": 1, "of": "/moon", "latency": "1ms"}`)
	if status, _, _ := ask(t, app, "GET", "/orders/1", ""); status != http.StatusOK {
		t.Fatal("it is of something else:", status)
	}
	ask(t, app, "PUT", "/faults", `{"leak": 1024}`)
	ask(t, app, "GET", "/orders/1", "")
	if _, text, _ := ask(t, app, "GET", "/faults", ""); !strings.Contains(text, `"leak":1024`) {
		t.Fatal(text)
	}
	if _, text, _ := ask(t, app, "DELETE", "/faults", ""); text != "{}\n" {
		t.Fatal(text)
	}
}

func TestThereIsNothingToReloadWithoutConfiguration(t *testing.T) {
	app, _ := appOf(t)
	if status, _, _ := ask(t, app, "POST", "/config/reload", ""); status != http.StatusNotFound {
		t.Fatal(status)
	}
	config := sampleOf(t, map[string]string{"limits.yaml": "requestsPerSecond: 7"})
	if _, err := config.reload(); err != nil {
		t.Fatal(err)
	}
	app.config = config
	if status, text, _ := ask(t, app, "POST", "/config/reload", ""); status != http.StatusOK || !strings.Contains(text, "false") {
		t.Fatal(status, text)
	}
	config.environ = []string{"ORDER_REQUESTS_PER_SECOND=0"}
	if status, _, _ := ask(t, app, "POST", "/config/reload", ""); status != http.StatusUnprocessableEntity {
		t.Fatal(status)
	}
	_, metrics, _ := ask(t, app, "GET", "/metrics", "")
	if !strings.Contains(metrics, `config_reloads_total{outcome="refused"} 1`) || !strings.Contains(metrics, `config_reloads_total{outcome="same"} 1`) {
		t.Fatal("reloads are not counted")
	}
}

func TestKeptForgetsTheOldest(t *testing.T) {
	kept := NewKept[int](2)
	for index, key := range []string{"a", "b", "c"} {
		kept.Put(key, index)
		kept.Finish(key)
	}
	kept.Put("open", 9)
	if _, known := kept.Get("a"); known || len(kept.All()) != 3 {
		t.Fatal(kept.All())
	}
}

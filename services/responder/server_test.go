package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func served(t *testing.T, b *bench, token string) (*Server, func(authorization, body string) int) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(token), 0o600); err != nil {
		t.Fatal(err)
	}
	server := newServer(b.Responder, file)
	handler := server.handler()
	return server, func(authorization, body string) int {
		request := httptest.NewRequest(http.MethodPost, "/alerts", strings.NewReader(body))
		request.Header.Set("Authorization", authorization)
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, request)
		return answer.Code
	}
}

func notification(t *testing.T, alerts ...Alert) string {
	t.Helper()
	text, err := json.Marshal(Webhook{Version: "4", Alerts: alerts})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestWhoIsHeard(t *testing.T) {
	b := open(t, withAutoscaler(everything(t)), autoscaler(3, 12, 3))
	_, post := served(t, b, "secret\n")
	body := notification(t)
	for authorization, want := range map[string]int{
		"Bearer secret": 202, "Bearer other": 401, "Bearer ": 401, "": 401, "secret": 401, "Basic secret": 401,
	} {
		same(t, authorization, post(authorization, body), want)
	}
	_, nobody := served(t, b, "")
	same(t, "an empty token lets nobody in", nobody("Bearer ", body), 401)
}

func TestWhatIsUnderstood(t *testing.T) {
	_, post := served(t, open(t, everything(t)), "secret")
	for body, want := range map[string]int{
		"":                 400,
		"{":                400,
		`{"version": "3"}`: 400,
		`{"version": "4"}`: 202,
		`{"version": "4", "alerts": [` + strings.Repeat(" ", 1<<20) + "]}": 400,
	} {
		same(t, body[:min(len(body), 20)], post("Bearer secret", body), want)
	}
}

func TestAlertsThatWaitAreAnsweredBeforeTheEnd(t *testing.T) {
	b := open(t, withAutoscaler(everything(t)), autoscaler(3, 12, 3))
	server, post := served(t, b, "secret")
	same(t, "answer", post("Bearer secret", notification(t, firing("a", "scale"))), 202)
	close(server.stopping)
	server.work(context.Background())
	same(t, "minReplicas", b.least(), 5)
}

func TestTooManyAlertsComeAgain(t *testing.T) {
	b := open(t, everything(t))
	_, post := served(t, b, "secret")
	many := make([]Alert, mostWaiting+1)
	same(t, "answer", post("Bearer secret", notification(t, many...)), 503)
}

func TestTheStateStaysSmall(t *testing.T) {
	state := State{Alerts: map[string]Seen{"old": {At: start.Add(-8 * 24 * time.Hour)}}, Taken: map[string]time.Time{"old": start.Add(-8 * 24 * time.Hour)}}
	for index := range mostAlerts + 5 {
		state.Alerts[strings.Repeat("x", index)] = Seen{At: start.Add(-time.Duration(index) * time.Second)}
	}
	state.prune(start)
	same(t, "alerts", len(state.Alerts), mostAlerts)
	same(t, "steps", len(state.Taken), 0)
	if _, there := state.Alerts[""]; !there {
		t.Fatal("the newest is kept")
	}
}

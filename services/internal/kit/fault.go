package kit

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Fault is what is to go wrong with requests, in dev only.
type Fault struct {
	// Of which routes or methods; those that contain the text. Empty means all.
	Of string `json:"of,omitempty"`
	// Latency is added before the work is done.
	Latency Span `json:"latency,omitzero"`
	// Errors is the share of requests that fail before the work is done.
	Errors float64 `json:"errors,omitempty"`
	// Lost is the share of requests that fail although the work was done.
	Lost float64 `json:"lost,omitempty"`
	// Leak is how many bytes, and one goroutine, each request leaves behind.
	Leak int `json:"leak,omitempty"`
}

// Span is a time.Duration that JSON writes as "200ms".
type Span struct{ time.Duration }

// MarshalText writes "200ms".
func (s Span) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads "200ms".
func (s *Span) UnmarshalText(text []byte) (err error) {
	s.Duration, err = time.ParseDuration(string(text))
	return err
}

func (f Fault) check() error {
	if f.Errors < 0 || f.Errors > 1 || f.Lost < 0 || f.Lost > 1 || f.Leak < 0 || f.Latency.Duration < 0 {
		return errors.New("errors and lost are shares from 0 to 1; leak and latency are not below 0")
	}
	return nil
}

// faults is the switch. Where it is not allowed, it is never on.
type faults struct {
	allowed bool
	lock    sync.RWMutex
	now     Fault
	mended  chan struct{}
}

func newFaults(settings Settings) *faults {
	return &faults{allowed: settings.Faults == "allowed" && settings.dev(), mended: make(chan struct{})}
}

var errFault = errors.New("a fault was asked for")

// around does the work as the switch says. The error is errFault, or that of a context that ended while waiting.
func (f *faults) around(ctx context.Context, of string, work func()) error {
	f.lock.RLock()
	fault, mended := f.now, f.mended
	f.lock.RUnlock()
	if fault == (Fault{}) || !strings.Contains(of, fault.Of) {
		work()
		return nil
	}
	if fault.Leak > 0 {
		left := make([]byte, fault.Leak)
		go func() {
			<-mended
			clear(left)
		}()
	}
	select {
	case <-time.After(fault.Latency.Duration):
	case <-ctx.Done():
		return ctx.Err()
	}
	if rand.Float64() < fault.Errors {
		return errFault
	}
	work()
	if rand.Float64() < fault.Lost {
		return errFault
	}
	return nil
}

func (f *faults) set(fault Fault) {
	f.lock.Lock()
	defer f.lock.Unlock()
	close(f.mended)
	f.now, f.mended = fault, make(chan struct{})
}

// serve answers GET, PUT and DELETE of /faults; elsewhere than in dev there is no such place.
func (f *faults) serve(w http.ResponseWriter, r *http.Request) {
	if !f.allowed {
		http.NotFound(w, r)
		return
	}
	fault := Fault{}
	if r.Method == http.MethodPut {
		reader := json.NewDecoder(io.LimitReader(r.Body, 1<<12))
		reader.DisallowUnknownFields()
		if err := reader.Decode(&fault); err != nil {
			Fail(w, http.StatusBadRequest, err.Error())
			return
		}
		if err := fault.check(); err != nil {
			Fail(w, http.StatusBadRequest, err.Error())
			return
		}
	}
	if r.Method != http.MethodGet {
		f.set(fault)
	}
	f.lock.RLock()
	defer f.lock.RUnlock()
	Answer(w, http.StatusOK, f.now)
}

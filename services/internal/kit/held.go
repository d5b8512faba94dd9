package kit

import (
	"bytes"
	"net/http"
)

// heldAnswer keeps an answer until it may be sent, where faults may ask for it to be lost.
type heldAnswer struct {
	into   http.ResponseWriter
	buffer *buffered
}

func (h *heldAnswer) writer(hold bool) http.ResponseWriter {
	if !hold {
		return h.into
	}
	h.buffer = &buffered{header: http.Header{}}
	return h.buffer
}

func (h *heldAnswer) send() {
	if h.buffer == nil {
		return
	}
	for name, values := range h.buffer.header {
		h.into.Header()[name] = values
	}
	if h.buffer.status != 0 {
		h.into.WriteHeader(h.buffer.status)
	}
	_, _ = h.into.Write(h.buffer.body.Bytes())
}

type buffered struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (b *buffered) Header() http.Header { return b.header }
func (b *buffered) WriteHeader(status int) {
	if b.status == 0 {
		b.status = status
	}
}
func (b *buffered) Write(text []byte) (int, error) { return b.body.Write(text) }

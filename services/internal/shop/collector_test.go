package shop

import (
	"encoding/hex"
	"net"
	"sync"
	"testing"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

// collector takes spans by OTLP, as the agent of a node does.
type collector struct {
	address string
	lock    sync.Mutex
	spans   []span
}

type span struct{ service, trace, id, parent, name string }

func collect(t *testing.T) *collector {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	all := &collector{address: "http://" + listener.Addr().String()}
	server := grpc.NewServer(grpc.UnknownServiceHandler(func(_ any, stream grpc.ServerStream) error {
		method, _ := grpc.MethodFromServerStream(stream)
		if method != "/opentelemetry.proto.collector.trace.v1.TraceService/Export" {
			t.Errorf("not a method of a collector: %s", method)
		}
		var sent tracepb.TracesData
		if err := stream.RecvMsg(&sent); err != nil {
			return err
		}
		all.take(&sent)
		return stream.SendMsg(&emptypb.Empty{})
	}))
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return all
}

func (c *collector) take(sent *tracepb.TracesData) {
	c.lock.Lock()
	defer c.lock.Unlock()
	for _, resource := range sent.GetResourceSpans() {
		service := ""
		for _, attribute := range resource.GetResource().GetAttributes() {
			if attribute.GetKey() == "service.name" {
				service = attribute.GetValue().GetStringValue()
			}
		}
		for _, scope := range resource.GetScopeSpans() {
			for _, one := range scope.GetSpans() {
				c.spans = append(c.spans, span{service, hex.EncodeToString(one.GetTraceId()), hex.EncodeToString(one.GetSpanId()),
					hex.EncodeToString(one.GetParentSpanId()), one.GetName()})
			}
		}
	}
}

// of are the spans of one trace.
func (c *collector) of(trace string) []span {
	c.lock.Lock()
	defer c.lock.Unlock()
	var all []span
	for _, one := range c.spans {
		if one.trace == trace {
			all = append(all, one)
		}
	}
	return all
}

// joined says whether all spans hang together below the one that the caller gave, and which services they are of.
func joined(spans []span, root string) (bool, map[string]bool) {
	known, services := map[string]bool{root: true}, map[string]bool{}
	for _, one := range spans {
		known[one.id] = true
		services[one.service] = true
	}
	for _, one := range spans {
		if !known[one.parent] {
			return false, services
		}
	}
	return true, services
}

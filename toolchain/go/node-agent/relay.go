package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime"
	"strings"
	"sync"

	"github.com/vishvananda/netns"
)

// relay listens in another network namespace and passes each connection on to an address of its own. A pair is
// "listen=dial". So the API server and the registry stay on the host's loopback, and the node reaches them all the same.
func relay(ctx context.Context, namespace string, pairs []string) error {
	for _, pair := range pairs {
		listen, dial, found := strings.Cut(pair, "=")
		if !found {
			return fmt.Errorf("%q is no pair: write listen=dial", pair)
		}
		listener, err := listenIn(namespace, listen)
		if err != nil {
			return fmt.Errorf("cannot listen on %s in %s: %w", listen, namespace, err)
		}
		go accept(listener, dial)
	}
	slog.Info("relaying", "pairs", pairs)
	<-ctx.Done()
	return nil
}

// listenIn makes a listener that belongs to the namespace for good; only the thread that makes it ever enters there.
func listenIn(namespace string, address string) (net.Listener, error) {
	type result struct {
		listener net.Listener
		err      error
	}
	made := make(chan result)
	go func() {
		// Never unlocked: a thread that has been elsewhere is not used again.
		runtime.LockOSThread()
		there, err := netns.GetFromPath(namespace)
		if err == nil {
			err = netns.Set(there)
		}
		var listener net.Listener
		if err == nil {
			listener, err = net.Listen("tcp4", address)
		}
		made <- result{listener, err}
	}()
	one := <-made
	return one.listener, one.err
}

func accept(listener net.Listener, dial string) {
	for {
		from, err := listener.Accept()
		if err != nil {
			slog.Error("no longer listening", "address", listener.Addr(), "error", err)
			return
		}
		go pass(from, dial)
	}
}

func pass(from net.Conn, dial string) {
	defer from.Close()
	to, err := net.Dial("tcp4", dial)
	if err != nil {
		slog.Warn("nobody answers", "address", dial, "error", err)
		return
	}
	defer to.Close()
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{from, to}, {to, from}} {
		both.Add(1)
		go func(source, sink net.Conn) {
			defer both.Done()
			_, _ = io.Copy(sink, source)
			if half, ok := sink.(*net.TCPConn); ok {
				_ = half.CloseWrite()
			}
		}(way[0], way[1])
	}
	both.Wait()
}

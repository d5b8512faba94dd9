// Package rpc is how a service calls another by gRPC, so that a pod that is replaced costs no call.
package rpc

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/resolver/dns"
	"google.golang.org/grpc/status"
)

// patience is how long a call waits for a connection when the one that it was to take has just gone.
const patience = time.Second

func init() {
	// By default names are asked for every 30 s at most. A pod that is replaced within that time after the last one would be
	// missed for the rest of it, and with it every call.
	dns.SetMinResolutionInterval(500 * time.Millisecond)
}

// Settings of a client, as the components write them.
type Settings struct {
	// ServiceConfig is JSON. https://github.com/grpc/grpc/blob/master/doc/service_config.md
	ServiceConfig    string
	KeepaliveTime    time.Duration
	KeepaliveTimeout time.Duration
}

// Dial connects when the first call is made.
func Dial(target string, settings Settings, more ...grpc.DialOption) (*grpc.ClientConn, error) {
	options := append([]grpc.DialOption{
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: settings.KeepaliveTime, Timeout: settings.KeepaliveTimeout, PermitWithoutStream: true}),
		grpc.WithChainUnaryInterceptor(sendUnsent),
	}, more...)
	if settings.ServiceConfig != "" {
		options = append(options, grpc.WithDefaultServiceConfig(settings.ServiceConfig))
	}
	return grpc.NewClient(target, options...)
}

// sendUnsent makes a call once more that no server has seen: its connection was closed, and the next one was not there yet.
// That is no retry of what may have been done already, so it is right for every method.
func sendUnsent(ctx context.Context, method string, request, response any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	var server peer.Peer
	err := invoke(ctx, method, request, response, conn, append(options, grpc.Peer(&server))...)
	if status.Code(err) != codes.Unavailable || server.Addr != nil || ctx.Err() != nil {
		return err
	}
	if !ready(ctx, conn) {
		return err
	}
	return invoke(ctx, method, request, response, conn, options...)
}

// ready waits for a connection, but not for ever: a service that is gone is told as such.
func ready(ctx context.Context, conn *grpc.ClientConn) bool {
	waiting, done := context.WithTimeout(ctx, patience)
	defer done()
	for state := conn.GetState(); state != connectivity.Ready; state = conn.GetState() {
		conn.Connect()
		if !conn.WaitForStateChange(waiting, state) {
			return false
		}
	}
	return true
}

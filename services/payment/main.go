// Payments: taken once, given back once.
package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"

	paymentv1 "fairlead.dev/services/api/shop/payment/v1"
	"fairlead.dev/services/internal/kit"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Config of the service.
type Config struct {
	// DeclineAbove is the most that is taken at once, in cents.
	DeclineAbove int64 `koanf:"declineAbove"`
}

const defaults = `declineAbove: 1000000`

// Check finds what is wrong.
func (c Config) Check() error {
	if c.DeclineAbove < 1 {
		return errors.New("declineAbove: below 1 nobody could pay")
	}
	return nil
}

func main() {
	kit.Main("payment", func(app *kit.App) error {
		config, err := kit.Configure[Config](app, defaults)
		if err != nil {
			return err
		}
		store, err := kit.Store[store](app, schema, newMemory(), func(pool *kit.Database) store { return database{pool} })
		if err != nil {
			return err
		}
		paymentv1.RegisterPaymentsServer(app.GRPC, &payments{config: config, store: store, key: []byte(os.Getenv("PROVIDER_KEY"))})
		return nil
	})
}

// What became of an order's payment.
const (
	none     = ""
	taken    = "taken"
	refunded = "refunded"
	// barred was given back before it was taken, so it never will be.
	barred = "barred"
)

// store keeps the payment of each order, and a ledger of what was booked.
type store interface {
	// take books a payment unless there is one, and returns what there was before.
	take(ctx context.Context, order string, cents int64) (before string, err error)
	// refund books it back if it was taken, else bars it, and returns what there was before.
	refund(ctx context.Context, order string) (before string, err error)
	books(ctx context.Context) (*paymentv1.GetBooksResponse, error)
}

type payments struct {
	paymentv1.UnimplementedPaymentsServer
	config interface{ Get() Config }
	store  store
	key    []byte
}

// TakePayment takes an order's payment once.
func (p *payments) TakePayment(ctx context.Context, request *paymentv1.TakePaymentRequest) (*paymentv1.TakePaymentResponse, error) {
	order, cents := request.GetOrderId(), request.GetCents()
	if order == "" || cents < 1 {
		return nil, status.Error(codes.InvalidArgument, "order_id and an amount above 0 are needed")
	}
	if most := p.config.Get().DeclineAbove; cents > most {
		kit.Log(ctx).Info().Str("order", order).Int64("cents", cents).Msg("payment declined")
		return nil, status.Errorf(codes.FailedPrecondition, "declined: %d cents are more than %d", cents, most)
	}
	before, err := p.store.take(ctx, order, cents)
	if err != nil {
		return nil, err
	}
	if before == refunded || before == barred {
		return nil, status.Error(codes.FailedPrecondition, "the payment was given back")
	}
	kit.Log(ctx).Info().Str("order", order).Int64("cents", cents).Bool("again", before == taken).Msg("payment taken")
	return &paymentv1.TakePaymentResponse{Receipt: p.receipt(order)}, nil
}

// receipt is the same for the same order, and nobody without the key can write one.
func (p *payments) receipt(order string) string {
	signed := hmac.New(sha256.New, p.key)
	signed.Write([]byte(order))
	return hex.EncodeToString(signed.Sum(nil)[:12])
}

// RefundPayment gives an order's payment back, or sees to it that it is never taken.
func (p *payments) RefundPayment(ctx context.Context, request *paymentv1.RefundPaymentRequest) (*paymentv1.RefundPaymentResponse, error) {
	if request.GetOrderId() == "" {
		return nil, status.Error(codes.InvalidArgument, "order_id is needed")
	}
	before, err := p.store.refund(ctx, request.GetOrderId())
	if err != nil {
		return nil, err
	}
	kit.Log(ctx).Info().Str("order", request.GetOrderId()).Str("before", before).Msg("payment given back")
	return &paymentv1.RefundPaymentResponse{}, nil
}

// GetBooks sums up the ledger.
func (p *payments) GetBooks(ctx context.Context, _ *paymentv1.GetBooksRequest) (*paymentv1.GetBooksResponse, error) {
	return p.store.books(ctx)
}

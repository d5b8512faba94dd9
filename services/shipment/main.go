// Parcels: one for each order, with a label.
package main

import (
	"context"
	"errors"
	"net/http"

	shipmentv1 "fairlead.dev/services/api/shop/shipment/v1"
	"fairlead.dev/services/internal/kit"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Config of the service.
type Config struct {
	// Labels is the folder that labels are printed from; the last so many are kept.
	Labels string `koanf:"labels"`
	Keep   int    `koanf:"keep"`
}

const defaults = `
labels: /var/lib/labels
keep: 1000
`

// Check finds what is wrong.
func (c Config) Check() error {
	if c.Labels == "" || c.Keep < 1 {
		return errors.New("labels is a folder, and keep is above 0")
	}
	return nil
}

func main() {
	kit.Main("shipment", func(app *kit.App) error {
		config, err := kit.Configure[Config](app, defaults)
		if err != nil {
			return err
		}
		store, err := kit.Store[store](app, schema, newMemory(), func(pool *kit.Database) store { return database{pool} })
		if err != nil {
			return err
		}
		shipments := &shipments{store: store, labels: newLabels(config.Get(), app.Log)}
		shipmentv1.RegisterShipmentsServer(app.GRPC, shipments)
		app.HTTP.HandleFunc("POST /hooks/carrier", shipments.hook)
		return nil
	})
}

// What became of an order's parcel.
const (
	none      = ""
	shipped   = "shipped"
	delivered = "delivered"
	cancelled = "cancelled"
	// barred was cancelled before it was made, so it never will be.
	barred = "barred"
)

// store keeps the parcel of each order.
type store interface {
	// move makes a parcel of an order into what `to` says if it is one of `from`, and returns what it was before.
	move(ctx context.Context, order, to string, from ...string) (before string, err error)
	books(ctx context.Context) (*shipmentv1.GetBooksResponse, error)
}

type shipments struct {
	shipmentv1.UnimplementedShipmentsServer
	store  store
	labels *labels
}

// CreateShipment makes an order's parcel, once.
func (s *shipments) CreateShipment(ctx context.Context, request *shipmentv1.CreateShipmentRequest) (*shipmentv1.CreateShipmentResponse, error) {
	order := request.GetOrderId()
	if order == "" || request.GetUserId() == "" {
		return nil, status.Error(codes.InvalidArgument, "order_id and user_id are needed")
	}
	before, err := s.store.move(ctx, order, shipped, none)
	if err != nil {
		return nil, err
	}
	if before == cancelled || before == barred {
		return nil, status.Error(codes.FailedPrecondition, "the parcel was cancelled")
	}
	parcel := "parcel-" + order
	if before == none {
		s.labels.write(parcel, request.GetUserId())
	}
	kit.Log(ctx).Info().Str("order", order).Str("parcel", parcel).Bool("again", before != none).Msg("shipped")
	return &shipmentv1.CreateShipmentResponse{Parcel: parcel}, nil
}

// CancelShipment calls a parcel back, or sees to it that it is never made.
func (s *shipments) CancelShipment(ctx context.Context, request *shipmentv1.CancelShipmentRequest) (*shipmentv1.CancelShipmentResponse, error) {
	order := request.GetOrderId()
	if order == "" {
		return nil, status.Error(codes.InvalidArgument, "order_id is needed")
	}
	before, err := s.store.move(ctx, order, cancelled, shipped)
	if err == nil && before == none {
		before, err = s.store.move(ctx, order, barred, none)
		// It may have been made just now.
		if err == nil && before == shipped {
			before, err = s.store.move(ctx, order, cancelled, shipped)
		}
	}
	if err != nil {
		return nil, err
	}
	if before == delivered {
		return nil, status.Error(codes.FailedPrecondition, "the parcel was delivered")
	}
	kit.Log(ctx).Info().Str("order", order).Str("before", before).Msg("shipment cancelled")
	return &shipmentv1.CancelShipmentResponse{}, nil
}

// GetBooks counts the parcels.
func (s *shipments) GetBooks(ctx context.Context, _ *shipmentv1.GetBooksRequest) (*shipmentv1.GetBooksResponse, error) {
	return s.store.books(ctx)
}

// hook is what carriers call when something became of a parcel.
func (s *shipments) hook(w http.ResponseWriter, r *http.Request) {
	var news struct {
		Order string `json:"order"`
		State string `json:"state"`
	}
	if !kit.Read(w, r, &news) {
		return
	}
	if news.State != delivered {
		kit.Fail(w, http.StatusBadRequest, "state is not delivered")
		return
	}
	before, err := s.store.move(r.Context(), news.Order, delivered, shipped)
	switch {
	case err != nil:
		kit.FailWith(w, r, err)
	case before != shipped && before != delivered:
		kit.Fail(w, http.StatusConflict, "no such parcel is under way")
	default:
		kit.Log(r.Context()).Info().Str("order", news.Order).Msg("delivered")
		kit.Answer(w, http.StatusOK, news)
	}
}

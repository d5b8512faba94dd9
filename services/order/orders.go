package main

import (
	"context"
	"errors"
	"net/http"
	"regexp"

	orderv1 "fairlead.dev/services/api/shop/order/v1"
	userv1 "fairlead.dev/services/api/shop/user/v1"
	"fairlead.dev/services/internal/kit"
	"github.com/google/uuid"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	"golang.org/x/time/rate"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

type orders struct {
	orderv1.UnimplementedOrdersServer
	config   interface{ Get() Config }
	store    store
	saga     *saga
	partners partners
	limiter  *rate.Limiter
}

var plainID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$`)

// place takes an order, once for each id, and goes as far with it as it can now.
func (o *orders) place(ctx context.Context, wanted *Order) (order *Order, again bool, err error) {
	if most := rate.Limit(o.config.Get().RequestsPerSecond); o.limiter.Limit() != most {
		o.limiter.SetLimit(most)
		o.limiter.SetBurst(int(most))
	}
	if !o.limiter.Allow() {
		return nil, false, status.Error(codes.ResourceExhausted, "too many orders at once; come again")
	}
	if wanted.ID == "" {
		wanted.ID = uuid.NewString()
	}
	if !plainID.MatchString(wanted.ID) {
		return nil, false, status.Error(codes.InvalidArgument, "id is of letters, digits, hyphens and underscores, 63 at most")
	}
	if len(wanted.Lines) == 0 || len(wanted.Lines) > 100 {
		return nil, false, status.Error(codes.InvalidArgument, "an order has 1 to 100 lines")
	}
	for _, line := range wanted.Lines {
		if line.SKU == "" || line.Quantity < 1 {
			return nil, false, status.Error(codes.InvalidArgument, "a line needs a sku and a quantity above 0")
		}
	}
	if _, err := o.partners.users.GetUser(ctx, &userv1.GetUserRequest{Id: wanted.User}); err != nil {
		if status.Code(err) == codes.NotFound {
			err = status.Error(codes.InvalidArgument, status.Convert(err).Message())
		}
		return nil, false, err
	}
	carrier := propagation.MapCarrier{}
	otel.GetTextMapPropagator().Inject(ctx, carrier)
	wanted.State, wanted.requestID, wanted.trace = pending, kit.RequestID(ctx), carrier["traceparent"]
	there, err := o.store.insert(ctx, wanted, o.saga.lease())
	if err != nil {
		return nil, false, err
	}
	if there != nil {
		if !there.same(wanted) {
			return nil, true, status.Errorf(codes.AlreadyExists, "%s is another order", wanted.ID)
		}
		return there, true, nil
	}
	// Whoever finds the order changed in the meantime leaves it to the other; it is shown as it is.
	if err := o.saga.advance(ctx, wanted); err != nil {
		kit.Log(ctx).Warn().Err(err).Str("order", wanted.ID).Msg("the order goes on later")
	}
	return wanted, false, nil
}

// PlaceOrder takes an order.
func (o *orders) PlaceOrder(ctx context.Context, request *orderv1.PlaceOrderRequest) (*orderv1.PlaceOrderResponse, error) {
	wanted := &Order{ID: request.GetId(), User: request.GetUserId()}
	for _, line := range request.GetLines() {
		wanted.Lines = append(wanted.Lines, Line{line.GetSku(), line.GetQuantity()})
	}
	order, _, err := o.place(ctx, wanted)
	if err != nil {
		return nil, err
	}
	return &orderv1.PlaceOrderResponse{Order: order.message()}, nil
}

// GetOrder finds an order.
func (o *orders) GetOrder(ctx context.Context, request *orderv1.GetOrderRequest) (*orderv1.GetOrderResponse, error) {
	order, err := o.store.get(ctx, request.GetId())
	if err != nil {
		return nil, err
	}
	return &orderv1.GetOrderResponse{Order: order.message()}, nil
}

func (o *orders) post(w http.ResponseWriter, r *http.Request) {
	var wanted struct {
		ID    string `json:"id"`
		User  string `json:"userId"`
		Lines []Line `json:"lines"`
	}
	if !kit.Read(w, r, &wanted) {
		return
	}
	order, again, err := o.place(r.Context(), &Order{ID: wanted.ID, User: wanted.User, Lines: wanted.Lines})
	if err != nil {
		kit.FailWith(w, r, err)
		return
	}
	w.Header().Set("Location", "/orders/"+order.ID)
	switch {
	case order.State == cancelled:
		kit.Answer(w, http.StatusConflict, order)
	case order.State != completed:
		kit.Answer(w, http.StatusAccepted, order)
	case again:
		kit.Answer(w, http.StatusOK, order)
	default:
		kit.Answer(w, http.StatusCreated, order)
	}
}

func (o *orders) get(w http.ResponseWriter, r *http.Request) {
	order, err := o.store.get(r.Context(), r.PathValue("id"))
	if err != nil {
		kit.FailWith(w, r, err)
		return
	}
	kit.Answer(w, http.StatusOK, order)
}

// listDead shows the orders that somebody has to look at.
func (o *orders) listDead(w http.ResponseWriter, r *http.Request) {
	dead, err := o.store.dead(r.Context())
	if err != nil {
		kit.FailWith(w, r, err)
		return
	}
	kit.Answer(w, http.StatusOK, dead)
}

// revive tries a dead order again, as often as at first.
func (o *orders) revive(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	if err := o.store.revive(r.Context(), id); err != nil {
		kit.FailWith(w, r, err)
		return
	}
	if err := o.saga.again(r.Context(), id); err != nil && !errors.Is(err, errOvertaken) {
		kit.FailWith(w, r, err)
		return
	}
	o.get(w, r)
}

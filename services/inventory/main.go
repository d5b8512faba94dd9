// What lies in the warehouse, and for whom.
package main

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	inventoryv1 "fairlead.dev/services/api/shop/inventory/v1"
	"fairlead.dev/services/internal/kit"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Config of the service: what is there at the beginning. What was counted once is not counted again.
type Config struct {
	Items map[string]Article `koanf:"items"`
}

// Article is one line of the catalogue.
type Article struct {
	Cents int64 `koanf:"cents"`
	Stock int64 `koanf:"stock"`
}

const defaults = `
items:
  anchor: { cents: 4900, stock: 1000000 }
  compass: { cents: 1250, stock: 1000000 }
  lantern: { cents: 2300, stock: 1000000 }
  rope: { cents: 890, stock: 1000000 }
`

// Check finds what is wrong.
func (c Config) Check() error {
	for _, article := range c.Items {
		if article.Cents < 1 || article.Stock < 0 {
			return errors.New("items: an article costs something, and its stock is not below 0")
		}
	}
	return nil
}

func main() {
	kit.Main("inventory", func(app *kit.App) error {
		config, err := kit.Configure[Config](app, defaults)
		if err != nil {
			return err
		}
		store, err := kit.Store[store](app, schema, newMemory(), func(pool *kit.Database) store { return database{pool} })
		if err != nil {
			return err
		}
		app.Prepare(func(ctx context.Context) error { return store.stock(ctx, config.Get().Items) })
		stock := &stock{store: store}
		inventoryv1.RegisterStockServer(app.GRPC, stock)
		app.HTTP.HandleFunc("GET /items/{sku}", stock.get)
		app.HTTP.HandleFunc("GET /items", stock.list)
		return nil
	})
}

// What became of an order's reservation.
const (
	none     = ""
	reserved = "reserved"
	sold     = "sold"
	released = "released"
	// barred was released before it was made, so it never will be.
	barred = "barred"
)

// line is so much of something.
type line struct {
	SKU      string `json:"sku"`
	Quantity int64  `json:"quantity"`
}

// errTooLittle says that a line cannot be reserved.
var errTooLittle = status.Error(codes.FailedPrecondition, "there is too little of it")

// store keeps items and reservations. Each change is done wholly or not at all.
type store interface {
	stock(ctx context.Context, items map[string]Article) error
	// reserve takes all lines unless the order has a reservation, and returns what they cost and what there was before.
	reserve(ctx context.Context, order string, lines []line) (cents int64, before string, err error)
	// settle makes a reservation sold or released; one that there is not is barred by a release.
	settle(ctx context.Context, order, to string) (before string, err error)
	items(ctx context.Context) ([]*inventoryv1.Item, error)
}

type stock struct {
	inventoryv1.UnimplementedStockServer
	store store
}

// sorted puts the lines of one article together, in the order in which everybody takes them.
func sorted(lines []*inventoryv1.Line) ([]line, error) {
	sums := map[string]int64{}
	for _, one := range lines {
		if one.GetSku() == "" || one.GetQuantity() < 1 || one.GetQuantity() > 1_000_000 {
			return nil, status.Error(codes.InvalidArgument, "a line needs a sku and a quantity from 1 to 1000000")
		}
		sums[one.GetSku()] += one.GetQuantity()
	}
	var all []line
	for sku, quantity := range sums {
		all = append(all, line{sku, quantity})
	}
	slices.SortFunc(all, func(a, b line) int { return strings.Compare(a.SKU, b.SKU) })
	return all, nil
}

// ReserveStock lays aside what an order needs, once.
func (s *stock) ReserveStock(ctx context.Context, request *inventoryv1.ReserveStockRequest) (*inventoryv1.ReserveStockResponse, error) {
	lines, err := sorted(request.GetLines())
	if err != nil {
		return nil, err
	}
	if request.GetOrderId() == "" || len(lines) == 0 {
		return nil, status.Error(codes.InvalidArgument, "order_id and lines are needed")
	}
	cents, before, err := s.store.reserve(ctx, request.GetOrderId(), lines)
	if err != nil {
		return nil, err
	}
	if before == released || before == barred {
		return nil, status.Error(codes.FailedPrecondition, "the reservation was released")
	}
	kit.Log(ctx).Info().Str("order", request.GetOrderId()).Bool("again", before != none).Msg("stock reserved")
	return &inventoryv1.ReserveStockResponse{TotalCents: cents}, nil
}

// ReleaseStock puts back what was laid aside, or sees to it that it never is.
func (s *stock) ReleaseStock(ctx context.Context, request *inventoryv1.ReleaseStockRequest) (*inventoryv1.ReleaseStockResponse, error) {
	before, err := s.store.settle(ctx, request.GetOrderId(), released)
	if err != nil {
		return nil, err
	}
	if before == sold {
		return nil, status.Error(codes.FailedPrecondition, "it has left the house")
	}
	kit.Log(ctx).Info().Str("order", request.GetOrderId()).Str("before", before).Msg("stock released")
	return &inventoryv1.ReleaseStockResponse{}, nil
}

// SellStock notes that what was laid aside has left the house.
func (s *stock) SellStock(ctx context.Context, request *inventoryv1.SellStockRequest) (*inventoryv1.SellStockResponse, error) {
	before, err := s.store.settle(ctx, request.GetOrderId(), sold)
	if err != nil {
		return nil, err
	}
	if before != reserved && before != sold {
		return nil, status.Error(codes.FailedPrecondition, "nothing is reserved for it")
	}
	kit.Log(ctx).Info().Str("order", request.GetOrderId()).Msg("stock sold")
	return &inventoryv1.SellStockResponse{}, nil
}

// GetItem finds an article.
func (s *stock) GetItem(ctx context.Context, request *inventoryv1.GetItemRequest) (*inventoryv1.GetItemResponse, error) {
	items, err := s.store.items(ctx)
	if err != nil {
		return nil, err
	}
	for _, item := range items {
		if item.GetSku() == request.GetSku() {
			return &inventoryv1.GetItemResponse{Item: item}, nil
		}
	}
	return nil, status.Errorf(codes.NotFound, "there is no %s", request.GetSku())
}

// GetBooks lists every article.
func (s *stock) GetBooks(ctx context.Context, _ *inventoryv1.GetBooksRequest) (*inventoryv1.GetBooksResponse, error) {
	items, err := s.store.items(ctx)
	return &inventoryv1.GetBooksResponse{Items: items}, err
}

type article struct {
	SKU   string `json:"sku"`
	Cents int64  `json:"cents"`
	Free  int64  `json:"free"`
}

func (s *stock) get(w http.ResponseWriter, r *http.Request) {
	found, err := s.GetItem(r.Context(), &inventoryv1.GetItemRequest{Sku: r.PathValue("sku")})
	if err != nil {
		kit.FailWith(w, r, err)
		return
	}
	kit.Answer(w, http.StatusOK, article{found.GetItem().GetSku(), found.GetItem().GetPriceCents(), found.GetItem().GetFree()})
}

func (s *stock) list(w http.ResponseWriter, r *http.Request) {
	items, err := s.store.items(r.Context())
	if err != nil {
		kit.FailWith(w, r, err)
		return
	}
	all := make([]article, 0, len(items))
	for _, item := range items {
		all = append(all, article{item.GetSku(), item.GetPriceCents(), item.GetFree()})
	}
	kit.Answer(w, http.StatusOK, all)
}

package main

import (
	"context"
	"fmt"
	"net/http"
	"reflect"

	inventoryv1 "fairlead.dev/services/api/shop/inventory/v1"
	paymentv1 "fairlead.dev/services/api/shop/payment/v1"
	shipmentv1 "fairlead.dev/services/api/shop/shipment/v1"
	"fairlead.dev/services/internal/kit"
)

// Sums are what the orders come to.
type Sums struct {
	Pending   int64 `json:"pending"`
	Completed int64 `json:"completed"`
	Cancelled int64 `json:"cancelled"`
	Dead      int64 `json:"dead"`
	// Cents and Sold of completed orders.
	Cents int64            `json:"cents"`
	Sold  map[string]int64 `json:"sold"`
}

// Books are all services' sums, and where they disagree.
type Books struct {
	Balanced bool `json:"balanced"`
	// Settled says that no order was under way, so that everything could be compared.
	Settled  bool                         `json:"settled"`
	Faults   []string                     `json:"faults"`
	Orders   Sums                         `json:"orders"`
	Items    []*inventoryv1.Item          `json:"items"`
	Payments *paymentv1.GetBooksResponse  `json:"payments"`
	Parcels  *shipmentv1.GetBooksResponse `json:"parcels"`
}

// compare finds where books do not balance. Before and after are the orders' sums around those of the others.
func compare(before, after Sums, items []*inventoryv1.Item, payments *paymentv1.GetBooksResponse, parcels *shipmentv1.GetBooksResponse) Books {
	books := Books{Faults: []string{}, Orders: after, Items: items, Payments: payments, Parcels: parcels}
	books.Settled = after.Pending == 0 && reflect.DeepEqual(before, after)
	fault := func(wrong bool, format string, args ...any) {
		if wrong {
			books.Faults = append(books.Faults, fmt.Sprintf(format, args...))
		}
	}
	differs := func(what string, found, expected int64) {
		fault(found != expected, "%s: %d, but the orders say %d", what, found, expected)
	}
	stocked := map[string]bool{}
	for _, item := range items {
		stocked[item.GetSku()] = true
		sum := item.GetFree() + item.GetReserved() + item.GetSold()
		fault(sum != item.GetInitial(), "%s: free, reserved and sold are %d, but there were %d", item.GetSku(), sum, item.GetInitial())
		fault(item.GetSold() < before.Sold[item.GetSku()], "%s: %d sold, but completed orders have %d", item.GetSku(), item.GetSold(), before.Sold[item.GetSku()])
		if books.Settled {
			differs(item.GetSku()+" sold", item.GetSold(), after.Sold[item.GetSku()])
			differs(item.GetSku()+" reserved", item.GetReserved(), 0)
		}
	}
	for sku := range after.Sold {
		fault(!stocked[sku], "%s: sold, but nobody ever had it", sku)
	}
	fault(payments.GetDoubles() != 0, "%d orders were charged or refunded twice", payments.GetDoubles())
	fault(payments.GetTaken() < before.Completed, "%d payments for %d completed orders", payments.GetTaken(), before.Completed)
	fault(parcels.GetShipped() < before.Completed, "%d parcels for %d completed orders", parcels.GetShipped(), before.Completed)
	if books.Settled {
		differs("payments taken", payments.GetTaken(), after.Completed)
		differs("cents taken", payments.GetTakenCents(), after.Cents)
		differs("parcels", parcels.GetShipped(), after.Completed)
	}
	books.Balanced = len(books.Faults) == 0
	return books
}

func (o *orders) gather(ctx context.Context) (Books, error) {
	before, err := o.store.sums(ctx)
	if err != nil {
		return Books{}, err
	}
	stock, err := o.partners.stock.GetBooks(ctx, &inventoryv1.GetBooksRequest{})
	if err != nil {
		return Books{}, err
	}
	payments, err := o.partners.payments.GetBooks(ctx, &paymentv1.GetBooksRequest{})
	if err != nil {
		return Books{}, err
	}
	parcels, err := o.partners.shipments.GetBooks(ctx, &shipmentv1.GetBooksRequest{})
	if err != nil {
		return Books{}, err
	}
	after, err := o.store.sums(ctx)
	return compare(before, after, stock.GetItems(), payments, parcels), err
}

// books answers 200 when they balance and 409 when they do not.
func (o *orders) books(w http.ResponseWriter, r *http.Request) {
	books, err := o.gather(r.Context())
	switch {
	case err != nil:
		kit.FailWith(w, r, err)
	case books.Balanced:
		kit.Answer(w, http.StatusOK, books)
	default:
		kit.Answer(w, http.StatusConflict, books)
	}
}

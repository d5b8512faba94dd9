package main

import (
	"testing"

	inventoryv1 "fairlead.dev/services/api/shop/inventory/v1"
	paymentv1 "fairlead.dev/services/api/shop/payment/v1"
	shipmentv1 "fairlead.dev/services/api/shop/shipment/v1"
)

func TestBooksThatDoNotBalanceAreFound(t *testing.T) {
	sound := func() (Sums, *inventoryv1.Item, *paymentv1.GetBooksResponse, *shipmentv1.GetBooksResponse) {
		return Sums{Completed: 2, Cents: 500, Sold: map[string]int64{"rope": 3}},
			&inventoryv1.Item{Sku: "rope", Initial: 10, Free: 7, Sold: 3},
			&paymentv1.GetBooksResponse{Taken: 2, TakenCents: 500}, &shipmentv1.GetBooksResponse{Shipped: 2}
	}
	for name, row := range map[string]struct {
		change func(*Sums, *inventoryv1.Item, *paymentv1.GetBooksResponse, *shipmentv1.GetBooksResponse)
		faults int
	}{
		"sound": {func(*Sums, *inventoryv1.Item, *paymentv1.GetBooksResponse, *shipmentv1.GetBooksResponse) {}, 0},
		"a piece is lost": {func(_ *Sums, i *inventoryv1.Item, _ *paymentv1.GetBooksResponse, _ *shipmentv1.GetBooksResponse) {
			i.Free--
		}, 1},
		"a piece stays reserved": {func(_ *Sums, i *inventoryv1.Item, _ *paymentv1.GetBooksResponse, _ *shipmentv1.GetBooksResponse) {
			i.Free--
			i.Reserved++
		}, 1},
		"sold without an order": {func(_ *Sums, i *inventoryv1.Item, _ *paymentv1.GetBooksResponse, _ *shipmentv1.GetBooksResponse) {
			i.Free--
			i.Sold++
		}, 1},
		"one paid twice": {func(_ *Sums, _ *inventoryv1.Item, p *paymentv1.GetBooksResponse, _ *shipmentv1.GetBooksResponse) {
			p.Doubles = 1
		}, 1},
		"a payment too many": {func(_ *Sums, _ *inventoryv1.Item, p *paymentv1.GetBooksResponse, _ *shipmentv1.GetBooksResponse) {
			p.Taken, p.TakenCents = 3, 600
		}, 2},
		"an order without payment": {func(_ *Sums, _ *inventoryv1.Item, p *paymentv1.GetBooksResponse, _ *shipmentv1.GetBooksResponse) {
			p.Taken, p.TakenCents = 1, 500
		}, 2},
		"a parcel too many": {func(_ *Sums, _ *inventoryv1.Item, _ *paymentv1.GetBooksResponse, s *shipmentv1.GetBooksResponse) {
			s.Shipped = 3
		}, 1},
		"a parcel that never left": {func(_ *Sums, _ *inventoryv1.Item, _ *paymentv1.GetBooksResponse, s *shipmentv1.GetBooksResponse) {
			s.Shipped = 1
		}, 2},
		"sold what nobody ever had": {func(o *Sums, _ *inventoryv1.Item, _ *paymentv1.GetBooksResponse, _ *shipmentv1.GetBooksResponse) {
			o.Sold["moon"] = 1
		}, 1},
		// While an order is under way, some of it may be booked already.
		"under way": {func(o *Sums, i *inventoryv1.Item, p *paymentv1.GetBooksResponse, _ *shipmentv1.GetBooksResponse) {
			o.Pending, i.Free, i.Reserved, p.Taken = 1, 6, 1, 3
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			sums, item, payments, parcels := sound()
			row.change(&sums, item, payments, parcels)
			books := compare(sums, sums, []*inventoryv1.Item{item}, payments, parcels)
			if len(books.Faults) != row.faults || books.Balanced != (row.faults == 0) {
				t.Fatalf("%v", books.Faults)
			}
		})
	}
}

package main

import (
	"context"

	inventoryv1 "fairlead.dev/services/api/shop/inventory/v1"
	paymentv1 "fairlead.dev/services/api/shop/payment/v1"
	shipmentv1 "fairlead.dev/services/api/shop/shipment/v1"
	userv1 "fairlead.dev/services/api/shop/user/v1"
)

// partners are the services that an order needs.
type partners struct {
	users     userv1.UsersClient
	stock     inventoryv1.StockClient
	payments  paymentv1.PaymentsClient
	shipments shipmentv1.ShipmentsClient
}

// steps of the saga. A parcel that was made is the point of no return.
func (p partners) steps() []step {
	return []step{
		{
			name: "reserve stock",
			do: func(ctx context.Context, order *Order) error {
				lines := make([]*inventoryv1.Line, 0, len(order.Lines))
				for _, line := range order.Lines {
					lines = append(lines, &inventoryv1.Line{Sku: line.SKU, Quantity: line.Quantity})
				}
				answer, err := p.stock.ReserveStock(ctx, &inventoryv1.ReserveStockRequest{OrderId: order.ID, Lines: lines})
				if err == nil {
					order.Cents = answer.GetTotalCents()
				}
				return err
			},
			undo: func(ctx context.Context, order *Order) error {
				_, err := p.stock.ReleaseStock(ctx, &inventoryv1.ReleaseStockRequest{OrderId: order.ID})
				return err
			},
		},
		{
			name: "take payment",
			do: func(ctx context.Context, order *Order) error {
				_, err := p.payments.TakePayment(ctx, &paymentv1.TakePaymentRequest{OrderId: order.ID, UserId: order.User, Cents: order.Cents})
				return err
			},
			undo: func(ctx context.Context, order *Order) error {
				_, err := p.payments.RefundPayment(ctx, &paymentv1.RefundPaymentRequest{OrderId: order.ID})
				return err
			},
		},
		{
			name: "ship",
			do: func(ctx context.Context, order *Order) error {
				_, err := p.shipments.CreateShipment(ctx, &shipmentv1.CreateShipmentRequest{OrderId: order.ID, UserId: order.User})
				return err
			},
			undo: func(ctx context.Context, order *Order) error {
				_, err := p.shipments.CancelShipment(ctx, &shipmentv1.CancelShipmentRequest{OrderId: order.ID})
				return err
			},
		},
		{
			name: "book the sale",
			do: func(ctx context.Context, order *Order) error {
				_, err := p.stock.SellStock(ctx, &inventoryv1.SellStockRequest{OrderId: order.ID})
				return err
			},
		},
	}
}

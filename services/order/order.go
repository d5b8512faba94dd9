package main

import (
	"slices"

	orderv1 "fairlead.dev/services/api/shop/order/v1"
)

// What becomes of an order.
const (
	pending    = "pending"
	completed  = "completed"
	cancelling = "cancelling"
	cancelled  = "cancelled"
)

// Line is so much of something.
type Line struct {
	SKU      string `json:"sku"`
	Quantity int64  `json:"quantity"`
}

// Order is what is kept of one.
type Order struct {
	ID    string `json:"id"`
	User  string `json:"userId"`
	Lines []Line `json:"lines"`
	State string `json:"state"`
	Cents int64  `json:"totalCents"`
	// Reason it was cancelled for.
	Reason string `json:"reason,omitempty"`

	// done steps of the saga; while it is cancelled, those that are still to be undone.
	done     int
	attempts int
	// dead waits for somebody to look.
	dead bool
	// version changes with each save, so that of two who work on it at once one is stopped.
	version int64
	// requestID and trace of who ordered it, for those who go on with it later.
	requestID, trace string
}

func (o *Order) final() bool { return o.State == completed || o.State == cancelled }

func (o *Order) same(other *Order) bool {
	return o.User == other.User && slices.Equal(o.Lines, other.Lines)
}

var states = map[string]orderv1.OrderState{
	pending: orderv1.OrderState_ORDER_STATE_PENDING, completed: orderv1.OrderState_ORDER_STATE_COMPLETED,
	cancelling: orderv1.OrderState_ORDER_STATE_CANCELLING, cancelled: orderv1.OrderState_ORDER_STATE_CANCELLED,
}

func (o *Order) message() *orderv1.Order {
	lines := make([]*orderv1.Line, 0, len(o.Lines))
	for _, line := range o.Lines {
		lines = append(lines, &orderv1.Line{Sku: line.SKU, Quantity: line.Quantity})
	}
	return &orderv1.Order{Id: o.ID, UserId: o.User, Lines: lines, State: states[o.State], TotalCents: o.Cents, Reason: o.Reason}
}

package main

import (
	"context"
	"maps"
	"sync"
	"time"

	"fairlead.dev/services/internal/kit"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// errOvertaken says that somebody else has gone on with an order.
var errOvertaken = status.Error(codes.Aborted, "somebody else goes on with the order")

func errUnknown(id string) error { return status.Errorf(codes.NotFound, "there is no order %s", id) }

// store keeps orders. What is handed in and out belongs to the caller.
type store interface {
	// insert keeps an order and claims it, unless the id is taken: then it returns who has it.
	insert(ctx context.Context, order *Order, hold time.Duration) (there *Order, err error)
	get(ctx context.Context, id string) (*Order, error)
	// claim takes an order for a while; nil when it is finished, dead, unknown or somebody else's.
	claim(ctx context.Context, id string, hold time.Duration) (*Order, error)
	// save keeps a claimed order, holds it on or frees it, and says in how long its turn comes. errOvertaken when it changed.
	save(ctx context.Context, order *Order, hold, next time.Duration) error
	// overdue are orders whose turn came a while ago and whom nobody holds.
	overdue(ctx context.Context, since time.Duration, most int) ([]string, error)
	dead(ctx context.Context) ([]*Order, error)
	revive(ctx context.Context, id string) error
	sums(ctx context.Context) (Sums, error)
}

type kept struct {
	order      Order
	held, next time.Time
}

type memory struct {
	lock   sync.Mutex
	now    func() time.Time
	orders *kit.Kept[*kept]
	open   map[string]*kept
	totals Sums
}

// ordersKept are finished ones that a request may come for again.
const ordersKept = 20_000

func newMemory() *memory {
	return &memory{now: time.Now, orders: kit.NewKept[*kept](ordersKept), open: map[string]*kept{}, totals: Sums{Sold: map[string]int64{}}}
}

func (m *memory) insert(_ context.Context, order *Order, hold time.Duration) (*Order, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	if there, known := m.orders.Get(order.ID); known {
		copied := there.order
		return &copied, nil
	}
	order.version = 1
	fresh := &kept{order: *order, held: m.now().Add(hold), next: m.now()}
	m.orders.Put(order.ID, fresh)
	m.open[order.ID] = fresh
	return nil, nil
}

func (m *memory) get(_ context.Context, id string) (*Order, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	there, known := m.orders.Get(id)
	if !known {
		return nil, errUnknown(id)
	}
	copied := there.order
	return &copied, nil
}

func (m *memory) claim(_ context.Context, id string, hold time.Duration) (*Order, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	there, open := m.open[id]
	if !open || there.order.dead || there.held.After(m.now()) {
		return nil, nil
	}
	there.held = m.now().Add(hold)
	there.order.version++
	copied := there.order
	return &copied, nil
}

func (m *memory) save(_ context.Context, order *Order, hold, next time.Duration) error {
	m.lock.Lock()
	defer m.lock.Unlock()
	there, open := m.open[order.ID]
	if !open || there.order.version != order.version {
		return errOvertaken
	}
	order.version++
	there.order, there.held, there.next = *order, m.now().Add(hold), m.now().Add(next)
	if order.final() {
		delete(m.open, order.ID)
		m.orders.Finish(order.ID)
		m.count(order)
	}
	return nil
}

func (m *memory) count(order *Order) {
	if order.State == cancelled {
		m.totals.Cancelled++
		return
	}
	m.totals.Completed++
	m.totals.Cents += order.Cents
	for _, line := range order.Lines {
		m.totals.Sold[line.SKU] += line.Quantity
	}
}

func (m *memory) overdue(_ context.Context, since time.Duration, most int) ([]string, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	var ids []string
	for id, one := range m.open {
		if len(ids) < most && !one.order.dead && one.held.Before(m.now()) && one.next.Add(since).Before(m.now()) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

func (m *memory) dead(context.Context) ([]*Order, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	all := []*Order{}
	for _, one := range m.open {
		if one.order.dead {
			copied := one.order
			all = append(all, &copied)
		}
	}
	return all, nil
}

func (m *memory) revive(_ context.Context, id string) error {
	m.lock.Lock()
	defer m.lock.Unlock()
	there, open := m.open[id]
	if !open || !there.order.dead {
		return status.Errorf(codes.NotFound, "there is no dead order %s", id)
	}
	there.order.dead, there.order.attempts = false, 0
	there.order.version++
	return nil
}

func (m *memory) sums(context.Context) (Sums, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	sums := m.totals
	sums.Sold = maps.Clone(m.totals.Sold)
	for _, one := range m.open {
		sums.Pending++
		if one.order.dead {
			sums.Dead++
		}
	}
	return sums, nil
}

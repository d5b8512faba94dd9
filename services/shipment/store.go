package main

import (
	"context"
	"slices"
	"sync"

	shipmentv1 "fairlead.dev/services/api/shop/shipment/v1"
	"fairlead.dev/services/internal/kit"
)

type memory struct {
	lock    sync.Mutex
	parcels *kit.Kept[string]
	sums    map[string]int64
}

// parcelsKept are those that a request may come for again.
const parcelsKept = 50_000

func newMemory() *memory {
	return &memory{parcels: kit.NewKept[string](parcelsKept), sums: map[string]int64{}}
}

func (m *memory) move(_ context.Context, order, to string, from ...string) (string, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	before, known := m.parcels.Get(order)
	if !slices.Contains(from, before) {
		return before, nil
	}
	m.parcels.Put(order, to)
	if known {
		m.sums[before]--
	} else {
		m.parcels.Finish(order)
	}
	m.sums[to]++
	return before, nil
}

func (m *memory) books(context.Context) (*shipmentv1.GetBooksResponse, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	return &shipmentv1.GetBooksResponse{Shipped: m.sums[shipped] + m.sums[delivered], Cancelled: m.sums[cancelled]}, nil
}

const schema = `CREATE TABLE IF NOT EXISTS parcels (order_id text PRIMARY KEY, state text NOT NULL)`

type database struct{ *kit.Database }

func (d database) move(ctx context.Context, order, to string, from ...string) (before string, err error) {
	err = d.Transaction(ctx, func(tx kit.Session) error {
		if slices.Contains(from, none) {
			made, err := tx.Exec(ctx, `INSERT INTO parcels VALUES ($1, $2) ON CONFLICT DO NOTHING`, order, to)
			if err != nil || made == 1 {
				return err
			}
		}
		rows, err := tx.Query(ctx, `SELECT state FROM parcels WHERE order_id = $1 FOR UPDATE`, order)
		if err != nil || len(rows) == 0 {
			return err
		}
		if err := rows[0].Scan(&before); err != nil || !slices.Contains(from, before) {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE parcels SET state = $2 WHERE order_id = $1`, order, to)
		return err
	})
	return before, kit.Stored(err)
}

func (d database) books(ctx context.Context) (*shipmentv1.GetBooksResponse, error) {
	rows, err := d.Query(ctx, `SELECT count(*) FILTER (WHERE state IN ('shipped', 'delivered')),
		count(*) FILTER (WHERE state = 'cancelled') FROM parcels`)
	if err != nil {
		return nil, kit.Stored(err)
	}
	sums := &shipmentv1.GetBooksResponse{}
	return sums, kit.Stored(rows[0].Scan(&sums.Shipped, &sums.Cancelled))
}

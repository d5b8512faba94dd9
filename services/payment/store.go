package main

import (
	"context"
	"errors"
	"sync"

	paymentv1 "fairlead.dev/services/api/shop/payment/v1"
	"fairlead.dev/services/internal/kit"
)

type payment struct {
	state string
	cents int64
}

type memory struct {
	lock     sync.Mutex
	payments *kit.Kept[payment]
	sums     paymentv1.GetBooksResponse
}

// paymentsKept are those that a request may come for again.
const paymentsKept = 50_000

func newMemory() *memory { return &memory{payments: kit.NewKept[payment](paymentsKept)} }

func (m *memory) take(_ context.Context, order string, cents int64) (string, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	before, known := m.payments.Get(order)
	if known {
		return before.state, nil
	}
	m.payments.Put(order, payment{taken, cents})
	m.payments.Finish(order)
	m.sums.Taken++
	m.sums.TakenCents += cents
	return none, nil
}

func (m *memory) refund(_ context.Context, order string) (string, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	before, known := m.payments.Get(order)
	switch {
	case !known:
		m.payments.Put(order, payment{barred, 0})
		m.payments.Finish(order)
	case before.state == taken:
		m.payments.Put(order, payment{refunded, before.cents})
		m.sums.Taken--
		m.sums.TakenCents -= before.cents
		m.sums.Refunded++
		m.sums.RefundedCents += before.cents
	}
	return before.state, nil
}

func (m *memory) books(context.Context) (*paymentv1.GetBooksResponse, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	return &paymentv1.GetBooksResponse{
		Taken: m.sums.Taken, TakenCents: m.sums.TakenCents, Refunded: m.sums.Refunded, RefundedCents: m.sums.RefundedCents,
	}, nil
}

// The ledger takes whatever is booked, so that something booked twice would be seen.
const schema = `
CREATE TABLE IF NOT EXISTS payments (order_id text PRIMARY KEY, state text NOT NULL, cents bigint NOT NULL);
CREATE TABLE IF NOT EXISTS ledger (id bigserial PRIMARY KEY, order_id text NOT NULL, entry text NOT NULL, cents bigint NOT NULL)`

type database struct{ *kit.Database }

func (d database) take(ctx context.Context, order string, cents int64) (before string, err error) {
	err = d.Transaction(ctx, func(tx kit.Session) error {
		made, err := tx.Exec(ctx, `INSERT INTO payments VALUES ($1, 'taken', $2) ON CONFLICT DO NOTHING`, order, cents)
		if err != nil {
			return err
		}
		if made == 0 {
			rows, err := tx.Query(ctx, `SELECT state FROM payments WHERE order_id = $1`, order)
			if err != nil {
				return err
			}
			return rows[0].Scan(&before)
		}
		_, err = tx.Exec(ctx, `INSERT INTO ledger (order_id, entry, cents) VALUES ($1, 'taken', $2)`, order, cents)
		return err
	})
	return before, kit.Stored(err)
}

func (d database) refund(ctx context.Context, order string) (before string, err error) {
	err = d.Transaction(ctx, func(tx kit.Session) error {
		made, err := tx.Exec(ctx, `INSERT INTO payments VALUES ($1, 'barred', 0) ON CONFLICT DO NOTHING`, order)
		if err != nil || made == 1 {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT state, cents FROM payments WHERE order_id = $1 FOR UPDATE`, order)
		if err != nil {
			return err
		}
		var cents int64
		if err := rows[0].Scan(&before, &cents); err != nil || before != taken {
			return err
		}
		_, changed := tx.Exec(ctx, `UPDATE payments SET state = 'refunded' WHERE order_id = $1`, order)
		_, booked := tx.Exec(ctx, `INSERT INTO ledger (order_id, entry, cents) VALUES ($1, 'refunded', $2)`, order, cents)
		return errors.Join(changed, booked)
	})
	return before, kit.Stored(err)
}

func (d database) books(ctx context.Context) (*paymentv1.GetBooksResponse, error) {
	rows, err := d.Query(ctx, `
WITH entries AS (
  SELECT order_id, entry, count(*) AS times, sum(cents)::bigint AS cents FROM ledger GROUP BY order_id, entry
), totals AS (
  SELECT coalesce(sum(times) FILTER (WHERE entry = 'taken'), 0)::bigint AS taken,
         coalesce(sum(cents) FILTER (WHERE entry = 'taken'), 0)::bigint AS taken_cents,
         coalesce(sum(times) FILTER (WHERE entry = 'refunded'), 0)::bigint AS refunded,
         coalesce(sum(cents) FILTER (WHERE entry = 'refunded'), 0)::bigint AS refunded_cents,
         count(*) FILTER (WHERE times > 1) AS doubles
  FROM entries
) SELECT taken - refunded, taken_cents - refunded_cents, refunded, refunded_cents, doubles FROM totals`)
	if err != nil {
		return nil, kit.Stored(err)
	}
	sums := &paymentv1.GetBooksResponse{}
	return sums, kit.Stored(rows[0].Scan(&sums.Taken, &sums.TakenCents, &sums.Refunded, &sums.RefundedCents, &sums.Doubles))
}

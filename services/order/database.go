package main

import (
	"context"
	"time"

	"fairlead.dev/services/internal/kit"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const schema = `
CREATE TABLE IF NOT EXISTS orders (
  id text PRIMARY KEY, user_id text NOT NULL, lines jsonb NOT NULL, state text NOT NULL, cents bigint NOT NULL,
  reason text NOT NULL, done int NOT NULL, attempts int NOT NULL, dead boolean NOT NULL, version bigint NOT NULL,
  request_id text NOT NULL, trace text NOT NULL, held timestamptz NOT NULL, next timestamptz NOT NULL);
CREATE INDEX IF NOT EXISTS orders_open ON orders (next) WHERE state IN ('pending', 'cancelling')`

const columns = `id, user_id, lines, state, cents, reason, done, attempts, dead, version, request_id, trace`

// The database's clock decides whose turn it is: pods' clocks differ.
type database struct{ *kit.Database }

// all are the orders that a statement returns.
func (d database) all(ctx context.Context, statement string, values ...any) ([]*Order, error) {
	rows, err := d.Query(ctx, statement, values...)
	if err != nil {
		return nil, kit.Stored(err)
	}
	orders := make([]*Order, 0, len(rows))
	for _, row := range rows {
		o := &Order{}
		err := row.Scan(&o.ID, &o.User, &o.Lines, &o.State, &o.Cents, &o.Reason, &o.done, &o.attempts, &o.dead, &o.version, &o.requestID, &o.trace)
		if err != nil {
			return nil, kit.Stored(err)
		}
		orders = append(orders, o)
	}
	return orders, nil
}

// one is the order that a statement returns, or nil.
func (d database) one(ctx context.Context, statement string, values ...any) (*Order, error) {
	orders, err := d.all(ctx, statement, values...)
	if err != nil || len(orders) == 0 {
		return nil, err
	}
	return orders[0], nil
}

func (d database) insert(ctx context.Context, order *Order, hold time.Duration) (*Order, error) {
	order.version = 1
	made, err := d.Exec(ctx, `INSERT INTO orders (`+columns+`, held, next)
		VALUES ($1, $2, $3, $4, 0, '', 0, 0, false, 1, $5, $6, now() + $7::interval, now()) ON CONFLICT DO NOTHING`,
		order.ID, order.User, order.Lines, order.State, order.requestID, order.trace, hold)
	if err != nil || made == 1 {
		return nil, kit.Stored(err)
	}
	return d.get(ctx, order.ID)
}

func (d database) get(ctx context.Context, id string) (*Order, error) {
	order, err := d.one(ctx, `SELECT `+columns+` FROM orders WHERE id = $1`, id)
	if err == nil && order == nil {
		return nil, errUnknown(id)
	}
	return order, err
}

func (d database) claim(ctx context.Context, id string, hold time.Duration) (*Order, error) {
	return d.one(ctx, `UPDATE orders SET held = now() + $2::interval, version = version + 1
		WHERE id = $1 AND state IN ('pending', 'cancelling') AND NOT dead AND held <= now() RETURNING `+columns, id, hold)
}

func (d database) save(ctx context.Context, o *Order, hold, next time.Duration) error {
	changed, err := d.Exec(ctx, `UPDATE orders SET state = $3, cents = $4, reason = $5, done = $6, attempts = $7, dead = $8,
		version = version + 1, held = now() + $9::interval, next = now() + $10::interval WHERE id = $1 AND version = $2`,
		o.ID, o.version, o.State, o.Cents, o.Reason, o.done, o.attempts, o.dead, hold, next)
	if err != nil {
		return kit.Stored(err)
	}
	if changed == 0 {
		return errOvertaken
	}
	o.version++
	return nil
}

func (d database) overdue(ctx context.Context, since time.Duration, most int) ([]string, error) {
	rows, err := d.Query(ctx, `SELECT id FROM orders WHERE state IN ('pending', 'cancelling') AND NOT dead
		AND held <= now() AND next + $1::interval <= now() ORDER BY next LIMIT $2`, since, most)
	if err != nil {
		return nil, kit.Stored(err)
	}
	ids := make([]string, len(rows))
	for index, row := range rows {
		if err := row.Scan(&ids[index]); err != nil {
			return nil, kit.Stored(err)
		}
	}
	return ids, nil
}

func (d database) dead(ctx context.Context) ([]*Order, error) {
	return d.all(ctx, `SELECT `+columns+` FROM orders WHERE dead AND state IN ('pending', 'cancelling') ORDER BY id LIMIT 1000`)
}

func (d database) revive(ctx context.Context, id string) error {
	changed, err := d.Exec(ctx, `UPDATE orders SET dead = false, attempts = 0, version = version + 1 WHERE id = $1 AND dead`, id)
	if err == nil && changed == 0 {
		return status.Errorf(codes.NotFound, "there is no dead order %s", id)
	}
	return kit.Stored(err)
}

// sums in one statement, which sees one moment.
func (d database) sums(ctx context.Context) (Sums, error) {
	sums := Sums{}
	rows, err := d.Query(ctx, `SELECT count(*) FILTER (WHERE state IN ('pending', 'cancelling')), count(*) FILTER (WHERE state = 'completed'),
		count(*) FILTER (WHERE state = 'cancelled'), count(*) FILTER (WHERE dead),
		coalesce(sum(cents) FILTER (WHERE state = 'completed'), 0)::bigint,
		(SELECT coalesce(json_object_agg(sku, quantity), '{}') FROM (
			SELECT line->>'sku' AS sku, sum((line->>'quantity')::bigint)::bigint AS quantity
			FROM orders, jsonb_array_elements(lines) AS line WHERE state = 'completed' GROUP BY 1) AS sold)
		FROM orders`)
	if err != nil {
		return sums, kit.Stored(err)
	}
	return sums, kit.Stored(rows[0].Scan(&sums.Pending, &sums.Completed, &sums.Cancelled, &sums.Dead, &sums.Cents, &sums.Sold))
}

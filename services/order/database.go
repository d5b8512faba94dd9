package main

import (
	"context"
	"errors"
	"time"

	"fairlead.dev/services/internal/kit"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
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
type database struct{ pool *pgxpool.Pool }

func scan(row pgx.CollectableRow) (*Order, error) {
	o := &Order{}
	return o, row.Scan(&o.ID, &o.User, &o.Lines, &o.State, &o.Cents, &o.Reason, &o.done, &o.attempts, &o.dead, &o.version, &o.requestID, &o.trace)
}

func (d database) one(ctx context.Context, query string, args ...any) (*Order, error) {
	rows, err := d.pool.Query(ctx, query, args...)
	if err != nil {
		return nil, kit.Stored(err)
	}
	order, err := pgx.CollectExactlyOneRow(rows, scan)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	return order, kit.Stored(err)
}

func (d database) insert(ctx context.Context, order *Order, hold time.Duration) (*Order, error) {
	order.version = 1
	made, err := d.pool.Exec(ctx, `INSERT INTO orders (`+columns+`, held, next)
		VALUES ($1, $2, $3, $4, 0, '', 0, 0, false, 1, $5, $6, now() + $7::interval, now()) ON CONFLICT DO NOTHING`,
		order.ID, order.User, order.Lines, order.State, order.requestID, order.trace, hold)
	if err != nil || made.RowsAffected() == 1 {
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
	changed, err := d.pool.Exec(ctx, `UPDATE orders SET state = $3, cents = $4, reason = $5, done = $6, attempts = $7, dead = $8,
		version = version + 1, held = now() + $9::interval, next = now() + $10::interval WHERE id = $1 AND version = $2`,
		o.ID, o.version, o.State, o.Cents, o.Reason, o.done, o.attempts, o.dead, hold, next)
	if err != nil {
		return kit.Stored(err)
	}
	if changed.RowsAffected() == 0 {
		return errOvertaken
	}
	o.version++
	return nil
}

func (d database) overdue(ctx context.Context, since time.Duration, most int) ([]string, error) {
	rows, err := d.pool.Query(ctx, `SELECT id FROM orders WHERE state IN ('pending', 'cancelling') AND NOT dead
		AND held <= now() AND next + $1::interval <= now() ORDER BY next LIMIT $2`, since, most)
	if err != nil {
		return nil, kit.Stored(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return ids, kit.Stored(err)
}

func (d database) dead(ctx context.Context) ([]*Order, error) {
	rows, err := d.pool.Query(ctx, `SELECT `+columns+` FROM orders WHERE dead AND state IN ('pending', 'cancelling') ORDER BY id LIMIT 1000`)
	if err != nil {
		return nil, kit.Stored(err)
	}
	all, err := pgx.CollectRows(rows, scan)
	return all, kit.Stored(err)
}

func (d database) revive(ctx context.Context, id string) error {
	changed, err := d.pool.Exec(ctx, `UPDATE orders SET dead = false, attempts = 0, version = version + 1 WHERE id = $1 AND dead`, id)
	if err == nil && changed.RowsAffected() == 0 {
		return status.Errorf(codes.NotFound, "there is no dead order %s", id)
	}
	return kit.Stored(err)
}

func (d database) sums(ctx context.Context) (Sums, error) {
	sums := Sums{Sold: map[string]int64{}}
	// One snapshot for both questions.
	err := pgx.BeginTxFunc(ctx, d.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `SELECT count(*) FILTER (WHERE state IN ('pending', 'cancelling')), count(*) FILTER (WHERE state = 'completed'),
			count(*) FILTER (WHERE state = 'cancelled'), count(*) FILTER (WHERE dead),
			coalesce(sum(cents) FILTER (WHERE state = 'completed'), 0)::bigint FROM orders`).
			Scan(&sums.Pending, &sums.Completed, &sums.Cancelled, &sums.Dead, &sums.Cents)
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT line->>'sku', sum((line->>'quantity')::bigint)::bigint
			FROM orders, jsonb_array_elements(lines) AS line WHERE state = 'completed' GROUP BY 1`)
		if err != nil {
			return err
		}
		var sku string
		var quantity int64
		_, err = pgx.ForEachRow(rows, []any{&sku, &quantity}, func() error { sums.Sold[sku] = quantity; return nil })
		return err
	})
	return sums, kit.Stored(err)
}

package main

import (
	"context"
	"slices"
	"strings"
	"sync"

	inventoryv1 "fairlead.dev/services/api/shop/inventory/v1"
	"fairlead.dev/services/internal/kit"
)

type reservation struct {
	state string
	lines []line
	cents int64
}

type memory struct {
	lock         sync.Mutex
	articles     map[string]*inventoryv1.Item
	reservations *kit.Kept[reservation]
}

// reservationsKept are those that a request may come for again.
const reservationsKept = 50_000

func newMemory() *memory {
	return &memory{articles: map[string]*inventoryv1.Item{}, reservations: kit.NewKept[reservation](reservationsKept)}
}

func (m *memory) stock(_ context.Context, items map[string]Article) error {
	m.lock.Lock()
	defer m.lock.Unlock()
	for sku, article := range items {
		if m.articles[sku] == nil {
			m.articles[sku] = &inventoryv1.Item{Sku: sku, PriceCents: article.Cents, Initial: article.Stock, Free: article.Stock}
		}
	}
	return nil
}

func (m *memory) reserve(_ context.Context, order string, lines []line) (int64, string, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	if before, known := m.reservations.Get(order); known {
		return before.cents, before.state, nil
	}
	var cents int64
	for _, line := range lines {
		item := m.articles[line.SKU]
		if item == nil || item.GetFree() < line.Quantity {
			return 0, none, errTooLittle
		}
		cents += line.Quantity * item.GetPriceCents()
	}
	for _, line := range lines {
		m.articles[line.SKU].Free -= line.Quantity
		m.articles[line.SKU].Reserved += line.Quantity
	}
	m.reservations.Put(order, reservation{reserved, lines, cents})
	return cents, none, nil
}

func (m *memory) settle(_ context.Context, order, to string) (string, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	before, known := m.reservations.Get(order)
	if !known {
		if to == released {
			m.reservations.Put(order, reservation{state: barred})
			m.reservations.Finish(order)
		}
		return none, nil
	}
	if before.state != reserved {
		return before.state, nil
	}
	for _, line := range before.lines {
		item := m.articles[line.SKU]
		item.Reserved -= line.Quantity
		if to == sold {
			item.Sold += line.Quantity
		} else {
			item.Free += line.Quantity
		}
	}
	m.reservations.Put(order, reservation{to, before.lines, before.cents})
	m.reservations.Finish(order)
	return reserved, nil
}

func (m *memory) items(context.Context) ([]*inventoryv1.Item, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	var all []*inventoryv1.Item
	for _, item := range m.articles {
		all = append(all, &inventoryv1.Item{Sku: item.GetSku(), PriceCents: item.GetPriceCents(), Initial: item.GetInitial(),
			Free: item.GetFree(), Reserved: item.GetReserved(), Sold: item.GetSold()})
	}
	slices.SortFunc(all, func(a, b *inventoryv1.Item) int { return strings.Compare(a.GetSku(), b.GetSku()) })
	return all, nil
}

const schema = `
CREATE TABLE IF NOT EXISTS items (sku text PRIMARY KEY, cents bigint NOT NULL, initial bigint NOT NULL,
  free bigint NOT NULL CHECK (free >= 0), reserved bigint NOT NULL CHECK (reserved >= 0), sold bigint NOT NULL);
CREATE TABLE IF NOT EXISTS reservations (order_id text PRIMARY KEY, state text NOT NULL, lines jsonb, cents bigint NOT NULL)`

type database struct{ *kit.Database }

func (d database) stock(ctx context.Context, items map[string]Article) error {
	for sku, article := range items {
		_, err := d.Exec(ctx, `INSERT INTO items VALUES ($1, $2, $3, $3, 0, 0) ON CONFLICT DO NOTHING`, sku, article.Cents, article.Stock)
		if err != nil {
			return kit.Stored(err)
		}
	}
	return nil
}

func (d database) reserve(ctx context.Context, order string, lines []line) (cents int64, before string, err error) {
	err = d.Transaction(ctx, func(tx kit.Session) error {
		made, err := tx.Exec(ctx, `INSERT INTO reservations VALUES ($1, 'reserved', $2, 0) ON CONFLICT DO NOTHING`, order, lines)
		if err != nil {
			return err
		}
		if made == 0 {
			rows, err := tx.Query(ctx, `SELECT state, cents FROM reservations WHERE order_id = $1`, order)
			if err != nil {
				return err
			}
			return rows[0].Scan(&before, &cents)
		}
		for _, line := range lines {
			rows, err := tx.Query(ctx, `UPDATE items SET free = free - $2, reserved = reserved + $2
				WHERE sku = $1 AND free >= $2 RETURNING cents`, line.SKU, line.Quantity)
			if err != nil {
				return err
			}
			if len(rows) == 0 {
				return errTooLittle
			}
			var price int64
			if err := rows[0].Scan(&price); err != nil {
				return err
			}
			cents += line.Quantity * price
		}
		_, err = tx.Exec(ctx, `UPDATE reservations SET cents = $2 WHERE order_id = $1`, order, cents)
		return err
	})
	return cents, before, kit.Stored(err)
}

func (d database) settle(ctx context.Context, order, to string) (before string, err error) {
	err = d.Transaction(ctx, func(tx kit.Session) error {
		if to == released {
			made, err := tx.Exec(ctx, `INSERT INTO reservations VALUES ($1, 'barred', NULL, 0) ON CONFLICT DO NOTHING`, order)
			if err != nil || made == 1 {
				return err
			}
		}
		rows, err := tx.Query(ctx, `SELECT state, lines FROM reservations WHERE order_id = $1 FOR UPDATE`, order)
		if err != nil || len(rows) == 0 {
			return err
		}
		var lines []line
		if err := rows[0].Scan(&before, &lines); err != nil || before != reserved {
			return err
		}
		for _, line := range lines {
			_, err := tx.Exec(ctx, `UPDATE items SET reserved = reserved - $2,
				free = free + CASE WHEN $3 THEN 0 ELSE $2::bigint END, sold = sold + CASE WHEN $3 THEN $2::bigint ELSE 0 END
				WHERE sku = $1`, line.SKU, line.Quantity, to == sold)
			if err != nil {
				return err
			}
		}
		_, err = tx.Exec(ctx, `UPDATE reservations SET state = $2 WHERE order_id = $1`, order, to)
		return err
	})
	return before, kit.Stored(err)
}

func (d database) items(ctx context.Context) ([]*inventoryv1.Item, error) {
	rows, err := d.Query(ctx, `SELECT sku, cents, initial, free, reserved, sold FROM items ORDER BY sku`)
	if err != nil {
		return nil, kit.Stored(err)
	}
	all := make([]*inventoryv1.Item, 0, len(rows))
	for _, row := range rows {
		item := &inventoryv1.Item{}
		if err := row.Scan(&item.Sku, &item.PriceCents, &item.Initial, &item.Free, &item.Reserved, &item.Sold); err != nil {
			return nil, kit.Stored(err)
		}
		all = append(all, item)
	}
	return all, nil
}

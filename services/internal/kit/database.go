package kit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/puddle/v2"
)

// Database is a pool of connections to Postgres. It is pgx without its types, which would be a fifth of the program:
// parameters go and columns come as the texts that Postgres writes.
type Database struct{ pool *puddle.Pool[*connection] }

// Session asks a database: within a transaction or, each for itself, without.
type Session interface {
	// Query returns rows.
	Query(ctx context.Context, statement string, values ...any) ([]Row, error)
	// Exec returns how many rows were changed.
	Exec(ctx context.Context, statement string, values ...any) (int64, error)
}

// Database connects where DATABASE_URL names a server; nil means that the service keeps its things in memory.
// The schema is created before the first request; statements in it say "if not exists".
func (a *App) Database(schema string) (*Database, error) {
	if strings.HasPrefix(a.Settings.DatabaseURL, "memory:") {
		a.Log.Warn().Str("store", "memory").Msg("what is stored is gone when the process ends")
		return nil, nil
	}
	database, config, err := openDatabase(a.Settings.DatabaseURL)
	if err != nil {
		return nil, err
	}
	a.Log.Info().Str("store", "postgres").Str("host", config.Host).Str("database", config.Database).Msg("stores in a database")
	a.Closing(func(context.Context) error { database.pool.Close(); return nil })
	a.Prepare(func(ctx context.Context) error { return database.create(ctx, schema) })
	return database, nil
}

// Store is where a service keeps its things: in the database that DATABASE_URL names, else in memory.
func Store[S any](app *App, schema string, memory S, in func(*Database) S) (S, error) {
	database, err := app.Database(schema)
	if database == nil {
		return memory, err
	}
	return in(database), nil
}

func openDatabase(url string) (*Database, *pgconn.Config, error) {
	config, err := pgconn.ParseConfig(url)
	if err != nil {
		return nil, nil, errors.New("DATABASE_URL cannot be read") // The error of the parser repeats what it read.
	}
	config.ConnectTimeout = 5 * time.Second
	pool, err := puddle.NewPool(&puddle.Config[*connection]{
		MaxSize: int32(4 * max(2, runtime.GOMAXPROCS(0))),
		Constructor: func(ctx context.Context) (*connection, error) {
			conn, err := pgconn.ConnectConfig(ctx, config)
			if err != nil {
				return nil, err
			}
			return &connection{conn, map[string]string{}}, nil
		},
		Destructor: func(c *connection) {
			ctx, done := context.WithTimeout(context.Background(), time.Second)
			defer done()
			_ = c.conn.Close(ctx)
		},
	})
	return &Database{pool}, config, err
}

// create runs a schema. Two pods that start at once must not create the same table at once.
func (d *Database) create(ctx context.Context, schema string) error {
	return d.use(ctx, func(c *connection) error {
		_, err := c.conn.Exec(ctx, "BEGIN; SELECT pg_advisory_xact_lock(7236); "+schema+"; COMMIT").ReadAll()
		return err
	})
}

// A connection that nobody used for a while may be to a server that is gone.
const (
	doubted = time.Second
	oldest  = 30 * time.Minute
)

// use lends a connection, and throws away one that ended or was left in the middle of something.
func (d *Database) use(ctx context.Context, work func(*connection) error) error {
	for {
		lent, err := d.pool.Acquire(ctx)
		if err != nil {
			return err
		}
		c := lent.Value()
		if lent.IdleDuration() > doubted && c.conn.Ping(ctx) != nil {
			lent.Destroy()
			continue
		}
		defer func() {
			if c.conn.IsClosed() || c.conn.TxStatus() != 'I' || time.Since(lent.CreationTime()) > oldest {
				lent.Destroy()
				return
			}
			lent.Release()
		}()
		return work(c)
	}
}

// Query asks by itself.
func (d *Database) Query(ctx context.Context, statement string, values ...any) (rows []Row, err error) {
	err = d.use(ctx, func(c *connection) error { rows, err = c.Query(ctx, statement, values...); return err })
	return rows, err
}

// Exec changes by itself.
func (d *Database) Exec(ctx context.Context, statement string, values ...any) (changed int64, err error) {
	err = d.use(ctx, func(c *connection) error { changed, err = c.Exec(ctx, statement, values...); return err })
	return changed, err
}

// Transaction does all of it or nothing.
func (d *Database) Transaction(ctx context.Context, work func(Session) error) error {
	return d.use(ctx, func(c *connection) error {
		if _, err := c.Exec(ctx, "BEGIN"); err != nil {
			return err
		}
		if err := work(c); err != nil {
			// Also when the caller's time is over; a connection on which that fails is thrown away.
			last, done := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer done()
			_, _ = c.Exec(last, "ROLLBACK")
			return err
		}
		_, err := c.Exec(ctx, "COMMIT")
		return err
	})
}

// connection remembers which statements its server has prepared.
type connection struct {
	conn     *pgconn.PgConn
	prepared map[string]string
}

func (c *connection) run(ctx context.Context, statement string, values []any) *pgconn.Result {
	name, known := c.prepared[statement]
	if !known {
		name = "s" + strconv.Itoa(len(c.prepared))
		if _, err := c.conn.Prepare(ctx, name, statement, nil); err != nil {
			return &pgconn.Result{Err: err}
		}
		c.prepared[statement] = name
	}
	texts := make([][]byte, 0, len(values))
	for _, value := range values {
		text, err := textOf(value)
		if err != nil {
			return &pgconn.Result{Err: err}
		}
		texts = append(texts, text)
	}
	return c.conn.ExecPrepared(ctx, name, texts, nil, nil).Read()
}

func (c *connection) Query(ctx context.Context, statement string, values ...any) ([]Row, error) {
	result := c.run(ctx, statement, values)
	rows := make([]Row, 0, len(result.Rows))
	for _, row := range result.Rows {
		rows = append(rows, row)
	}
	return rows, result.Err
}

func (c *connection) Exec(ctx context.Context, statement string, values ...any) (int64, error) {
	result := c.run(ctx, statement, values)
	return result.CommandTag.RowsAffected(), result.Err
}

// textOf is a value as Postgres reads it; what is no plain value becomes JSON.
func textOf(value any) ([]byte, error) {
	switch value := value.(type) {
	case string:
		return []byte(value), nil
	case time.Duration:
		return fmt.Appendf(nil, "%d microseconds", value.Microseconds()), nil
	case int, int64, bool:
		return fmt.Append(nil, value), nil
	default:
		return json.Marshal(value)
	}
}

// Row is one row of an answer.
type Row [][]byte

// Scan reads the columns; one of JSON into whatever it fits.
func (r Row) Scan(into ...any) error {
	if len(into) != len(r) {
		return fmt.Errorf("%d columns for %d places", len(r), len(into))
	}
	for index, place := range into {
		var err error
		switch place := place.(type) {
		case *string:
			*place = string(r[index])
		case *bool:
			*place = string(r[index]) == "t"
		default:
			// A number is JSON too; a column that is null leaves its place as it is.
			if r[index] != nil {
				err = json.Unmarshal(r[index], place)
			}
		}
		if err != nil {
			return fmt.Errorf("column %d: %w", index, err)
		}
	}
	return nil
}

package kit

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Database connects to Postgres where DATABASE_URL names one; nil means that the service keeps its things in memory.
// The schema is created before the first request; statements in it say "if not exists".
func (a *App) Database(schema string) (*pgxpool.Pool, error) {
	if strings.HasPrefix(a.Settings.DatabaseURL, "memory:") {
		a.Log.Warn().Str("store", "memory").Msg("what is stored is gone when the process ends")
		return nil, nil
	}
	config, err := pgxpool.ParseConfig(a.Settings.DatabaseURL)
	if err != nil {
		return nil, errors.New("DATABASE_URL cannot be read") // The error of the parser repeats what it read.
	}
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		return nil, err
	}
	a.Log.Info().Str("store", "postgres").Str("host", config.ConnConfig.Host).Str("database", config.ConnConfig.Database).Msg("stores in a database")
	a.Closing(func(context.Context) error { pool.Close(); return nil })
	a.Prepare(func(ctx context.Context) error {
		// Two pods that start at once must not create the same table at once.
		_, err := pool.Exec(ctx, "BEGIN; SELECT pg_advisory_xact_lock(7236); "+schema+"; COMMIT")
		var answered *pgconn.PgError
		if errors.As(err, &answered) {
			return errors.New(answered.Message)
		}
		return err
	})
	return pool, nil
}

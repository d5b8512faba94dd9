package main

import (
	"context"
	"sync"

	userv1 "fairlead.dev/services/api/shop/user/v1"
	"fairlead.dev/services/internal/kit"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

type memory struct {
	lock  sync.Mutex
	users *kit.Kept[*userv1.User]
}

// accountsKept bounds what a process that is asked for ever more accounts holds.
const accountsKept = 50_000

func newMemory() *memory { return &memory{users: kit.NewKept[*userv1.User](accountsKept)} }

func (m *memory) get(_ context.Context, id string) (*userv1.User, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	user, known := m.users.Get(id)
	if !known {
		return nil, status.Errorf(codes.NotFound, "nobody is called %s", id)
	}
	return user, nil
}

func (m *memory) create(_ context.Context, user *userv1.User) (*userv1.User, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	if there, known := m.users.Get(user.GetId()); known {
		return there, nil
	}
	m.users.Put(user.GetId(), user)
	m.users.Finish(user.GetId())
	return user, nil
}

const schema = `CREATE TABLE IF NOT EXISTS users (id text PRIMARY KEY, name text NOT NULL)`

type database struct{ *kit.Database }

func (d database) get(ctx context.Context, id string) (*userv1.User, error) {
	rows, err := d.Query(ctx, `SELECT name FROM users WHERE id = $1`, id)
	if err != nil {
		return nil, kit.Stored(err)
	}
	if len(rows) == 0 {
		return nil, status.Errorf(codes.NotFound, "nobody is called %s", id)
	}
	user := &userv1.User{Id: id}
	return user, kit.Stored(rows[0].Scan(&user.Name))
}

func (d database) create(ctx context.Context, user *userv1.User) (*userv1.User, error) {
	_, err := d.Exec(ctx, `INSERT INTO users (id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING`, user.GetId(), user.GetName())
	if err != nil {
		return nil, kit.Stored(err)
	}
	return d.get(ctx, user.GetId())
}

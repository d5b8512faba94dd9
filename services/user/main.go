// Accounts of those who order.
package main

import (
	"context"
	"errors"
	"net/http"
	"regexp"

	userv1 "fairlead.dev/services/api/shop/user/v1"
	"fairlead.dev/services/internal/kit"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Config of the service. Accounts are there from the beginning.
type Config struct {
	Accounts map[string]string `koanf:"accounts"`
}

const defaults = `
accounts:
  ada: Ada Lovelace
  grace: Grace Hopper
`

// Check finds what is wrong.
func (c Config) Check() error {
	for id, name := range c.Accounts {
		if !plain.MatchString(id) || name == "" {
			return errors.New("accounts: an id is of lower-case letters, digits and hyphens, and a name is not empty")
		}
	}
	return nil
}

func main() {
	kit.Main("user", func(app *kit.App) error {
		config, err := kit.Configure[Config](app, defaults)
		if err != nil {
			return err
		}
		store, err := kit.Store[store](app, schema, newMemory(), func(pool *kit.Database) store { return database{pool} })
		if err != nil {
			return err
		}
		app.Prepare(func(ctx context.Context) error {
			for id, name := range config.Get().Accounts {
				if _, err := store.create(ctx, &userv1.User{Id: id, Name: name}); err != nil {
					return err
				}
			}
			return nil
		})
		users := &users{store: store}
		userv1.RegisterUsersServer(app.GRPC, users)
		app.HTTP.HandleFunc("GET /users/{id}", users.get)
		app.HTTP.HandleFunc("POST /users", users.post)
		return nil
	})
}

// store keeps accounts. Errors are gRPC's.
type store interface {
	get(ctx context.Context, id string) (*userv1.User, error)
	// create keeps an account unless the id is taken, and returns who has it now.
	create(ctx context.Context, user *userv1.User) (*userv1.User, error)
}

type users struct {
	userv1.UnimplementedUsersServer
	store store
}

var plain = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// GetUser finds an account.
func (u *users) GetUser(ctx context.Context, request *userv1.GetUserRequest) (*userv1.GetUserResponse, error) {
	user, err := u.store.get(ctx, request.GetId())
	if err != nil {
		return nil, err
	}
	kit.Log(ctx).Debug().Str("user", user.GetId()).Msg("looked up")
	return &userv1.GetUserResponse{User: user}, nil
}

// CreateUser opens an account.
func (u *users) CreateUser(ctx context.Context, request *userv1.CreateUserRequest) (*userv1.CreateUserResponse, error) {
	if !plain.MatchString(request.GetId()) || request.GetName() == "" {
		return nil, status.Error(codes.InvalidArgument, "id is of lower-case letters, digits and hyphens, and name is not empty")
	}
	user, err := u.store.create(ctx, &userv1.User{Id: request.GetId(), Name: request.GetName()})
	if err != nil {
		return nil, err
	}
	if user.GetName() != request.GetName() {
		return nil, status.Errorf(codes.AlreadyExists, "%s is somebody else", request.GetId())
	}
	kit.Log(ctx).Info().Str("user", user.GetId()).Msg("account opened")
	return &userv1.CreateUserResponse{User: user}, nil
}

type body struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func (u *users) get(w http.ResponseWriter, r *http.Request) {
	found, err := u.GetUser(r.Context(), &userv1.GetUserRequest{Id: r.PathValue("id")})
	if err != nil {
		kit.FailWith(w, r, err)
		return
	}
	kit.Answer(w, http.StatusOK, body{found.GetUser().GetId(), found.GetUser().GetName()})
}

func (u *users) post(w http.ResponseWriter, r *http.Request) {
	var wanted body
	if !kit.Read(w, r, &wanted) {
		return
	}
	made, err := u.CreateUser(r.Context(), &userv1.CreateUserRequest{Id: wanted.ID, Name: wanted.Name})
	if err != nil {
		kit.FailWith(w, r, err)
		return
	}
	kit.Answer(w, http.StatusCreated, body{made.GetUser().GetId(), made.GetUser().GetName()})
}

package api

import (
	"context"
	"errors"
	"strings"

	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// Connections reads connections; see store.Table.
type Connections interface {
	Connection(ctx context.Context, id string) (store.Connection, error)
}

// Connection is the connection {c} of the request's route. One of another partner
// is not found, like one that is not there, and like what can be no id. Nor is any
// found at the routes of another partner, /v1/<partner>/connections/{c}….
func Connection(ctx context.Context, r *Request, table Connections) (store.Connection, error) {
	id := r.Path("c")
	if owner := ownerOf(r.RouteKey); !lever.ValidID(id) || owner != "" && owner != r.Partner {
		return store.Connection{}, NotFound("There is no such connection.")
	}
	c, err := table.Connection(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && c.Partner != r.Partner {
		return store.Connection{}, NotFound("There is no such connection.")
	}
	return c, err
}

// ownerOf is the partner whose own a route is, empty for one that all have.
func ownerOf(route string) string {
	_, path, _ := strings.Cut(route, " /v1/")
	owner, rest, _ := strings.Cut(path, "/")
	if !strings.HasPrefix(rest, "connections/{c}") {
		return ""
	}
	return owner
}

// Of makes a handler whose route names a connection {c}.
func Of(table Connections, handle func(ctx context.Context, r *Request, c store.Connection) (*Answer, error)) Handler {
	return func(ctx context.Context, r *Request) (*Answer, error) {
		c, err := Connection(ctx, r, table)
		if err != nil {
			return nil, err
		}
		return handle(ctx, r, c)
	}
}

package api

import (
	"context"

	"fulcrum/shared/store"
)

// Known answers a list of what is known of a kind of a connection's objects, in the
// order of their ids, as the request's cursor and limit say. show is how an object
// with that state is shown, nil where it is left out: a part of the list may then be
// shorter than asked for, and even empty, and still have a next one.
func Known[S, T any](ctx context.Context, table *store.Table, r *Request, c store.Connection, kind string, show func(store.Object, S) *T) (*Answer, error) {
	paging, err := Paging(r)
	if err != nil {
		return nil, err
	}
	page, err := table.Objects(ctx, c.ID, kind, paging)
	if err != nil {
		return nil, err
	}
	var items []T
	for _, o := range page.Items {
		state, err := store.StateOf[S](o)
		if err != nil {
			return nil, err
		}
		if item := show(o, state); item != nil {
			items = append(items, *item)
		}
	}
	return List(items, page.Next)
}

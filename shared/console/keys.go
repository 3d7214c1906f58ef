package console

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"fulcrum/shared/api"
	"fulcrum/shared/apikey"
	"fulcrum/shared/frame"
	"fulcrum/shared/store"
)

// keysPage lists the partner's API keys. Made is a new one, shown this once.
type keysPage struct {
	frame.Frame
	Keys []apikey.Shown
	Made string
	// Room says that another can be made, Last that only one is valid.
	Room, Last bool
}

func (v *visit) keys(ctx context.Context) (answer, error) {
	r, err := v.order(ctx, "list", "")
	if err != nil {
		return answer{}, err
	}
	return v.showKeys(http.StatusOK, r)
}

// order has an operator's order carried out for the partner of who is signed in.
func (v *visit) order(ctx context.Context, task, id string) (apikey.Result, error) {
	r, err := v.Keys.Handle(ctx, apikey.Order{Task: task, Partner: v.Partner, ID: id})
	switch {
	case errors.Is(err, store.ErrAPIKeys):
		err = api.Conflict("There are two valid keys already. Revoke one first.")
	case errors.Is(err, store.ErrMoved):
		err = api.Conflict("Somebody else has changed the keys meanwhile. Look at them again.")
	}
	return r, err
}

func (v *visit) showKeys(code int, r apikey.Result, notes ...string) (answer, error) {
	valid := 0
	for _, k := range r.Keys {
		if k.RevokedAt == "" {
			valid++
		}
	}
	return v.Pages.Show(code, "keys", keysPage{
		Frame: v.frame("API keys", notes...), Keys: r.Keys, Made: r.Key, Room: valid < store.MaxAPIKeys, Last: valid == 1,
	})
}

// makeKey makes a key. It is shown only once the trail has it.
func (v *visit) makeKey(ctx context.Context) (answer, error) {
	r, err := v.order(ctx, "make", "")
	if err != nil {
		return answer{}, err
	}
	k, err := apikey.Parse(r.Key)
	if err != nil {
		return answer{}, err
	}
	if err := v.noteKey(ctx, "api_key.made", k.ID); err != nil {
		return answer{}, err
	}
	return v.showKeys(http.StatusCreated, r, "The key was made. Copy it now: it is not shown again.")
}

// revokeKey ends a key for good, for who has typed its id.
func (v *visit) revokeKey(ctx context.Context) (answer, error) {
	r, err := v.order(ctx, "list", "")
	if err != nil {
		return answer{}, err
	}
	id := v.values["k"]
	if !known(r.Keys, id) {
		return answer{}, api.NotFound("There is no such key.")
	}
	if strings.TrimSpace(v.form.Get("id")) != id {
		return v.showKeys(http.StatusUnprocessableEntity, r, "Nothing was revoked: the id that was typed is not the key's.")
	}
	if err := v.noteKey(ctx, "api_key.revoked", id); err != nil {
		return answer{}, err
	}
	if r, err = v.order(ctx, "revoke", id); err != nil {
		return answer{}, err
	}
	return v.showKeys(http.StatusOK, r, "The key is revoked. Calls with it are refused within a minute.")
}

func known(keys []apikey.Shown, id string) bool {
	for _, k := range keys {
		if k.ID == id {
			return true
		}
	}
	return false
}

// noteKey says in the partner's trail what was done with a key.
func (v *visit) noteKey(ctx context.Context, action, id string) error {
	step := v.step(action, map[string]string{"key": id})
	step.Connection = store.Trail(v.Partner)
	return v.Table.Note(ctx, step)
}

// Package subscribe makes, keeps and removes the webhooks of a connection at
// Lever: for each event that a partner needs exactly one, at an address of ours,
// whose signing token we hold.
//
// Lever gives the token in the answer to the creation and never again, and makes
// a second webhook of a repeated creation. So the address stands in the table
// before the webhook is made, and the webhook's id and its token are written
// together, as soon as they are known. A webhook at an address of ours that is not
// the one in the table was made by somebody who did not get so far: nobody has
// its token, it is deleted, and another one is made. Whatever fails, and however
// many do it at once, the next run ends with one webhook per event.
package subscribe

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/url"
	"path"
	"slices"
	"time"

	"fulcrum/shared/lever"
	"fulcrum/shared/pause"
	"fulcrum/shared/signing"
	"fulcrum/shared/store"
)

const (
	// holdTime is how long one run may hold a connection's webhooks; workTime ends
	// its calls before that.
	holdTime = 25 * time.Second
	workTime = 20 * time.Second
	// holdPause is between two looks at webhooks that another holds.
	holdPause = 300 * time.Millisecond
	// rounds is how often a run begins anew when others were quicker.
	rounds = 4
)

var (
	// ErrByHand says that a webhook was made by a person on Lever's pages, where
	// the API cannot change it.
	ErrByHand = errors.New("webhook was made on Lever's pages and can only be changed there")
	// ErrNoToken says that Lever made a webhook without a signing token that we can
	// use. It was deleted again: nothing that comes unsigned is taken.
	ErrNoToken = errors.New("lever gave no signing token for the webhook")
)

// Keys keeps the signing tokens; see signing.Writer.
type Keys interface {
	Mint(ctx context.Context) (signing.Minted, error)
	Wait(ctx context.Context, changes ...signing.Change) error
}

// Keeper keeps the webhooks of all connections. It is safe for concurrent use.
type Keeper struct {
	table *store.Table
	keys  Keys
	now   func() time.Time
	newID func() string
}

// New makes a Keeper. now is the clock; newID makes a name that nobody else has.
func New(table *store.Table, keys Keys, now func() time.Time, newID func() string) *Keeper {
	return &Keeper{table: table, keys: keys, now: now, newID: newID}
}

// Webhooks are the webhooks of one connection.
type Webhooks struct {
	*Keeper
	connection store.Connection
	client     *lever.Client
	gateway    string
}

// Of is the webhooks of a connection, whose addresses begin with gateway
// ("https://host", no slash at its end). client is that of the connection's
// account; it may be nil for what needs none, and for Remove where there is none
// any more.
func (k *Keeper) Of(c store.Connection, client *lever.Client, gateway string) *Webhooks {
	return &Webhooks{Keeper: k, connection: c, client: client, gateway: gateway}
}

// Reserve gives events whose webhooks a person makes on Lever's pages their
// addresses. Those that have one keep it.
func (w *Webhooks) Reserve(ctx context.Context, events ...lever.Event) ([]store.Webhook, error) {
	var all []store.Webhook
	err := w.alone(ctx, func(ctx context.Context) (err error) {
		all, err = w.reserve(ctx, events, store.ByHand)
		return err
	})
	return all, err
}

// PutToken takes the signing token of an event's webhook as a person typed it in:
// at first, or after it was regenerated in Lever. The token before counts until
// keepUntil, which is within an hour from now; zero refuses it at once. It fails
// with signing.ErrToken for what is none, and with store.ErrNotFound where the
// event has no address.
func (w *Webhooks) PutToken(ctx context.Context, event lever.Event, token string, keepUntil time.Time) error {
	var change signing.Change
	err := again(func() error {
		row, err := w.table.Webhook(ctx, w.connection.ID, event)
		if err != nil {
			return err
		}
		change, err = w.key(ctx, row, &row.Current, token)
		if change.Until = lever.At(keepUntil); err == nil {
			err = change.Check(w.now())
		}
		if err == nil {
			_, err = w.table.PutWebhook(ctx, row, change)
		}
		return err
	})
	if err != nil {
		return err
	}
	return w.keys.Wait(ctx, change)
}

// key is the change that gives an address its key, numbered and noted in it. A key that
// is given again, as by a form that is sent twice, is in its shard for good, but is not
// another key: what was seen under it stays seen.
func (w *Webhooks) key(ctx context.Context, row store.Webhook, a *store.Address, token string) (signing.Change, error) {
	change := signing.Change{Kind: signing.Put, Shard: a.Shard, Hook: a.Hook, Entry: signing.Hook{
		Partner: w.connection.Partner, Connection: row.Connection, Event: row.Event, Keys: []signing.Key{{Token: token}},
	}}
	if err := change.Check(w.now()); err != nil {
		return change, err
	}
	var err error
	change.Seq, err = w.table.NumberChange(ctx, a.Shard)
	a.Change = change.Seq
	if is := keyPrint(a.Hook, token); a.SignedAt == 0 || a.Print != is {
		a.SignedAt, a.Print = lever.At(w.now()), is
	}
	return change, err
}

// keyPrint is an address's Print of a key.
func keyPrint(hookID, token string) string {
	sum := sha256.Sum256([]byte(hookID + "\n" + token))
	return hex.EncodeToString(sum[:4])
}

// reserve are the webhooks of events, of which those that were not there have an
// address now. Where our addresses have changed since, theirs change too.
func (w *Webhooks) reserve(ctx context.Context, events []lever.Event, made store.Maker) ([]store.Webhook, error) {
	all, err := w.table.Webhooks(ctx, w.connection.ID)
	if err != nil {
		return nil, err
	}
	var of []store.Webhook
	for _, event := range events {
		i := slices.IndexFunc(all, func(row store.Webhook) bool { return row.Event == event })
		row := store.Webhook{Connection: w.connection.ID, Event: event, Made: made}
		if i >= 0 {
			row = all[i]
		}
		if row, err = w.addressed(ctx, row); err != nil {
			return nil, err
		}
		of = append(of, row)
	}
	return of, nil
}

// addressed is a webhook with the addresses that it should have, written where
// they were others.
func (w *Webhooks) addressed(ctx context.Context, row store.Webhook) (store.Webhook, error) {
	if row.Revision == 0 {
		a, err := w.address(ctx, row.Event)
		if row.Current = a; err != nil {
			return row, err
		}
		return w.table.PutWebhook(ctx, row)
	}
	moved := false
	for _, a := range addresses(&row) {
		if now := w.url(row.Event, a.Hook); a.URL != now {
			a.URL, moved = now, true
		}
	}
	if !moved {
		return row, nil
	}
	return w.table.PutWebhook(ctx, row)
}

// address is a new address for an event.
func (w *Webhooks) address(ctx context.Context, event lever.Event) (store.Address, error) {
	m, err := w.keys.Mint(ctx)
	return store.Address{Hook: m.Hook, Shard: m.Shard, URL: w.url(event, m.Hook)}, err
}

func (w *Webhooks) url(event lever.Event, hookID string) string {
	return w.gateway + "/webhooks/" + event.Slug() + "/" + hookID
}

// addresses are those of a webhook, to be changed in place.
func addresses(row *store.Webhook) []*store.Address {
	all := []*store.Address{&row.Current}
	if row.Next != nil {
		all = append(all, row.Next)
	}
	return all
}

// at are the webhooks at Lever that post to a hook, wherever it was when they were
// made. Nobody can know an id of ours but from us.
func at(there []lever.Webhook, hooks ...string) []lever.Webhook {
	var all []lever.Webhook
	for _, t := range there {
		if u, err := url.Parse(t.URL); err == nil && slices.Contains(hooks, path.Base(u.Path)) {
			all = append(all, t)
		}
	}
	return all
}

// alone does something while nobody else makes or removes the connection's
// webhooks. What others do to their keys meanwhile, or somebody who held them
// before and comes late, makes it begin anew.
func (w *Webhooks) alone(ctx context.Context, do func(context.Context) error) (err error) {
	holder := w.newID()
	for {
		ok, err := w.table.HoldWebhooks(ctx, w.connection.ID, holder, holdTime)
		if err != nil {
			return err
		}
		if ok {
			break
		}
		if !pause.For(ctx, holdPause) {
			return ctx.Err()
		}
	}
	within, stop := context.WithTimeout(ctx, workTime)
	defer stop()
	err = again(func() error { return do(within) })
	return errors.Join(err, w.table.ReleaseWebhooks(ctx, w.connection.ID, holder))
}

// again does something until nobody was quicker.
func again(do func() error) (err error) {
	for range rounds {
		if err = do(); !errors.Is(err, store.ErrMoved) {
			break
		}
	}
	return err
}

// wait returns when the keys of webhooks are where events are verified.
func (w *Webhooks) wait(ctx context.Context, rows ...store.Webhook) error {
	var changes []signing.Change
	for _, row := range rows {
		for _, a := range addresses(&row) {
			if a.SignedAt != 0 {
				changes = append(changes, signing.Change{Shard: a.Shard, Seq: a.Change})
			}
		}
	}
	return w.keys.Wait(ctx, changes...)
}

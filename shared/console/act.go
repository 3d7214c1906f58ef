package console

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"

	"fulcrum/shared/account"
	"fulcrum/shared/api"
	"fulcrum/shared/lever"
	"fulcrum/shared/recovery"
	"fulcrum/shared/status"
	"fulcrum/shared/store"
)

// again sends the browser to a page of the connection, with a word for what was
// done.
func (v *visit) again(page, done string) answer {
	return v.Pages.Redirect("/console/connections/" + v.values["c"] + page + "?done=" + done)
}

// acted notes in the trail that somebody has something done, and has it done. A
// connection of another partner is not found, and nothing is noted of it.
func (v *visit) acted(ctx context.Context, action string, about map[string]string, route string, body any, into any) error {
	if _, err := v.connection(ctx); err != nil {
		return err
	}
	if err := v.note(ctx, action, about); err != nil {
		return err
	}
	return v.ask(ctx, route, nil, body, into)
}

// replay has an event worked off again.
func (v *visit) replay(ctx context.Context) (answer, error) {
	var e struct{ ID string }
	err := v.acted(ctx, "event.replayed", map[string]string{"event": v.values["e"]}, "POST /v1/connections/{c}/events/{e}/replay", nil, &e)
	if err != nil {
		return answer{}, err
	}
	return v.again("/events/"+e.ID, "replayed"), nil
}

// rounds is how often a redrive of all is continued for one press of the button.
const rounds = 10

// redrive has what is parked brought back on its way: all of a reason, one event or
// one delivery.
func (v *visit) redrive(ctx context.Context) (answer, error) {
	wish := map[string]string{}
	for _, name := range []string{"reason", "event", "delivery"} {
		if value := v.form.Get(name); value != "" {
			wish[name] = value
		}
	}
	const route = "POST /v1/connections/{c}/deliveries/redrive"
	var told struct {
		More   bool
		Before string
	}
	if err := v.acted(ctx, "parked.redriven", wish, route, wish, &told); err != nil {
		return answer{}, err
	}
	for range rounds {
		if !told.More {
			break
		}
		wish["before"] = told.Before
		if err := v.ask(ctx, route, nil, wish, &told); err != nil {
			return answer{}, err
		}
	}
	if event := v.form.Get("of"); lever.ValidID(event) {
		return v.again("/events/"+event, "redriven"), nil
	}
	return v.again("/parked", "redriven"), nil
}

// retry has what an attention item is about looked at again.
func (v *visit) retry(ctx context.Context) (answer, error) {
	err := v.acted(ctx, "attention.retried", map[string]string{"attention": v.values["a"]}, "POST /v1/connections/{c}/attention/{a}/retry", nil, nil)
	if err != nil {
		return answer{}, err
	}
	return v.again("/attention", "retried"), nil
}

func errEnded() error {
	return api.Conflict("The connection is disconnected. A Super Admin of the customer has to connect again.")
}

func (v *visit) pause(ctx context.Context) (answer, error) {
	c, err := v.connection(ctx)
	if err != nil {
		return answer{}, err
	}
	if c.DisconnectedAt != 0 || c.DisconnectingAt != 0 {
		return answer{}, errEnded()
	}
	if err := v.Table.Pause(ctx, c.ID, v.step("paused", nil)); err != nil && !errors.Is(err, store.ErrMoved) {
		return answer{}, err
	}
	return v.again("", "paused"), nil
}

// resume has a connection go on. What was parked meanwhile is noted to be retried,
// and the clock does it: the console asks nothing of Lever itself.
func (v *visit) resume(ctx context.Context) (answer, error) {
	c, err := v.connection(ctx)
	if err != nil {
		return answer{}, err
	}
	parked := recovery.New(v.Table, nil, recovery.Queues{}, v.Now).Retry(c, account.Paused)
	if err := v.Table.Resume(ctx, c.ID, v.step("resumed", nil), parked); err != nil && !errors.Is(err, store.ErrMoved) {
		return answer{}, err
	}
	return v.again("", "resumed"), nil
}

// disconnect notes that a connection is to end, for who has typed its customer's
// name; the clock ends it. The console asks nothing of Lever itself, and holds no
// signing token.
func (v *visit) disconnect(ctx context.Context) (answer, error) {
	c, err := v.connection(ctx)
	if err != nil {
		return answer{}, err
	}
	if strings.TrimSpace(v.form.Get("customer")) != strings.TrimSpace(nameOf(c)) {
		return answer{}, api.Conflict("Nothing was disconnected: the name that was typed is not the customer's.")
	}
	if c.DisconnectedAt != 0 {
		return answer{}, errEnded()
	}
	if err := v.Table.Disconnecting(ctx, c.ID, v.step("disconnecting", nil), 0); err != nil && !errors.Is(err, store.ErrMoved) {
		return answer{}, err
	}
	return v.again("", "disconnecting"), nil
}

// resync notes that what changed in Lever since the last good event is to be looked
// at again; the clock does it.
func (v *visit) resync(ctx context.Context) (answer, error) {
	c, err := v.connection(ctx)
	if err != nil {
		return answer{}, err
	}
	if c.DisconnectedAt != 0 || c.DisconnectingAt != 0 || c.LostAt != 0 {
		return answer{}, errEnded()
	}
	st, err := status.Read(ctx, v.Table, v.d, c)
	if err != nil {
		return answer{}, err
	}
	var events []lever.Event
	for _, e := range v.d.Webhooks.Events {
		events = append(events, e.Event)
	}
	if err := v.note(ctx, "resync.requested", nil); err != nil {
		return answer{}, err
	}
	again := recovery.New(v.Table, nil, recovery.Queues{}, v.Now).Reread(c, cmp.Or(st.LastSeen(), c.ConnectedAt), events)
	if err := v.Table.PutRecovery(ctx, again); err != nil {
		return answer{}, err
	}
	return v.again("", "resync"), nil
}

// link makes a connect link for the connection's customer, to connect again or to go
// on with set-up. It is shown once.
func (v *visit) link(ctx context.Context) (answer, error) {
	c, err := v.connection(ctx)
	if err != nil {
		return answer{}, err
	}
	if c.Customer.Reference == "" {
		return answer{}, api.Conflict("The connection was not made by a connect link, so none leads to it.")
	}
	url, err := v.connectLink(ctx, c)
	if err != nil {
		return answer{}, err
	}
	return v.Pages.Show(http.StatusOK, "connect-link", struct {
		tab
		URL string
	}{tab{Frame: v.frame("Connect link"), Connection: c, Address: "/console/connections/" + c.ID}, url})
}

// connectLink is the address of a new link, as POST /v1/connect-links makes them.
func (v *visit) connectLink(ctx context.Context, c store.Connection) (string, error) {
	secret := v.Random() + v.Random()
	id := store.LinkID(secret)
	err := v.Table.PutLink(ctx, store.Link{
		ID: id, Partner: c.Partner, Connection: c.ID, Customer: c.Customer.Name, Reference: c.Customer.Reference,
		Environment: c.Environment, ExpiresAt: lever.At(v.Now().Add(store.LinkLife)),
	}, v.step("link.created", map[string]string{"link": id[:12]}))
	return v.base + "/connect/" + secret, err
}

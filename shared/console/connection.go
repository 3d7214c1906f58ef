package console

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"fulcrum/shared/definition"
	"fulcrum/shared/frame"
	"fulcrum/shared/history"
	"fulcrum/shared/lever"
	"fulcrum/shared/session"
	"fulcrum/shared/status"
	"fulcrum/shared/store"
)

// tab is what the pages of one connection have in common.
type tab struct {
	frame.Frame
	Connection store.Connection
	Status     status.Status
	// Address is the connection's, and Tabs its pages.
	Address string
	Tabs    []frame.Link
	// Operates and Administers are what the person may do.
	Operates, Administers bool
}

// tab reads what the pages of the connection have in common.
func (v *visit) tab(ctx context.Context, notes ...string) (tab, error) {
	c, err := v.connection(ctx)
	if err != nil {
		return tab{}, err
	}
	st, err := status.Read(ctx, v.Table, v.d, c)
	if err != nil {
		return tab{}, err
	}
	if did := done()[v.request.QueryStringParameters["done"]]; did != "" {
		notes = append(notes, did)
	}
	t := tab{
		Frame: v.frame(nameOf(c), notes...), Connection: c, Status: st, Address: "/console/connections/" + c.ID,
		Operates: v.Role().May(session.Operator), Administers: v.Role().May(session.Admin),
	}
	for _, name := range []string{"Overview", "Events", "Parked", "Attention", "Completeness", "Numbers", "Webhooks", "Settings", "Credentials", "Audit"} {
		to := t.Address + "/" + strings.ToLower(name)
		if name == "Overview" {
			to = t.Address
		}
		here := to == v.request.RawPath || name == "Events" && strings.HasPrefix(v.request.RawPath, to+"/")
		t.Tabs = append(t.Tabs, frame.Link{Name: name, To: to, Here: here})
	}
	return t, nil
}

// done are the sentences for what was just done, by the word in the address.
func done() map[string]string {
	return map[string]string{
		"replayed":      "The event is worked off again, as a new event.",
		"redriven":      "What was parked is on its way again.",
		"retried":       "It is looked at again. If it is mended, the item closes by itself.",
		"paused":        "The connection rests. Events are kept meanwhile.",
		"resumed":       "The connection goes on; what was kept is worked off now.",
		"disconnecting": "The connection is being disconnected. That takes a minute or two, longer while Lever does not answer.",
		"resync":        "What changed in Lever since the last event is looked at again within a minute.",
	}
}

// show shows a page of a connection.
func (v *visit) show(name string, page any) (answer, error) {
	return v.Pages.Show(http.StatusOK, name, page)
}

func (v *visit) overview(ctx context.Context) (answer, error) {
	t, err := v.tab(ctx)
	if err != nil {
		return answer{}, err
	}
	reasons, _, err := v.Table.ParkedReasons(ctx, t.Connection.ID)
	if err != nil {
		return answer{}, err
	}
	p := struct {
		tab
		Kept int
		Last lever.Time
	}{t, 0, lastSeen(t.Status)}
	for _, r := range reasons {
		p.Kept += r.Events + r.Deliveries
	}
	return v.show("overview", p)
}

func (v *visit) webhooks(ctx context.Context) (answer, error) {
	t, err := v.tab(ctx)
	if err != nil {
		return answer{}, err
	}
	return v.show("webhooks", t)
}

// setting is one as the page has it.
type setting struct{ Label, Value string }

func (v *visit) settings(ctx context.Context) (answer, error) {
	t, err := v.tab(ctx)
	if err != nil {
		return answer{}, err
	}
	kept, err := v.Table.Settings(ctx, t.Connection.ID)
	if err != nil {
		return answer{}, err
	}
	values := v.d.Defaults()
	if kept.Version != 0 {
		if err := json.Unmarshal(kept.Values, &values); err != nil {
			return answer{}, err
		}
	}
	rows, _, err := v.trail(ctx, t.Connection.ID, mask)
	if err != nil {
		return answer{}, err
	}
	p := struct {
		tab
		Settings []setting
		Kept     store.Settings
		// Changes are the newest steps of the trail that changed settings.
		Changes []auditRow
	}{t, nil, kept, slices.DeleteFunc(rows, func(r auditRow) bool { return r.Action != "settings.applied" })}
	for _, s := range v.d.Settings {
		value := values[s.Name]
		if s.Kind == definition.Email || s.Kind == definition.Emails {
			value = mask(value)
		}
		p.Settings = append(p.Settings, setting{s.Label, string(value)})
	}
	return v.show("settings", p)
}

func (v *visit) credentials(ctx context.Context) (answer, error) {
	t, err := v.tab(ctx)
	if err != nil {
		return answer{}, err
	}
	p := struct {
		tab
		There                         bool
		GrantedAt, RenewedAt, Expires lever.Time
	}{tab: t}
	key, err := v.Table.Credential(ctx, t.Connection.ID)
	switch {
	case err == nil:
		p.There, p.GrantedAt, p.RenewedAt, p.Expires = true, key.GrantedAt, key.RenewedAt, key.ExpiresAt
	case !errors.Is(err, store.ErrNotFound):
		return answer{}, err
	}
	return v.show("credentials", p)
}

// balance is a connection's balance as it was last counted: counting reads all of
// its events.
type balance struct {
	At lever.Time `json:"at"`
	history.Completeness
}

// balanceOf is the balance as it was last counted; again has one that is old counted.
// One that was never counted always is.
func (v *visit) balanceOf(ctx context.Context, connectionID string, again bool) (balance, error) {
	var b balance
	key := "balance " + connectionID
	err := v.Table.Figures(ctx, key, &b)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return b, err
	}
	now := lever.At(v.Now())
	if b.At != 0 && (!again || b.At > now-fresh) {
		return b, nil
	}
	b = balance{At: now}
	if err := v.ask(ctx, "GET /v1/connections/{c}/completeness", nil, nil, &b.Completeness); err != nil {
		return b, err
	}
	return b, v.Table.PutFigures(ctx, key, b)
}

func (v *visit) completeness(ctx context.Context) (answer, error) {
	t, err := v.tab(ctx)
	if err != nil {
		return answer{}, err
	}
	part := v.part() != ""
	p := struct {
		tab
		Balance balance
		Reports store.Listed[store.Report]
		live
	}{tab: t}
	if p.Balance, err = v.balanceOf(ctx, t.Connection.ID, part); err != nil {
		return answer{}, err
	}
	if p.live = v.renewed(p.Balance.At); part {
		return v.show("balance", p)
	}
	p.Reports, err = v.Table.ReportsOf(ctx, t.Connection.ID, store.Paging{Cursor: v.request.QueryStringParameters["cursor"], Limit: 50})
	if err != nil {
		return answer{}, err
	}
	return v.show("completeness", p)
}

// auditRow is a step of the trail as the page has it.
type auditRow struct {
	At                           lever.Time
	Actor, Action, Before, After string
}

func (v *visit) audit(ctx context.Context) (answer, error) {
	t, err := v.tab(ctx)
	if err != nil {
		return answer{}, err
	}
	rows, next, err := v.trail(ctx, t.Connection.ID, mask)
	if err != nil {
		return answer{}, err
	}
	return v.show("audit", struct {
		tab
		Rows []auditRow
		Next string
	}{t, rows, next})
}

// signIns is the trail of who signed in, and who had whom do so.
func (v *visit) signIns(ctx context.Context) (answer, error) {
	rows, next, err := v.trail(ctx, store.Trail(v.Partner), func(text []byte) json.RawMessage { return text })
	if err != nil {
		return answer{}, err
	}
	return v.show("sign-ins", struct {
		frame.Frame
		Rows []auditRow
		Next string
	}{v.frame("Sign-ins"), rows, next})
}

// trail is a part of a trail, the newest first; what changed is shown as show has
// it.
func (v *visit) trail(ctx context.Context, of string, show func([]byte) json.RawMessage) (rows []auditRow, next string, err error) {
	p := store.Paging{Cursor: v.request.QueryStringParameters["cursor"], Limit: 50, Backward: true}
	list, err := v.Table.Audits(ctx, of, p)
	if err != nil {
		return nil, "", err
	}
	for _, a := range list.Items {
		rows = append(rows, auditRow{a.At, a.Actor, a.Action, changed(a.Before, show), changed(a.After, show)})
	}
	return rows, list.Next, nil
}

// changed is what changed, as a line; null is nothing.
func changed(v json.RawMessage, show func([]byte) json.RawMessage) string {
	if len(v) == 0 || string(v) == "null" {
		return ""
	}
	return string(show(v))
}

package console

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/sync/errgroup"

	"fulcrum/shared/frame"
	"fulcrum/shared/lever"
	"fulcrum/shared/status"
	"fulcrum/shared/store"
)

const (
	// shownAtOnce is how many connections a page has: each one's state is derived
	// anew.
	shownAtOnce = 25
	// lookedAt is how many are looked at for a page of a filter.
	lookedAt = 500
)

// connectionsPage lists the partner's connections.
type connectionsPage struct {
	frame.Frame
	Rows []connectionRow
	// Query and State are the filter, States those that can be chosen.
	Query, State string
	States       []status.State
	// Next is the address of the next page, empty at the end.
	Next string
}

type connectionRow struct {
	store.Connection
	Name   string
	Status status.Status
	Last   lever.Time
}

func (p connectionsPage) Filtered() bool { return p.Query != "" || p.State != "" }

// states are all states of a connection.
func states() []status.State {
	return []status.State{
		status.SettingUp, status.Waiting, status.Connected, status.Degraded, status.ActionNeeded, status.Paused, status.Disconnected,
	}
}

func (v *visit) connections(ctx context.Context) (answer, error) {
	q := v.request.QueryStringParameters
	p := connectionsPage{Frame: v.frame("Connections"), Query: strings.TrimSpace(q["q"]), State: q["state"], States: states()}
	cursor, looked := q["cursor"], 0
	for len(p.Rows) < shownAtOnce && looked < lookedAt {
		list, err := v.Table.ConnectionsAtOnce(ctx, v.Partner, store.Paging{Cursor: cursor, Limit: shownAtOnce})
		if err != nil {
			return answer{}, err
		}
		rows, err := v.rows(ctx, list.Items, p)
		if err != nil {
			return answer{}, err
		}
		p.Rows, looked = append(p.Rows, rows...), looked+len(list.Items)
		if cursor = list.Next; cursor == "" {
			break
		}
	}
	if cursor != "" {
		p.Next = "?" + url.Values{"q": {p.Query}, "state": {p.State}, "cursor": {cursor}}.Encode()
	}
	return v.Pages.Show(http.StatusOK, "connections", p)
}

// rows are those of the connections that the filter lets through.
func (v *visit) rows(ctx context.Context, all []store.Connection, p connectionsPage) ([]connectionRow, error) {
	rows := make([]connectionRow, len(all))
	reading, ctx := errgroup.WithContext(ctx)
	reading.SetLimit(together)
	for i, c := range all {
		if !matches(c, p.Query) {
			continue
		}
		reading.Go(func() error {
			st, err := status.Read(ctx, v.Table, v.d, c)
			if err == nil && (p.State == "" || string(st.State) == p.State) {
				rows[i] = connectionRow{c, nameOf(c), st, lastSeen(st)}
			}
			return err
		})
	}
	if err := reading.Wait(); err != nil {
		return nil, err
	}
	var shown []connectionRow
	for _, r := range rows {
		if r.ID != "" {
			shown = append(shown, r)
		}
	}
	return shown, nil
}

// matches reports whether a connection is what somebody looks for.
func matches(c store.Connection, query string) bool {
	query = strings.ToLower(query)
	for _, text := range []string{c.ID, c.Customer.Name, c.Customer.Reference, c.Account} {
		if strings.Contains(strings.ToLower(text), query) {
			return true
		}
	}
	return false
}

// lastSeen is when anything last came from Lever, zero for never.
func lastSeen(s status.Status) lever.Time {
	var last lever.Time
	for _, e := range s.Events {
		last = max(last, e.SeenAt, e.VerifiedAt)
	}
	return last
}

package console

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"fulcrum/shared/api"
	"fulcrum/shared/document"
	"fulcrum/shared/history"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// pageOf is how many rows a page of events has.
const pageOf = "50"

// list is a part of a list as /v1 answers it.
type list[T any] struct {
	Items      []T
	NextCursor string
}

// eventsPage lists a connection's events.
type eventsPage struct {
	tab
	list[history.Event]
	// Filter is what the address says, and Choices what its lists offer.
	Filter  map[string]string
	Choices map[string][]string
	// Hours are the spans of time that can be chosen.
	Hours []span
	// Next is the address of the next page, empty at the end.
	Next string
	// Live says that the list renews itself.
	Live bool
}

// Query is the filter as an address has it, with another parameter where name is not
// empty.
func (p eventsPage) Query(name, value string) string {
	q := url.Values{}
	for name, value := range p.Filter {
		if value != "" {
			q.Set(name, value)
		}
	}
	if name != "" {
		q.Set(name, value)
	}
	return "?" + q.Encode()
}

// span is a span of time up to now.
type span struct{ Hours, Name string }

func spans() []span {
	return []span{{"1", "the last hour"}, {"24", "the last 24 hours"}, {"168", "the last 7 days"}, {"840", "all 35 days"}}
}

// Filtered says that the page shows not everything.
func (p eventsPage) Filtered() bool {
	for name, value := range p.Filter {
		if value != "" && (name != "hours" || value != "840") {
			return true
		}
	}
	return false
}

// Took is how long an event took, empty for one that has not ended.
func (eventsPage) Took(e history.Event) string {
	from, err := time.Parse(time.RFC3339, e.ReceivedAt)
	until, failed := time.Parse(time.RFC3339, e.EndedAt)
	if err != nil || failed != nil {
		return ""
	}
	return until.Sub(from).Round(time.Millisecond).String()
}

// filters are the parts of a filter; each is a parameter of /v1's list of events.
func filters() []string { return []string{"state", "event", "origin", "reason", "opportunity"} }

// filter is what the address says, and what is asked for by it.
func (v *visit) filter() (filter, ask map[string]string, err error) {
	filter, ask = map[string]string{}, map[string]string{"limit": pageOf}
	for _, name := range filters() {
		if filter[name] = v.request.QueryStringParameters[name]; filter[name] != "" {
			ask[name] = filter[name]
		}
	}
	if filter["hours"] = v.request.QueryStringParameters["hours"]; filter["hours"] != "" {
		d, err := time.ParseDuration(filter["hours"] + "h")
		if err != nil || d <= 0 {
			return nil, nil, api.Invalid("hours", "has to be a number of hours")
		}
		ask["since"] = document.Time(v.Now().Add(-d))
	}
	return filter, ask, nil
}

func (v *visit) events(ctx context.Context) (answer, error) {
	t, err := v.tab(ctx)
	if err != nil {
		return answer{}, err
	}
	p := eventsPage{tab: t, Choices: v.choices(), Hours: spans(), Live: v.request.QueryStringParameters["live"] != ""}
	var ask map[string]string
	if p.Filter, ask, err = v.filter(); err != nil {
		return answer{}, err
	}
	if cursor := v.request.QueryStringParameters["cursor"]; cursor != "" && !p.Live {
		ask["cursor"] = cursor
	}
	if err := v.ask(ctx, "GET /v1/connections/{c}/events", ask, nil, &p.list); err != nil {
		return answer{}, err
	}
	if p.NextCursor != "" {
		p.Next = p.Query("cursor", p.NextCursor)
	}
	if v.part() != "" {
		return v.show("events-part", p)
	}
	return v.show("events", p)
}

// choices are what the filter's lists offer.
func (v *visit) choices() map[string][]string {
	all := map[string][]string{
		"state":  {"received", "delivering", "delivered", "unchanged", "ignored", "parked"},
		"origin": {"lever", "reconcile", "replay", "partner"},
	}
	for _, e := range v.d.Webhooks.Events {
		all["event"] = append(all["event"], string(e.Event))
	}
	return all
}

// eventPage is one event and all that is known of it.
type eventPage struct {
	tab
	history.Story
	// Sent are what was sent by its deliveries, and Known what is kept of the objects
	// that they tell of. Shown says that nothing of it is masked.
	Sent, Known []body
	Shown       bool
	IDs         []id
}

// body is JSON under a name.
type body struct{ Name, Text string }

// id is an id of Lever's.
type id struct{ Name, Value string }

func (v *visit) event(ctx context.Context) (answer, error) { return v.showEvent(ctx, false) }

// showEvent shows the event {e} of the address.
func (v *visit) showEvent(ctx context.Context, shown bool, notes ...string) (answer, error) {
	t, err := v.tab(ctx, notes...)
	if err != nil {
		return answer{}, err
	}
	p := eventPage{tab: t, Shown: shown}
	if err := v.ask(ctx, "GET /v1/connections/{c}/events/{e}", nil, nil, &p.Story); err != nil {
		return answer{}, err
	}
	p.Title = "Event " + p.Event.ID
	if p.IDs, err = idsOf(p.Event.IDs); err != nil {
		return answer{}, err
	}
	objects := map[history.Object]bool{}
	for _, d := range p.Deliveries {
		kept, err := v.Table.Delivery(ctx, t.Connection.ID, d.ID)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return answer{}, err
		}
		p.Sent = append(p.Sent, body{d.Type + " " + d.ID, v.text(kept.Body, shown)})
		if d.Object != nil {
			objects[*d.Object] = true
		}
	}
	for o := range objects {
		kept, err := v.Table.Object(ctx, t.Connection.ID, o.Kind, o.ID)
		if err != nil {
			return answer{}, err
		}
		if kept.Revision > 0 {
			p.Known = append(p.Known, body{o.Kind + " " + o.ID, v.text(kept.State, shown)})
		}
	}
	slices.SortFunc(p.Known, func(a, b body) int { return strings.Compare(a.Name, b.Name) })
	return v.show("event", p)
}

// text is JSON as a page has it.
func (v *visit) text(raw []byte, shown bool) string {
	if !shown {
		raw = mask(raw)
	}
	return laid(raw)
}

// idsOf are an event's ids by their names.
func idsOf(ids lever.IDs) ([]id, error) {
	text, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, err
	}
	var out []id
	for _, name := range slices.Sorted(maps.Keys(all)) {
		out = append(out, id{name, all[name]})
	}
	return out, nil
}

// reveal shows an event with what it says of people. That somebody asked is in the
// trail before they see it.
func (v *visit) reveal(ctx context.Context) (answer, error) {
	if _, err := v.connection(ctx); err != nil {
		return answer{}, err
	}
	if err := v.note(ctx, "personal_data.shown", map[string]string{"event": v.values["e"]}); err != nil {
		return answer{}, err
	}
	return v.showEvent(ctx, true, "Personal data is shown. That you asked for it is in the audit trail.")
}

// parkedPage is what is parked, by reason.
type parkedPage struct {
	tab
	sums
}

// sums are what is parked, as /v1 answers it.
type sums struct {
	Items   []parkedRow
	AtLeast bool
}

type parkedRow struct {
	history.Parked
	Hint string
}

func (v *visit) parked(ctx context.Context) (answer, error) {
	t, err := v.tab(ctx)
	if err != nil {
		return answer{}, err
	}
	p := parkedPage{tab: t}
	if err := v.ask(ctx, "GET /v1/connections/{c}/parked", nil, nil, &p.sums); err != nil {
		return answer{}, err
	}
	for i := range p.Items {
		p.Items[i].Hint = hint(string(p.Items[i].Reason))
	}
	return v.show("parked", p)
}

func (v *visit) attention(ctx context.Context) (answer, error) {
	t, err := v.tab(ctx)
	if err != nil {
		return answer{}, err
	}
	p := struct {
		tab
		list[history.Attention]
		Cleared bool
	}{tab: t, Cleared: v.request.QueryStringParameters["state"] == "cleared"}
	ask := map[string]string{}
	for _, name := range []string{"state", "cursor"} {
		if value := v.request.QueryStringParameters[name]; value != "" {
			ask[name] = value
		}
	}
	if err := v.ask(ctx, "GET /v1/connections/{c}/attention", ask, nil, &p.list); err != nil {
		return answer{}, err
	}
	return v.show("attention", p)
}

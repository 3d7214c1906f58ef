package history

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"fulcrum/shared/api"
	"fulcrum/shared/document"
	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// Event is an event of the ledger as the partner sees it. Times are RFC 3339 in
// UTC with milliseconds, and absent where there is none.
type Event struct {
	ID     string           `json:"id"`
	Event  lever.Event      `json:"event,omitempty"`
	Origin store.Origin     `json:"origin"`
	State  store.EventState `json:"state"`
	Reason fault.Reason     `json:"reason,omitempty"`
	// ReplayOf is the event or attention item that was asked to be done again.
	ReplayOf    string    `json:"replayOf,omitempty"`
	IDs         lever.IDs `json:"ids"`
	TriggeredAt string    `json:"triggeredAt,omitempty"`
	ReceivedAt  string    `json:"receivedAt"`
	RetriedAt   string    `json:"retriedAt,omitempty"`
	EndedAt     string    `json:"endedAt,omitempty"`
	// Tries counts those that failed; NextAt is when the next one is to be.
	Tries  int    `json:"tries"`
	NextAt string `json:"nextAt,omitempty"`
	// Deliveries are the ids of what it gave rise to.
	Deliveries []string `json:"deliveries"`
}

func show(e store.Event) Event {
	shown := Event{
		ID: e.ID, Event: e.Event, Origin: e.Origin, State: e.State, Reason: e.Reason, IDs: e.IDs, Tries: e.Tries,
		TriggeredAt: at(e.TriggeredAt), ReceivedAt: at(e.ReceivedAt), RetriedAt: at(e.RetriedAt),
		Deliveries: append([]string{}, e.Deliveries...),
	}
	if e.Origin == store.FromReplay {
		shown.ReplayOf, _, _ = strings.Cut(e.ID, again)
	}
	if e.State.Ended() {
		shown.EndedAt = at(e.EndedAt)
	}
	if e.State == store.Received {
		shown.NextAt = at(e.NextAt)
	}
	return shown
}

func at(t lever.Time) string { return document.Time(t.Time()) }

// listEvents answers GET …/events: the newest first.
func (h *History) listEvents(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	if err := api.Only(r, "cursor", "limit", "since", "until", "state", "event", "origin", "reason", "opportunity"); err != nil {
		return nil, err
	}
	page, window, err := span(r)
	if err != nil {
		return nil, err
	}
	keep, err := eventFilter(r)
	if err != nil {
		return nil, err
	}
	list, err := h.table.EventsWithin(ctx, c.ID, window, keep, page)
	if err != nil {
		return nil, err
	}
	return api.List(each(list.Items, show), list.Next)
}

// span is the part of a list and of time that a request asks for.
func span(r *api.Request) (store.Paging, store.Span, error) {
	page, err := api.Paging(r)
	if err != nil {
		return page, store.Span{}, err
	}
	since, err := api.Time(r, "since")
	if err != nil {
		return page, store.Span{}, err
	}
	until, err := api.Time(r, "until")
	if err == nil && until != 0 && until <= since {
		err = api.Invalid("until", "has to be after since")
	}
	return page, store.Span{Since: since, Until: until}, err
}

func eventFilter(r *api.Request) (func(store.Event) bool, error) {
	states, err := api.OneOf(r, "state", words(store.Received, store.Delivering, store.Delivered, store.Unchanged, store.Ignored, store.Parked)...)
	if err != nil {
		return nil, err
	}
	origins, err := api.OneOf(r, "origin", words(store.FromLever, store.FromReplay, store.FromClock, store.FromPartner)...)
	if err != nil {
		return nil, err
	}
	reason, err := api.Word(r, "reason")
	if err != nil {
		return nil, err
	}
	event, opportunity := r.Query("event"), r.Query("opportunity")
	return func(e store.Event) bool {
		return among(states, string(e.State)) && among(origins, string(e.Origin)) && wanted(event, string(e.Event)) &&
			wanted(reason, string(e.Reason)) && wanted(opportunity, e.IDs.Opportunity)
	}, nil
}

func words[T ~string](of ...T) []string { return each(of, func(one T) string { return string(one) }) }

func each[A, B any](all []A, of func(A) B) []B {
	var out []B
	for _, one := range all {
		out = append(out, of(one))
	}
	return out
}

func among(values []string, value string) bool {
	return len(values) == 0 || slices.Contains(values, value)
}

func wanted(want, value string) bool { return want == "" || want == value }

// Story is an event with all that the ledger knows of it.
type Story struct {
	Event      Event      `json:"event"`
	Deliveries []Delivery `json:"deliveries"`
	// Timeline is what happened, in the order of time.
	Timeline []Step `json:"timeline"`
}

// Step is one thing that happened to an event:
//
//	triggered  in Lever
//	received   here
//	retried    somebody had it tried again after it was parked
//	recorded   a new state was read from Lever, mapped and written down, with what
//	           is to be delivered
//	attempted  a delivery was sent to the partner's endpoint
//	ended      it reached its end
type Step struct {
	At   string `json:"at"`
	Step string `json:"step"`
	// Delivery, Object and Revision say of what, where the step is of a delivery.
	Delivery string  `json:"delivery,omitempty"`
	Object   *Object `json:"object,omitempty"`
	Revision int64   `json:"revision,omitempty"`
	// Attempt is how an attempt went.
	Attempt *Attempt `json:"attempt,omitempty"`
	// State and Reason are the event's end.
	State  store.EventState `json:"state,omitempty"`
	Reason fault.Reason     `json:"reason,omitempty"`

	at lever.Time
}

// oneEvent answers GET …/events/{e}.
func (h *History) oneEvent(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	e, err := h.event(ctx, r, c)
	if err != nil {
		return nil, err
	}
	s := Story{Event: show(e), Deliveries: []Delivery{}, Timeline: steps(e)}
	for _, id := range e.Deliveries {
		d, err := h.table.Delivery(ctx, c.ID, id)
		if errors.Is(err, store.ErrNotFound) {
			continue // kept shorter than a replay of the event
		}
		if err != nil {
			return nil, err
		}
		s.Deliveries = append(s.Deliveries, showDelivery(d))
		s.Timeline = append(s.Timeline, deliverySteps(d)...)
	}
	if e.State.Ended() {
		s.Timeline = append(s.Timeline, Step{Step: "ended", at: e.EndedAt, At: at(e.EndedAt), State: e.State, Reason: e.Reason})
	}
	slices.SortStableFunc(s.Timeline, func(a, b Step) int { return cmp.Compare(a.at, b.at) })
	return api.OK(s)
}

// event is the event {e} of the request's route.
func (h *History) event(ctx context.Context, r *api.Request, c store.Connection) (store.Event, error) {
	if !validID(r.Path("e")) {
		return store.Event{}, api.NotFound("There is no such event.")
	}
	e, err := h.table.Event(ctx, c.ID, r.Path("e"))
	if errors.Is(err, store.ErrNotFound) {
		return e, api.NotFound("There is no such event.")
	}
	return e, err
}

// maxID is longer than any id that is given out, those of replays included.
const maxID = 160

// validID reports whether a text may be one of our ids.
func validID(s string) bool {
	return s != "" && len(s) <= maxID && !strings.ContainsFunc(s, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_'
	})
}

// steps are an event's own steps before its end.
func steps(e store.Event) []Step {
	all := []Step{
		{Step: "triggered", at: e.TriggeredAt}, {Step: "received", at: e.ReceivedAt}, {Step: "retried", at: e.RetriedAt},
	}
	all = slices.DeleteFunc(all, func(s Step) bool { return s.at == 0 })
	for i := range all {
		all[i].At = at(all[i].at)
	}
	return all
}

// deliverySteps are the steps of a delivery.
func deliverySteps(d store.Delivery) []Step {
	all := []Step{{Step: "recorded", at: d.CreatedAt, At: at(d.CreatedAt), Delivery: d.ID, Object: object(d), Revision: d.Revision}}
	for _, a := range d.Attempts {
		tried := showAttempt(a)
		all = append(all, Step{Step: "attempted", at: a.At, At: tried.At, Delivery: d.ID, Attempt: &tried})
	}
	return all
}

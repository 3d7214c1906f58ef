package history

import (
	"context"

	"fulcrum/shared/api"
	"fulcrum/shared/document"
	"fulcrum/shared/fault"
	"fulcrum/shared/store"
)

// Parked is what is parked under one reason.
type Parked struct {
	Reason     fault.Reason `json:"reason"`
	Events     int          `json:"events"`
	Deliveries int          `json:"deliveries"`
	FirstAt    string       `json:"firstAt"`
	LastAt     string       `json:"lastAt"`
}

// parked answers GET …/parked: what is parked, by reason.
func (h *History) parked(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	if err := api.Only(r); err != nil {
		return nil, err
	}
	reasons, all, err := h.table.ParkedReasons(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	items := each(reasons, func(p store.ParkedReason) Parked {
		return Parked{Reason: p.Reason, Events: p.Events, Deliveries: p.Deliveries, FirstAt: at(p.First), LastAt: at(p.Last)}
	})
	return api.OK(struct {
		Items []Parked `json:"items"`
		// AtLeast says that there is more than was counted.
		AtLeast bool `json:"atLeast,omitempty"`
	}{append([]Parked{}, items...), !all})
}

// Completeness is the ledger's balance: what was received is what has ended and
// what is in flight.
type Completeness struct {
	// Since is from when on the ledger has everything.
	Since    string `json:"since"`
	Received int    `json:"received"`
	Ended    int    `json:"ended"`
	InFlight int    `json:"inFlight"`
	// States counts the events by their state, all six.
	States map[store.EventState]int `json:"states"`
	// Windows says how far Lever's changes were compared with the ledger.
	Windows *Windows `json:"windows,omitempty"`
}

// completeness answers GET …/completeness.
func (h *History) completeness(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	if err := api.Only(r); err != nil {
		return nil, err
	}
	counts, err := h.table.Balance(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	out := Completeness{Since: document.Time(h.table.Kept()), States: map[store.EventState]int{
		store.Received: 0, store.Delivering: 0, store.Delivered: 0, store.Unchanged: 0, store.Ignored: 0, store.Parked: 0,
	}}
	for state, n := range counts {
		out.States[state] = n
		out.Received += n
		if state.Ended() {
			out.Ended += n
		} else {
			out.InFlight += n
		}
	}
	out.Windows, err = h.windows(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	return api.OK(out)
}

package history

import (
	"context"
	"strings"

	"fulcrum/shared/api"
	"fulcrum/shared/fault"
	"fulcrum/shared/store"
)

// Delivery is a delivery as the partner sees it; what was sent the partner has.
type Delivery struct {
	// ID is the webhook-id of every attempt.
	ID     string              `json:"id"`
	Type   string              `json:"type"`
	State  store.DeliveryState `json:"state"`
	Reason fault.Reason        `json:"reason,omitempty"`
	Event  string              `json:"event,omitempty"`
	// Object is what was told of, and Revision which of its states.
	Object    *Object   `json:"object,omitempty"`
	Revision  int64     `json:"revision"`
	CreatedAt string    `json:"createdAt"`
	RetriedAt string    `json:"retriedAt,omitempty"`
	EndedAt   string    `json:"endedAt,omitempty"`
	NextAt    string    `json:"nextAt,omitempty"`
	Attempts  []Attempt `json:"attempts"`
}

// Object is what the bundle keeps of one of Lever's objects for the partner.
type Object struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
}

// Attempt is one try of a delivery.
type Attempt struct {
	At string `json:"at"`
	// Status is the endpoint's, 0 where no answer came; Why then says more.
	Status       int    `json:"status"`
	Why          string `json:"why,omitempty"`
	Milliseconds int64  `json:"milliseconds"`
}

func showDelivery(d store.Delivery) Delivery {
	shown := Delivery{
		ID: d.ID, Type: d.Type, State: d.State, Reason: d.Reason, Event: d.Event, Object: object(d), Revision: d.Revision,
		CreatedAt: at(d.CreatedAt), RetriedAt: at(d.RetriedAt), EndedAt: at(d.EndedAt),
		Attempts: append([]Attempt{}, each(d.Attempts, showAttempt)...),
	}
	if d.State == store.Pending {
		shown.NextAt = at(d.NextAt)
	}
	return shown
}

func showAttempt(a store.Attempt) Attempt {
	return Attempt{At: at(a.At), Status: a.Status, Why: a.Why, Milliseconds: a.Milliseconds}
}

// object is what a delivery tells of, nil where it tells of nothing of Lever's.
func object(d store.Delivery) *Object {
	kind, id, ok := strings.Cut(d.Object, "#")
	if !ok {
		return nil
	}
	return &Object{Kind: kind, ID: id}
}

// listDeliveries answers GET …/deliveries: the newest first.
func (h *History) listDeliveries(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	if err := api.Only(r, "cursor", "limit", "since", "until", "state", "type", "reason", "event"); err != nil {
		return nil, err
	}
	page, window, err := span(r)
	if err != nil {
		return nil, err
	}
	keep, err := deliveryFilter(r)
	if err != nil {
		return nil, err
	}
	list, err := h.table.DeliveriesWithin(ctx, c.ID, window, keep, page)
	if err != nil {
		return nil, err
	}
	return api.List(each(list.Items, showDelivery), list.Next)
}

func deliveryFilter(r *api.Request) (func(store.Delivery) bool, error) {
	states, err := api.OneOf(r, "state", words(store.Pending, store.Arrived, store.Undelivered)...)
	if err != nil {
		return nil, err
	}
	reason, err := api.Word(r, "reason")
	if err != nil {
		return nil, err
	}
	kind, event := r.Query("type"), r.Query("event")
	return func(d store.Delivery) bool {
		return among(states, string(d.State)) && wanted(kind, d.Type) && wanted(reason, string(d.Reason)) && wanted(event, d.Event)
	}, nil
}

package history

import (
	"context"
	"errors"

	"fulcrum/shared/api"
	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

// Attention is an attention item as the partner sees it.
type Attention struct {
	ID     string       `json:"id"`
	Reason fault.Reason `json:"reason"`
	// About is what it is about; Step is the one step that mends it, as a sentence;
	// Details name what one has to know to do it.
	About   string            `json:"about"`
	Step    string            `json:"step"`
	Details map[string]string `json:"details,omitempty"`
	// Retriable says whether there is something to look at again when it is mended.
	Retriable bool   `json:"retriable"`
	RaisedAt  string `json:"raisedAt"`
	ClearedAt string `json:"clearedAt,omitempty"`
}

func showAttention(a store.Attention) Attention {
	return Attention{
		ID: a.ID, Reason: a.Reason, About: a.About, Step: a.Step, Details: a.Details,
		Retriable: a.Event != "" && a.ClearedAt == 0, RaisedAt: at(a.RaisedAt), ClearedAt: at(a.ClearedAt),
	}
}

// listAttention answers GET …/attention: those that are open, unless the filter
// asks for others.
func (h *History) listAttention(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	if err := api.Only(r, "cursor", "limit", "state"); err != nil {
		return nil, err
	}
	page, err := api.Paging(r)
	if err != nil {
		return nil, err
	}
	states, err := api.OneOf(r, "state", "open", "cleared")
	if err != nil {
		return nil, err
	}
	if states == nil {
		states = []string{"open"}
	}
	list, err := h.table.Attentions(ctx, c.ID, page)
	if err != nil {
		return nil, err
	}
	var shown []Attention
	for _, a := range list.Items {
		state := "open"
		if a.ClearedAt != 0 {
			state = "cleared"
		}
		if among(states, state) {
			shown = append(shown, showAttention(a))
		}
	}
	return api.List(shown, list.Next)
}

// retry answers POST …/attention/{a}/retry: it looks again at what the item is
// about, as a new event. If that is mended, the item closes by itself.
func (h *History) retry(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	none := api.NotFound("There is no such attention item.")
	if !validID(r.Path("a")) {
		return nil, none
	}
	a, err := h.table.Attention(ctx, c.ID, r.Path("a"))
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, none
	case err != nil:
		return nil, err
	case a.ClearedAt != 0:
		return nil, api.Conflict("It is mended already.")
	case a.Event == "":
		return nil, api.Conflict("There is nothing to look at again. It closes by itself when the step is done.")
	}
	e, err := h.afresh(ctx, r, c, a.ID, queue.Event{Event: a.Event, IDs: a.IDs, TriggeredAt: lever.At(h.now())})
	if err != nil {
		return nil, err
	}
	return api.Accepted(place(c, e.ID), show(e))
}

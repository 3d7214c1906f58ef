package history

import (
	"context"

	"fulcrum/shared/api"
	"fulcrum/shared/document"
	"fulcrum/shared/store"
)

// Erasure is the receipt of an erasure as the partner sees it. It names nobody.
type Erasure struct {
	ID string `json:"id"`
	// State is clearing while our stores are emptied, telling while the partner has
	// not taken the document, and complete.
	State   string `json:"state"`
	Because string `json:"because"`
	BegunAt string `json:"begunAt"`
	// ClearedAt is when our stores were empty, Stores how much was emptied in each.
	ClearedAt string         `json:"clearedAt,omitempty"`
	Stores    map[string]int `json:"stores"`
	// ToldAt is when the partner had taken all documents, Answers what it answered.
	ToldAt  string          `json:"toldAt,omitempty"`
	Answers []ErasureAnswer `json:"answers"`
	// KeptUntil is until when the receipt is kept, empty while it is not complete.
	KeptUntil string `json:"keptUntil,omitempty"`
}

// ErasureAnswer is what the partner answered to a document of an erasure.
type ErasureAnswer struct {
	Delivery string              `json:"delivery"`
	Type     string              `json:"type"`
	State    store.DeliveryState `json:"state"`
	At       string              `json:"at,omitempty"`
	Status   int                 `json:"status,omitempty"`
	Digest   string              `json:"digest,omitempty"`
}

func showErasure(e store.Erasure) Erasure {
	out := Erasure{
		ID: e.ID, State: "clearing", Because: e.Because, BegunAt: at(e.BegunAt), ClearedAt: at(e.ClearedAt), ToldAt: at(e.ToldAt),
		Stores: map[string]int{}, Answers: []ErasureAnswer{},
	}
	for name, n := range e.Stores {
		out.Stores[name] = n
	}
	for _, a := range e.Answers {
		out.Answers = append(out.Answers, ErasureAnswer{Delivery: a.Delivery, Type: a.Type, State: a.State, At: at(a.At), Status: a.Status, Digest: a.Digest})
	}
	switch {
	case e.EndedAt != 0:
		out.State, out.KeptUntil = "complete", document.Time(e.EndedAt.Time().Add(store.ReceiptLife))
	case e.ClearedAt != 0:
		out.State = "telling"
	}
	return out
}

// erasures answers GET …/erasures.
func (h *History) erasures(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	if err := api.Only(r, "cursor", "limit"); err != nil {
		return nil, err
	}
	page, err := api.Paging(r)
	if err != nil {
		return nil, err
	}
	list, err := h.table.Erasures(ctx, c.ID, page)
	if err != nil {
		return nil, err
	}
	return api.List(each(list.Items, showErasure), list.Next)
}

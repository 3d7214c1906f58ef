package justworks

import (
	"context"
	"net/http"
	"slices"

	"fulcrum/shared/api"
	"fulcrum/shared/partner"
	"fulcrum/shared/store"
)

// edits is the body of a PATCH. A field that is null is Lever's own value again; a
// PATCH without fields takes the hire into review.
type edits struct {
	// By is the id of the admin who does it; without it, it is the API key.
	By     string           `json:"by"`
	Fields map[Name]*string `json:"fields"`
}

// invitation is the body of an invitation.
type invitation struct {
	By string `json:"by"`
	// Confirm are the reasons that the admin has seen and goes on in spite of.
	Confirm []Reason `json:"confirm"`
}

// dismissal is the body of a dismissal.
type dismissal struct {
	By string `json:"by"`
}

// patch notes what a reviewer chose.
func (a *API) patch(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	var e edits
	if err := api.Decode(r, &e); err != nil {
		return nil, err
	}
	return a.decide(ctx, r, c, e.By, func(h *PendingHire, roster Roster, by Act) error {
		if !h.Status.Open() {
			return closed(h.Status)
		}
		h.review()
		wrong := map[string]string{}
		for n, text := range e.Fields {
			problem := "is no field of a pending hire"
			if slices.Contains(append(synced(), WorkEmail), n) {
				problem = h.edit(n, text, roster, by)
			}
			if problem != "" {
				wrong["fields."+string(n)] = problem
			}
		}
		if len(wrong) > 0 {
			return api.InvalidEach(wrong)
		}
		return nil
	})
}

func closed(s Status) *api.Problem {
	return &api.Problem{Type: "not_open", Status: http.StatusConflict, Detail: "The pending hire is " + string(s) + ": it is not open for review."}
}

// invite notes that the admin invites the hire. Who was invited is not invited
// again: the same answer comes back.
func (a *API) invite(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	var i invitation
	if err := read(r, &i); err != nil {
		return nil, err
	}
	return a.decide(ctx, r, c, i.By, func(h *PendingHire, roster Roster, by Act) error {
		switch {
		case h.Status == Invited:
			return nil
		case !h.Status.Open():
			return closed(h.Status)
		}
		h.settle(roster)
		if len(h.Missing) > 0 {
			return incomplete(h)
		}
		if left := unconfirmed(h.Confirm, i.Confirm); len(left) > 0 {
			return &api.Problem{
				Type: "confirmation_needed", Status: http.StatusConflict, Missing: left,
				Detail: "The invitation has to confirm what is missing: send it in confirm.",
			}
		}
		h.invite(by)
		return nil
	})
}

// incomplete names the fields that an invitation needs, and why they are empty.
func incomplete(h *PendingHire) *api.Problem {
	p := &api.Problem{Type: "fields_missing", Status: http.StatusUnprocessableEntity, Detail: "The invitation needs fields that are empty."}
	for _, n := range h.Missing {
		p.Missing = append(p.Missing, string(n))
		p.Errors = append(p.Errors, api.Wrong{Field: "fields." + string(n), Detail: "is empty: " + string(h.Field(n).Reason)})
	}
	return p
}

func unconfirmed(needed, confirmed []Reason) []string {
	var left []string
	for _, n := range needed {
		if !slices.Contains(confirmed, n) {
			left = append(left, string(n))
		}
	}
	return left
}

// dismiss notes that the admin does not invite the hire.
func (a *API) dismiss(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	var d dismissal
	if err := read(r, &d); err != nil {
		return nil, err
	}
	return a.decide(ctx, r, c, d.By, func(h *PendingHire, _ Roster, by Act) error {
		switch {
		case h.Status == Dismissed:
			return nil
		case !h.Status.Open():
			return closed(h.Status)
		}
		h.dismiss(by)
		return nil
	})
}

// decide changes a hire by what an admin decides, and answers with it. It is
// computed anew where Lever changed the hire meanwhile, unless the request names
// the version that was seen.
func (a *API) decide(ctx context.Context, r *api.Request, c store.Connection, admin string, do func(*PendingHire, Roster, Act) error) (*api.Answer, error) {
	version, given, err := api.IfMatch(r)
	if err != nil {
		return nil, err
	}
	answer := &api.Answer{Status: http.StatusOK}
	err = partner.Change(ctx, a.table, a.deliveries, c, func(w *partner.Work) error {
		o, was, err := a.find(ctx, w, r)
		if err != nil {
			return err
		}
		if given && version != o.Revision {
			return api.Changed()
		}
		_, roster, err := roster(ctx, w)
		if err != nil {
			return err
		}
		by, err := who(r, roster, admin)
		if err != nil {
			return err
		}
		now := was.clone()
		if err := do(&now, roster, act(by, a.now())); err != nil {
			return err
		}
		now.settle(roster)
		answer.Body, answer.Version = now, o.Revision
		return a.note(ctx, w, o, was, now, answer)
	})
	if err != nil {
		return nil, err
	}
	return answer, nil
}

// note records what was decided.
func (a *API) note(ctx context.Context, w *partner.Work, o store.Object, was, now PendingHire, answer *api.Answer) error {
	s, err := settings(ctx, w)
	if err != nil {
		return err
	}
	if err := record(w, o, o.UpdatedAt, change{was, now, s, a.now()}); err != nil {
		return err
	}
	if len(w.Commit(store.Event{}).Objects) > 0 {
		answer.Version++
	}
	return nil
}

// who is the admin who decides, or the API key where the request names nobody. Only
// admins with Manage employees may.
func who(r *api.Request, roster Roster, admin string) (string, error) {
	if admin == "" {
		return "key:" + r.Key, nil
	}
	if slices.ContainsFunc(roster.reviewers(), func(a Admin) bool { return a.ID == admin }) {
		return admin, nil
	}
	return "", &api.Problem{Status: http.StatusForbidden, Detail: "Nobody of that id may manage employees, as the roster says."}
}

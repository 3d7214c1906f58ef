package account

import (
	"slices"
	"strings"
)

// The types of archive reasons. What hires is the type, not the text.
const (
	Hired    = "hired"
	NonHired = "non-hired"
)

// Reason is why a candidacy is archived.
type Reason struct {
	ID     string `json:"id"`
	Text   string `json:"text"`
	Status string `json:"status"` // active or inactive
	Type   string `json:"type"`
}

func (r *Reason) key() string { return r.ID }

// Reasons are the archive reasons of the type; empty is all.
func (a *Account) Reasons(kind string) []*Reason {
	return slices.DeleteFunc(slices.Clone(a.reasons.All()), func(r *Reason) bool { return kind != "" && r.Type != kind })
}

// Reason is the archive reason with the id.
func (a *Account) Reason(id string) (*Reason, error) {
	return found(a.reasons.Take(id), "archive_reasons", id)
}

// ReasonNamed is the archive reason with the id, or else with the text, letter
// case aside.
func (a *Account) ReasonNamed(name string) (*Reason, error) {
	if r := a.reasons.Take(name); r != nil {
		return r, nil
	}
	for _, r := range a.reasons.All() {
		if strings.EqualFold(r.Text, name) {
			return a.Reason(r.ID)
		}
	}
	return nil, NotFound("archive_reasons", name)
}

// HiredReason is the first active reason that hires.
func (a *Account) HiredReason() (*Reason, error) {
	for _, r := range a.reasons.All() {
		if r.Type == Hired && r.Status == "active" {
			return a.Reason(r.ID)
		}
	}
	return nil, Invalid("the account has no active archive reason of type hired")
}

// AddReason adds an active archive reason.
func (a *Account) AddReason(text, kind string) (*Reason, error) {
	if kind == "" {
		kind = NonHired
	}
	if text == "" || kind != Hired && kind != NonHired {
		return nil, Invalid("an archive reason needs a text, and a type of hired or non-hired")
	}
	r := &Reason{ID: a.newID(), Text: text, Status: "active", Type: kind}
	a.reasons.Add(r)
	return r, nil
}

// ChangeReason renames a reason or sets its status; empty keeps what is there.
func (a *Account) ChangeReason(id, text, status string) (*Reason, error) {
	r, err := a.Reason(id)
	if err != nil {
		return nil, err
	}
	if status != "" && status != "active" && status != "inactive" {
		return nil, Invalid("the status of an archive reason is active or inactive")
	}
	if text != "" {
		r.Text = text
	}
	if status != "" {
		r.Status = status
	}
	return r, nil
}

// RemoveReason removes a reason. Candidacies archived with it keep its id.
func (a *Account) RemoveReason(id string) error {
	_, err := a.Reason(id)
	a.reasons.Drop(id)
	return err
}

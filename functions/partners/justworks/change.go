package justworks

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"time"

	"fulcrum/shared/document"
)

// byLever is who changed what came from Lever.
const byLever = "lever"

func act(by string, at time.Time) Act { return Act{By: by, At: document.Time(at)} }

// hired is what a hire as Lever has it now makes of what was known. A reviewer's
// edits stay as they are, and so does everything of a hire that was invited: what
// Lever changed then is shown beside it.
func (was PendingHire) hired(s source, at time.Time) PendingHire {
	h := was.clone()
	h.ID, h.OpportunityID, h.ContactID = s.Opportunity.ID, s.Opportunity.ID, s.Opportunity.Contact.ID
	again := h.HiredAt != document.Time(s.HiredAt())
	h.HiredAt = document.Time(s.HiredAt())
	if h.opens(again) {
		h.open()
	}
	if h.Status != Invited {
		h.OfferID, h.OfferCompleted, h.Notes = "", s.Offer != nil, s.notes()
		if s.Offer != nil {
			h.OfferID = s.Offer.ID
		}
	}
	h.read(s.readings(), at)
	h.settle(s.roster)
	return h
}

// opens reports whether a hire in Lever makes the hire pending: one that is new, one
// that was un-hired, and one that was dismissed or superseded when it is hired
// another time.
func (h *PendingHire) opens(again bool) bool {
	switch h.Status {
	case "", Withdrawn:
		return true
	case Dismissed, Superseded:
		return again
	}
	return false
}

func (h *PendingHire) open() {
	h.Status, h.Hire = Pending, h.Hire+1
	h.Withdrawn, h.Dismissed, h.SupersededBy = nil, nil, ""
}

// read brings the fields to what Lever says now.
func (h *PendingHire) read(readings map[Name]Reading, at time.Time) {
	for _, n := range synced() {
		h.Fields[n] = h.reread(n, h.Fields[n], readings[n], at)
	}
	if h.Status == Invited && h.AfterInvitation != nil {
		h.AfterInvitation.Unhired = false
		if len(h.AfterInvitation.Fields) == 0 {
			h.AfterInvitation = nil
		}
	}
}

// reread is a field after Lever was read again.
func (h *PendingHire) reread(n Name, f Field, now Reading, at time.Time) Field {
	before := f.inLever()
	switch {
	case h.Status == Invited:
		if now.said() != before.said() {
			h.noteLate(n, before, now, at)
		}
		f.Lever = nil
		if f.Edit != nil || now.said() != f.said() {
			f.Lever = &now
		}
	case f.Edit != nil:
		f.Lever = &now
	default:
		if !reflect.DeepEqual(before, Reading{}) && before.Value != now.Value {
			h.note(Change{Act: act(byLever, at), Field: n, Before: before.Value, After: now.Value})
		}
		f.Reading = now
	}
	return f
}

// noteLate notes that Lever changed a field of a hire that was invited.
func (h *PendingHire) noteLate(n Name, before, now Reading, at time.Time) {
	if h.AfterInvitation == nil {
		h.AfterInvitation = &Late{Fields: []Name{}}
	}
	h.AfterInvitation.At = document.Time(at)
	if !slices.Contains(h.AfterInvitation.Fields, n) {
		h.AfterInvitation.Fields = append(h.AfterInvitation.Fields, n)
	}
	h.note(Change{Act: act(byLever, at), Field: n, Before: before.Value, After: now.Value})
}

// inLever is what Lever said of the field when it was last read.
func (f Field) inLever() Reading {
	if f.Lever != nil {
		return *f.Lever
	}
	return f.Reading
}

// said is what stands in Lever, whatever was made of it: another roster or another
// table of member types is no change of Lever's.
func (r Reading) said() string { return cmp.Or(r.Seen, r.Value) }

// unhired is what is left when the candidate is not hired any more. An invitation
// is not undone by it: that is for people to decide.
func (was PendingHire) unhired(at time.Time) PendingHire {
	h := was.clone()
	switch {
	case h.Status == Withdrawn:
	case h.Status != Invited:
		by := act(byLever, at)
		h.Status, h.Withdrawn = Withdrawn, &by
	case h.AfterInvitation == nil:
		h.AfterInvitation = &Late{At: document.Time(at), Unhired: true, Fields: []Name{}}
	case !h.AfterInvitation.Unhired:
		h.AfterInvitation.At, h.AfterInvitation.Unhired = document.Time(at), true
	}
	return h
}

// erased is what stays of a hire whose person was deleted or anonymized in Lever:
// that there was one, so that a late event does not bring it back.
func (was PendingHire) erased() PendingHire {
	h := newHire()
	h.ID, h.OpportunityID, h.ContactID = was.ID, was.OpportunityID, was.ContactID
	h.Status, h.Hire, h.HiredAt, h.Invited = Erased, was.Hire, was.HiredAt, was.Invited
	return h
}

// newHire is a hire of which nothing is known.
func newHire() PendingHire {
	return PendingHire{Fields: map[Name]Field{}, WorkEmail: Field{Reading: Reading{Reason: NotInLever}}, Missing: []Name{}, Confirm: []Reason{}, Notes: []Reason{}, History: []Change{}}
}

// clone is a copy whose fields and lists are its own.
func (was PendingHire) clone() PendingHire {
	h := was
	if h.Fields == nil {
		h = newHire()
	}
	h.Fields, h.History = maps.Clone(h.Fields), slices.Clone(h.History)
	if h.AfterInvitation != nil {
		late := *h.AfterInvitation
		late.Fields = slices.Clone(late.Fields)
		h.AfterInvitation = &late
	}
	return h
}

package hire

import (
	"fmt"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
)

// Forget has everything forgotten that is kept of whom the work's event is about, and
// who is Gone or Anonymized.
func (h *Hire) Forget(w *partner.Work) {
	w.Erase(partner.Forget{Because: h.Standing.Because(), Opportunities: []string{w.Event.IDs.Opportunity}})
}

// Unknown ends the event, for a reason, where nothing is known of who is Gone or
// Anonymized. Lever may not know yet what its own webhook tells of, so that a hire
// that is not there is looked for again by the error; a deletion is not.
func (h *Hire) Unknown(w *partner.Work, reason fault.Reason) error {
	if h.Standing == Gone && w.Event.Event != lever.CandidateDeleted {
		return fmt.Errorf("read opportunity: %w", h.Why)
	}
	h.Forget(w)
	w.Ignore(reason)
	return nil
}

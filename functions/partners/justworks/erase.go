package justworks

import (
	"context"
	"fmt"

	"fulcrum/shared/hire"
	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
)

// erase forgets who the hire was.
func (s *sync) erase(ctx context.Context, h *hire.Hire) error {
	if s.was.Status == "" {
		return s.unknown(h)
	}
	if err := s.leave(ctx); err != nil {
		return err
	}
	s.forget(h)
	return s.Put(s.object, 0, s.was.erased(), erasure(s.was, h.Standing.Because(), s.now))
}

// forget has everything forgotten that is kept of a person.
func (s *sync) forget(h *hire.Hire) {
	s.Erase(partner.Forget{Because: h.Standing.Because(), Opportunities: []string{s.object.ID}})
}

// unknown ends an event about somebody who is not there and never was a hire.
// Lever may not know yet what its own webhook tells of, so that a hire that is not
// there is looked for again; a deletion is not.
func (s *sync) unknown(h *hire.Hire) error {
	if h.Standing == hire.Gone && s.Event.Event != lever.CandidateDeleted {
		return fmt.Errorf("read opportunity: %w", h.Why)
	}
	s.forget(h)
	s.Ignore("no_pending_hire")
	return nil
}

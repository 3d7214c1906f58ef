package joinedly

import (
	"context"
	"fmt"

	"fulcrum/shared/hire"
	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
)

// erase forgets who the joiner was. What stays is that there was one, so that a
// late event does not bring them back.
func (s *sync) erase(ctx context.Context, h *hire.Hire) error {
	if s.was.Status == "" {
		return s.unknown(h)
	}
	if err := s.attend(ctx, nil); err != nil {
		return err
	}
	now := state{Status: Erased, Hires: s.was.Hires}
	s.forget(h)
	if !s.was.Told {
		s.Ignore("erased")
		return s.put(0, now)
	}
	return s.put(0, now, erased(s.reference(), h.Standing, s.Event.ReceivedAt.Time()))
}

// unknown ends an event about somebody who is not there and never was a joiner.
// Lever may not know yet what its own webhook tells of, so that a hire that is not
// there is looked for again; a deletion is not.
func (s *sync) unknown(h *hire.Hire) error {
	if h.Standing == hire.Gone && s.Event.Event != lever.CandidateDeleted {
		return fmt.Errorf("read opportunity: %w", h.Why)
	}
	s.forget(h)
	s.Ignore("no_joiner")
	return nil
}

// forget has everything forgotten that is kept of a person.
func (s *sync) forget(h *hire.Hire) {
	s.Erase(partner.Forget{Because: h.Standing.Because(), Opportunities: []string{s.object.ID}})
}

package joinedly

import (
	"context"

	"fulcrum/shared/hire"
)

// erase forgets who the joiner was. What stays is that there was one, so that a
// late event does not bring them back.
func (s *sync) erase(ctx context.Context, h *hire.Hire) error {
	if s.was.Status == "" {
		return h.Unknown(s.Work, "no_joiner")
	}
	if err := s.attend(ctx, nil); err != nil {
		return err
	}
	now := state{Status: Erased, Hires: s.was.Hires}
	h.Forget(s.Work)
	if !s.was.Told {
		s.Ignore("erased")
		return s.put(0, now)
	}
	return s.put(0, now, erased(s.reference(), h.Standing, s.Event.ReceivedAt.Time()))
}

package justworks

import (
	"context"

	"fulcrum/shared/hire"
)

// erase forgets who the hire was.
func (s *sync) erase(ctx context.Context, h *hire.Hire) error {
	if s.was.Status == "" {
		return h.Unknown(s.Work, "no_pending_hire")
	}
	if err := s.leave(ctx); err != nil {
		return err
	}
	h.Forget(s.Work)
	return s.Put(s.object, 0, s.was.erased(), erasure(s.was, h.Standing.Because(), s.now))
}

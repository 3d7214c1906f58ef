package connect

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"fulcrum/shared/account"
	"fulcrum/shared/api"
	"fulcrum/shared/backfill"
	"fulcrum/shared/signing"
	"fulcrum/shared/status"
	"fulcrum/shared/store"
)

// finishSetup answers POST …/finish-setup: what is still missing, or the connection
// as it is when nothing is.
func (s *Setup) finishSetup(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	missing, err := s.complete(ctx, c, "key:"+r.Key, s.base(r))
	if err != nil {
		return nil, problem(err)
	}
	if len(missing) > 0 {
		return nil, &api.Problem{
			Type: "setup-incomplete", Title: "Set-up is not complete", Status: http.StatusConflict,
			Detail: "Something is still to be done in Lever.", Missing: missing,
		}
	}
	return s.show(ctx, c.ID)
}

// complete makes what we have to make, and says what the customer still has to do.
// Where that is nothing, set-up is finished.
func (s *Setup) complete(ctx context.Context, c store.Connection, actor, base string) (missing []string, err error) {
	if ended(c) {
		return nil, errEnded
	}
	// Keys that are still to be written show by what is not seen yet.
	if err := unless(s.ensure(ctx, c, base), signing.ErrPending); err != nil {
		return nil, err
	}
	d, err := s.Definitions(c.Partner)
	if err != nil {
		return nil, err
	}
	st, err := s.status(ctx, c)
	if err != nil {
		return nil, err
	}
	if missing = toDo(d, st.Missing()); len(missing) > 0 {
		return missing, nil
	}
	if st.State == status.Disconnected {
		return nil, errEnded
	}
	return nil, unless(s.Table.Finish(ctx, c.ID, step(c.ID, actor, "setup.finished", nil, nil)), store.ErrMoved)
}

func (s *Setup) pause(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	if ended(c) {
		return nil, problem(errEnded)
	}
	err := s.Table.Pause(ctx, c.ID, step(c.ID, "key:"+r.Key, "paused", nil, nil))
	if err = unless(err, store.ErrMoved); err != nil {
		return nil, err
	}
	return s.show(ctx, c.ID)
}

func (s *Setup) resume(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	again := s.Recovery.Retry(c, account.Paused)
	err := s.Table.Resume(ctx, c.ID, step(c.ID, "key:"+r.Key, "resumed", nil, nil), again)
	if errors.Is(err, store.ErrMoved) {
		return s.show(ctx, c.ID)
	}
	if err != nil {
		return nil, err
	}
	s.run(ctx, again)
	return s.show(ctx, c.ID)
}

// recoveryView says how far a recovery is.
type recoveryView struct {
	Recovery string `json:"recovery"`
	// Events is how many were sent on their way so far; Done says whether those are
	// all.
	Events int  `json:"events"`
	Done   bool `json:"done"`
}

// resync answers POST …/resync: what changed in Lever since the last good event is
// looked at again, and what the partner has imported is imported anew.
func (s *Setup) resync(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	if ended(c) || c.LostAt != 0 {
		return nil, problem(errEnded)
	}
	d, err := s.Definitions(c.Partner)
	if err != nil {
		return nil, err
	}
	st, err := s.status(ctx, c)
	if err != nil {
		return nil, err
	}
	again := s.Recovery.Reread(c, cmp.Or(st.LastSeen(), c.ConnectedAt), eventsOf(d))
	if err := s.Table.PutRecovery(ctx, again); err != nil {
		return nil, err
	}
	if err := s.Table.Note(ctx, step(c.ID, "key:"+r.Key, "resync.requested", nil, map[string]any{"since": again.Since})); err != nil {
		return nil, err
	}
	s.run(ctx, again)
	if err := s.Imports.Connect(ctx, c, backfill.Plan(d.Imports)); err != nil {
		return nil, err
	}
	now, err := s.Table.Recovery(ctx, c.ID, again.ID)
	if err != nil {
		return nil, err
	}
	return api.Accepted("/v1/connections/"+c.ID+"/events", recoveryView{Recovery: now.ID, Events: now.Count, Done: now.EndedAt != 0})
}

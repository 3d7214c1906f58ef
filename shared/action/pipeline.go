package action

import (
	"context"
	"slices"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
)

// The reasons for which a write is superseded.
const (
	Moved    fault.Reason = "moved_meanwhile"
	Archived fault.Reason = "archived_meanwhile"
)

// Stage moves the opportunity to a stage.
type Stage struct {
	// To is the stage's id. From is that of the stage in which the opportunity was
	// when it was decided; empty where that does not matter.
	To, From string
}

func (m Stage) kind() kind { return ofStage }

func (m Stage) compare(ctx context.Context, s site) (verdict, error) {
	o, err := s.lever.Opportunity(ctx, s.opportunity)
	switch {
	case err != nil:
		return verdict{}, err
	case o.Archived != nil:
		return verdict{superseded: Archived}, nil
	case o.Stage.ID == m.To:
		return verdict{done: true}, nil
	case m.From != "" && o.Stage.ID != m.From:
		return verdict{superseded: Moved}, nil
	}
	return verdict{}, nil
}

func (m Stage) write(ctx context.Context, s site) (string, error) {
	return s.opportunity, s.lever.MoveToStage(ctx, s.as, s.opportunity, m.To)
}

// Archive archives the opportunity.
type Archive struct {
	// Reason is the archive reason's id. From is that of the stage in which the
	// opportunity was when it was decided; empty where that does not matter.
	Reason, From string
}

func (a Archive) kind() kind { return ofArchive }

func (a Archive) compare(ctx context.Context, s site) (verdict, error) {
	o, err := s.lever.Opportunity(ctx, s.opportunity)
	switch {
	case err != nil:
		return verdict{}, err
	case o.Archived != nil && o.Archived.Reason == a.Reason:
		return verdict{done: true}, nil
	case o.Archived != nil:
		return verdict{superseded: Archived}, nil
	case a.From != "" && o.Stage.ID != a.From:
		return verdict{superseded: Moved}, nil
	}
	return verdict{}, nil
}

func (a Archive) write(ctx context.Context, s site) (string, error) {
	return s.opportunity, s.lever.Archive(ctx, s.as, s.opportunity, a.Reason)
}

// Tags are tags that the opportunity gets; those that it has stay.
type Tags []string

func (t Tags) kind() kind { return ofTags }

func (t Tags) compare(ctx context.Context, s site) (verdict, error) {
	return has(ctx, s, t, func(o *lever.Opportunity) []string { return o.Tags })
}

func (t Tags) write(ctx context.Context, s site) (string, error) {
	return s.opportunity, s.lever.AddTags(ctx, s.as, s.opportunity, t...)
}

// Sources are sources that the opportunity gets; those that it has stay.
type Sources []string

func (n Sources) kind() kind { return ofSources }

func (n Sources) compare(ctx context.Context, s site) (verdict, error) {
	return has(ctx, s, n, func(o *lever.Opportunity) []string { return o.Sources })
}

func (n Sources) write(ctx context.Context, s site) (string, error) {
	return s.opportunity, s.lever.AddSources(ctx, s.as, s.opportunity, n...)
}

// Links are links that the opportunity's person gets; those that it has stay.
type Links []string

func (l Links) kind() kind { return ofLinks }

func (l Links) compare(ctx context.Context, s site) (verdict, error) {
	return has(ctx, s, l, func(o *lever.Opportunity) []string { return o.Links })
}

func (l Links) write(ctx context.Context, s site) (string, error) {
	return s.opportunity, s.lever.AddLinks(ctx, s.as, s.opportunity, l...)
}

// has says that it is done where the opportunity has all that it is to get.
func has(ctx context.Context, s site, wanted []string, of func(*lever.Opportunity) []string) (verdict, error) {
	o, err := s.lever.Opportunity(ctx, s.opportunity)
	if err != nil {
		return verdict{}, err
	}
	missing := slices.ContainsFunc(wanted, func(w string) bool { return !slices.Contains(of(o), w) })
	return verdict{done: !missing}, nil
}

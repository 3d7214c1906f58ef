package action

import (
	"context"
	"slices"

	"fulcrum/shared/lever"
)

// Opportunity is a new opportunity. Lever hangs it on the person whose e-mail it
// has, if it knows one. The mark is a tag of it: lists can be narrowed by tags,
// and an opportunity without contact data is found as well. Lever wants a user in
// whose name it is, and its API can remove none.
type Opportunity struct {
	New lever.NewOpportunity
}

func (o Opportunity) kind() kind { return ofOpportunity }

func (o Opportunity) write(ctx context.Context, s site) (string, error) {
	in := o.New
	in.Tags = append(slices.Clone(in.Tags), s.mark)
	made, _, err := s.lever.CreateOpportunity(ctx, s.as, in)
	if err != nil {
		return "", err
	}
	return made.ID, nil
}

func findOpportunities(ctx context.Context, s site) ([]string, error) {
	f := lever.OpportunityFilter{Tags: []string{s.mark}, Confidentiality: "all"}
	all, err := lever.Collect(s.lever.Opportunities(ctx, f))
	if lever.Forbidden(err) {
		// Without the right to see confidential ones, none was made.
		f.Confidentiality = ""
		all, err = lever.Collect(s.lever.Opportunities(ctx, f))
	}
	return marked(all, err, func(o lever.Opportunity) (found, bool) {
		return found{o.ID, o.CreatedAt}, slices.Contains(o.Tags, s.mark)
	})
}

package lever

import "context"

// MayReadOpportunities asks whether the credential may read opportunities at all: one
// that Lever refuses nevertheless is confidential, which Lever's answer does not say.
// It gives no error if it may, [Forbidden] if not, and any other error of a call if
// nobody knows. A list that is empty costs the least.
func (c *Client) MayReadOpportunities(ctx context.Context) error {
	_, err := Collect(c.Opportunities(ctx, OpportunityFilter{ArchivedAfter: 1, ArchivedUntil: 1}))
	return err
}

// MayReadPostings is the same of postings.
func (c *Client) MayReadPostings(ctx context.Context) error {
	_, err := Collect(c.Postings(ctx, PostingFilter{UpdatedAfter: 1, UpdatedUntil: 1}))
	return err
}

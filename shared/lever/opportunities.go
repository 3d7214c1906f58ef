package lever

import (
	"context"
	"iter"
	"net/http"
	"net/url"
)

// OpportunityFilter narrows a list of opportunities. Lever counts both ends of a
// range in; repeated values are alternatives.
type OpportunityFilter struct {
	// Archived is "true", "false" or empty for both.
	Archived string
	Postings []string
	Stages   []string
	Contacts []string
	Reasons  []string // archive reasons
	Tags     []string
	Email    string
	// Confidentiality is non-confidential (which is also what Lever takes when
	// it is empty), confidential or all.
	Confidentiality              string
	CreatedAfter, CreatedUntil   Time
	UpdatedAfter, UpdatedUntil   Time // leaves out what has no updatedAt
	ArchivedAfter, ArchivedUntil Time
	Expand                       []string
	// Offset continues an earlier walk.
	Offset string
}

func (f OpportunityFilter) query() url.Values {
	q := query{}
	q.text("archived", f.Archived)
	q.texts("posting_id", f.Postings)
	q.texts("stage_id", f.Stages)
	q.texts("contact_id", f.Contacts)
	q.texts("archive_reason_id", f.Reasons)
	q.texts("tag", f.Tags)
	q.text("email", f.Email)
	q.text("confidentiality", f.Confidentiality)
	q.time("created_at_start", f.CreatedAfter)
	q.time("created_at_end", f.CreatedUntil)
	q.time("updated_at_start", f.UpdatedAfter)
	q.time("updated_at_end", f.UpdatedUntil)
	q.time("archived_at_start", f.ArchivedAfter)
	q.time("archived_at_end", f.ArchivedUntil)
	q.texts("expand", f.Expand)
	q.text("offset", f.Offset)
	return url.Values(q)
}

// Opportunities lists opportunities.
func (c *Client) Opportunities(ctx context.Context, f OpportunityFilter) iter.Seq2[Opportunity, error] {
	return each(c.OpportunityPages(ctx, f))
}

// OpportunityPages lists opportunities page by page, for walks that are continued
// by another function.
func (c *Client) OpportunityPages(ctx context.Context, f OpportunityFilter) iter.Seq2[Page[Opportunity], error] {
	return pages[Opportunity](ctx, c, f.query(), "opportunities")
}

// NewOpportunity is what an opportunity is made of. All is optional; what is
// empty is not sent.
type NewOpportunity struct {
	Name     string   `json:"name,omitempty"`
	Headline string   `json:"headline,omitempty"`
	Stage    string   `json:"stage,omitempty"`
	Location string   `json:"location,omitempty"`
	Phones   []Phone  `json:"phones,omitempty"`
	Emails   []string `json:"emails,omitempty"`
	Links    []string `json:"links,omitempty"`
	Tags     []string `json:"tags,omitempty"`
	Sources  []string `json:"sources,omitempty"`
	Origin   string   `json:"origin,omitempty"`
	Owner    string   `json:"owner,omitempty"`
	// Contact hangs the opportunity on a person that Lever has.
	Contact string `json:"contact,omitempty"`
	// Postings holds one id at most: Lever refuses more.
	Postings []string `json:"postings,omitempty"`
}

// CreateOpportunity makes an opportunity in a user's name. Lever looks for the
// person by Contact, else by e-mail; deduped reports that it hangs on a person
// that was there. Repeating the call makes a second one.
func (c *Client) CreateOpportunity(ctx context.Context, userID string, o NewOpportunity) (made *Opportunity, deduped bool, err error) {
	made = new(Opportunity)
	answer := enveloped(made)
	if err := c.do(ctx, http.MethodPost, performAs(userID), o, answer, "opportunities"); err != nil {
		return nil, false, err
	}
	return made, answer.deduped, nil
}

// MoveToStage sets an opportunity's stage. It leaves an archived one archived.
// What Lever answers to this and to the writes below has name, e-mails and
// phones blanked, so nothing of it is given.
func (c *Client) MoveToStage(ctx context.Context, userID, opportunityID, stageID string) error {
	in := map[string]string{"stage": stageID}
	return c.do(ctx, http.MethodPut, performAs(userID), in, nil, "opportunities", opportunityID, "stage")
}

// Archive archives an opportunity for a reason.
func (c *Client) Archive(ctx context.Context, userID, opportunityID, reasonID string) error {
	return c.archive(ctx, userID, opportunityID, &reasonID)
}

// Unarchive brings an archived opportunity back.
func (c *Client) Unarchive(ctx context.Context, userID, opportunityID string) error {
	return c.archive(ctx, userID, opportunityID, nil)
}

func (c *Client) archive(ctx context.Context, userID, opportunityID string, reason *string) error {
	in := map[string]*string{"reason": reason}
	return c.do(ctx, http.MethodPut, performAs(userID), in, nil, "opportunities", opportunityID, "archived")
}

// AddTags adds tags to an opportunity; those it has stay as they are.
func (c *Client) AddTags(ctx context.Context, userID, opportunityID string, tags ...string) error {
	return c.change(ctx, userID, opportunityID, "addTags", "tags", tags)
}

// RemoveTags removes tags.
func (c *Client) RemoveTags(ctx context.Context, userID, opportunityID string, tags ...string) error {
	return c.change(ctx, userID, opportunityID, "removeTags", "tags", tags)
}

// AddSources adds sources; unknown ones are made.
func (c *Client) AddSources(ctx context.Context, userID, opportunityID string, sources ...string) error {
	return c.change(ctx, userID, opportunityID, "addSources", "sources", sources)
}

// AddLinks adds links to the opportunity's person.
func (c *Client) AddLinks(ctx context.Context, userID, opportunityID string, links ...string) error {
	return c.change(ctx, userID, opportunityID, "addLinks", "links", links)
}

func (c *Client) change(ctx context.Context, userID, opportunityID, verb, member string, values []string) error {
	in := map[string][]string{member: values}
	return c.do(ctx, http.MethodPost, performAs(userID), in, nil, "opportunities", opportunityID, verb)
}

package lever

import (
	"context"
	"iter"
	"net/url"
)

// Posting is a job.
type Posting struct {
	ID                  string         `json:"id"`
	Text                string         `json:"text"`
	State               string         `json:"state"`
	DistributionChannel []string       `json:"distributionChannels"`
	Categories          Categories     `json:"categories"`
	Content             PostingContent `json:"content"`
	Owner               Ref[User]      `json:"owner"`
	HiringManager       Ref[User]      `json:"hiringManager"`
	Confidentiality     string         `json:"confidentiality"`
	WorkplaceType       string         `json:"workplaceType"`
	Tags                []string       `json:"tags"`
	CreatedAt           Time           `json:"createdAt"`
	UpdatedAt           Time           `json:"updatedAt"`
}

// The states of a posting. Lever's pages call internal "unlisted".
const (
	PostingPublished = "published"
	PostingInternal  = "internal"
	PostingClosed    = "closed"
	PostingDraft     = "draft"
	PostingPending   = "pending"
	PostingRejected  = "rejected"
)

// Confidential is the confidentiality of what lists leave out.
const Confidential = "confidential"

// Categories are a posting's place in the company. Any may be empty.
type Categories struct {
	Commitment   string   `json:"commitment"`
	Department   string   `json:"department"`
	Level        string   `json:"level"`
	Location     string   `json:"location"`
	AllLocations []string `json:"allLocations"`
	Team         string   `json:"team"`
}

// PostingContent is a job's text.
type PostingContent struct {
	Description     string `json:"description"`
	DescriptionHTML string `json:"descriptionHtml"`
	Lists           []struct {
		Text    string `json:"text"`
		Content string `json:"content"`
	} `json:"lists"`
	Closing     string `json:"closing"`
	ClosingHTML string `json:"closingHtml"`
}

// Posting reads one posting. expand names user, owner, hiringManager or
// followers.
func (c *Client) Posting(ctx context.Context, id string, expand ...string) (*Posting, error) {
	return get[Posting](ctx, c, url.Values{"expand": expand}, "postings", id)
}

// PostingFilter narrows a list of postings. Lever combines the times with
// confidentiality and with nothing else.
type PostingFilter struct {
	State string
	// Confidentiality is non-confidential (which is also what Lever takes when
	// it is empty), confidential or all.
	Confidentiality            string
	UpdatedAfter, UpdatedUntil Time
	Expand                     []string
}

func (f PostingFilter) query() url.Values {
	q := query{}
	q.text("state", f.State)
	q.text("confidentiality", f.Confidentiality)
	q.time("updated_at_start", f.UpdatedAfter)
	q.time("updated_at_end", f.UpdatedUntil)
	q.texts("expand", f.Expand)
	return url.Values(q)
}

// Postings lists postings.
func (c *Client) Postings(ctx context.Context, f PostingFilter) iter.Seq2[Posting, error] {
	return each(pages[Posting](ctx, c, f.query(), "postings"))
}

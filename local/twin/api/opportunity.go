package api

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"fulcrum/local/twin/account"
)

func opportunityRoutes() []route {
	const read, write = "opportunities:read:admin", "opportunities:write:admin"
	const one = "/opportunities/:opportunity"
	return []route{
		{"GET", "/opportunities", read, optional, listOpportunities},
		{"GET", "/opportunities/deleted", read, optional, listDeletedOpportunities},
		{"GET", one, read, optional, under(getOpportunity)},
		{"POST", "/opportunities", write, required, createOpportunity},
		{"PUT", one + "/stage", write, optional, putStage},
		{"PUT", one + "/archived", write, optional, putArchived},
		{"POST", one + "/addTags", write, optional, editTags(true)},
		{"POST", one + "/removeTags", write, optional, editTags(false)},
		{"POST", one + "/addSources", write, optional, editSources(true)},
		{"POST", one + "/removeSources", write, optional, editSources(false)},
		{"POST", one + "/addLinks", write, optional, editLinks(true)},
		{"POST", one + "/removeLinks", write, optional, editLinks(false)},
	}
}

func listOpportunities(c *call) (answer, error) {
	limit, err := c.limit()
	if err != nil {
		return answer{}, err
	}
	filter, err := c.filter()
	if err != nil {
		return answer{}, err
	}
	from, err := c.offset()
	if err != nil {
		return answer{}, err
	}
	found, next := c.account.Page(filter, from, limit)
	page := make([]any, len(found))
	for i, o := range found {
		page[i] = c.account.View(o)
	}
	shaped, err := c.shape(page)
	return c.page(shaped, next), err
}

// filter reads the parameters that select opportunities.
func (c *call) filter() (account.Filter, error) {
	q := c.query
	f := account.Filter{
		Tags: q["tag"], Emails: q["email"], Origins: q["origin"], Sources: q["source"], Stages: q["stage_id"],
		Postings: q["posting_id"], ArchivedPostings: q["archived_posting_id"], Reasons: q["archive_reason_id"],
		Contacts: q["contact_id"], Locations: q["location"],
	}
	var errs [7]error
	f.Archived, errs[0] = c.flag("archived")
	f.Snoozed, errs[1] = c.flag("snoozed")
	f.Created, errs[2] = c.span("created_at")
	f.Updated, errs[3] = c.span("updated_at")
	f.Advanced, errs[4] = c.span("advanced_at")
	f.Archival, errs[5] = c.span("archived_at")
	f.Confidential, f.NonConfidential, errs[6] = c.seen()
	return f, first(errs[:])
}

// first is the first error that is one.
func first(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func listDeletedOpportunities(c *call) (answer, error) {
	within, err := c.span("deleted_at")
	if err != nil {
		return answer{}, err
	}
	return listAll(c, c.account.DeletedOpportunities(within), func(d *account.DeletedOpportunity) listed {
		return listed{at: d.DeletedAt, id: d.ID, object: d}
	})
}

func getOpportunity(c *call, o *account.Opportunity) (answer, error) {
	return c.object(http.StatusOK, c.account.View(o))
}

func putStage(c *call) (answer, error) {
	var body struct {
		Stage string `json:"stage"`
	}
	return c.change(&body, c.account.Blanked, func(o *account.Opportunity) error {
		if _, err := c.account.Stage(body.Stage); err != nil {
			return err
		}
		return c.account.Move(o, body.Stage, c.as)
	})
}

func putArchived(c *call) (answer, error) {
	var body struct {
		Reason          any    `json:"reason"`
		CleanInterviews bool   `json:"cleanInterviews"`
		RequisitionID   string `json:"requisitionId"`
	}
	// Null means back from the archive; a missing reason means nothing.
	body.Reason = false
	return c.change(&body, c.account.Blanked, func(o *account.Opportunity) error {
		if body.Reason == nil {
			c.account.Unarchive(o)
			return nil
		}
		id, ok := body.Reason.(string)
		if !ok {
			return account.Invalid("reason is an archive reason's id, or null")
		}
		if _, err := c.account.Reason(id); err != nil {
			return err
		}
		return c.account.Archive(o, account.Removal{
			Reason: id, CleanInterviews: body.CleanInterviews, Requisition: body.RequisitionID, By: c.as,
		})
	})
}

// view is one of the ways in which an opportunity is shown.
type view func(*account.Opportunity) account.OpportunityView

// change reads the body, changes the opportunity in the path, and answers with
// one of its views.
func (c *call) change(body any, show view, change func(*account.Opportunity) error) (answer, error) {
	o, err := c.opportunity()
	if err != nil {
		return answer{}, err
	}
	if err := c.decode(body); err != nil {
		return answer{}, err
	}
	if err := change(o); err != nil {
		return answer{}, err
	}
	return c.object(http.StatusOK, show(o))
}

func editTags(add bool) func(*call) (answer, error) {
	return func(c *call) (answer, error) {
		var body struct {
			Tags []string `json:"tags"`
		}
		return c.change(&body, c.account.Blanked, func(o *account.Opportunity) error {
			return needed("tags", body.Tags, func() { c.account.Tag(o, body.Tags, add) })
		})
	}
}

func editSources(add bool) func(*call) (answer, error) {
	return func(c *call) (answer, error) {
		var body struct {
			Sources []string `json:"sources"`
		}
		return c.change(&body, c.account.Blanked, func(o *account.Opportunity) error {
			return needed("sources", body.Sources, func() { c.account.Source(o, body.Sources, add) })
		})
	}
}

func editLinks(add bool) func(*call) (answer, error) {
	return func(c *call) (answer, error) {
		var body struct {
			Links []string `json:"links"`
		}
		return c.change(&body, c.account.Written, func(o *account.Opportunity) error {
			return needed("links", body.Links, func() { c.account.Link(o, body.Links, add) })
		})
	}
}

func needed(name string, list []string, change func()) error {
	if len(list) == 0 {
		return account.Invalid("%s is required", name)
	}
	change()
	return nil
}

// newOpportunity is the body of a creation.
type newOpportunity struct {
	Name, Headline, Location, Stage, Origin, Owner, Contact string
	Emails, Links, Tags, Sources, Followers, Postings       []string
	Phones                                                  []account.Phone
	CreatedAt                                               int64
	Archived                                                *account.Archived
	Confidentiality                                         string
}

func createOpportunity(c *call) (answer, error) {
	body, err := c.newOpportunity()
	if err != nil {
		return answer{}, err
	}
	draft, err := body.draft(c)
	if err != nil {
		return answer{}, err
	}
	resume, files, err := c.attachments()
	if err != nil {
		return answer{}, err
	}
	o, deduped, err := c.account.Create(draft)
	if err != nil {
		return answer{}, err
	}
	if err := attach(c, o, resume, files); err != nil {
		return answer{}, err
	}
	shaped, err := c.shape([]any{c.account.Written(o)})
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusCreated, body: envelope{Deduped: deduped, Data: shaped[0]}}, nil
}

func (c *call) newOpportunity() (newOpportunity, error) {
	var body newOpportunity
	if c.form != nil {
		return readNewOpportunity(c.form.Value)
	}
	if len(c.body) == 0 {
		return body, nil
	}
	err := c.decode(&body)
	return body, err
}

func (b newOpportunity) draft(c *call) (account.Draft, error) {
	if len(b.Postings) > 1 {
		return account.Draft{}, account.Invalid("postings has at most one id")
	}
	d := account.Draft{
		Contact: b.Contact, Name: b.Name, Headline: b.Headline, Location: b.Location, Emails: b.Emails, Links: b.Links,
		Phones: b.Phones,
		Tags:   b.Tags, Sources: b.Sources, Followers: b.Followers, Stage: b.Stage, Origin: b.Origin, Owner: b.Owner,
		CreatedAt: b.CreatedAt,
		Archived:  b.Archived, Confidential: b.Confidentiality == "confidential", By: c.as,
		OwnedByPosting: c.query.Get("perform_as_posting_owner") == "true",
	}
	if len(b.Postings) == 1 {
		d.Posting = b.Postings[0]
	}
	return d, nil
}

// readNewOpportunity reads the fields of a multipart body. Members of objects
// are written as archived[reason] or phones[0][value].
func readNewOpportunity(v url.Values) (newOpportunity, error) {
	b := newOpportunity{
		Name: v.Get("name"), Headline: v.Get("headline"), Location: v.Get("location"), Stage: v.Get("stage"),
		Origin: v.Get("origin"),
		Owner:  v.Get("owner"), Contact: v.Get("contact"), Confidentiality: v.Get("confidentiality"),
		Emails: v["emails"], Links: v["links"], Tags: v["tags"], Sources: v["sources"], Followers: v["followers"],
		Postings: v["postings"],
	}
	for i := 0; v.Has("phones[" + strconv.Itoa(i) + "][value]"); i++ {
		name := "phones[" + strconv.Itoa(i) + "]"
		b.Phones = append(b.Phones, account.Phone{Type: v.Get(name + "[type]"), Value: v.Get(name + "[value]")})
	}
	var err error
	b.CreatedAt, err = number(v, "createdAt")
	if reason := v.Get("archived[reason]"); reason != "" {
		at, atErr := number(v, "archived[archivedAt]")
		b.Archived, err = &account.Archived{Reason: reason, ArchivedAt: at}, errors.Join(err, atErr)
	}
	if err != nil {
		return b, account.Invalid("createdAt and archived[archivedAt] are times in milliseconds")
	}
	return b, nil
}

func number(v url.Values, name string) (int64, error) {
	text := strings.TrimSpace(v.Get(name))
	if text == "" {
		return 0, nil
	}
	return strconv.ParseInt(text, 10, 64)
}

// attachments are the files of a multipart creation.
func (c *call) attachments() (resume *account.Blob, files []account.Blob, err error) {
	if c.form == nil {
		return nil, nil, nil
	}
	if len(c.form.File["resumeFile"]) > 0 {
		blob, err := c.file("resumeFile")
		if err != nil {
			return nil, nil, err
		}
		resume = &blob
	}
	for _, h := range append(c.form.File["files[]"], c.form.File["files"]...) {
		blob, err := open(h)
		if err != nil {
			return nil, nil, err
		}
		files = append(files, blob)
	}
	return resume, files, nil
}

func attach(c *call, o *account.Opportunity, resume *account.Blob, files []account.Blob) error {
	if resume != nil {
		if _, err := c.account.AddResume(o, *resume, account.ParsedData{}); err != nil {
			return err
		}
	}
	for _, f := range files {
		if _, err := c.account.AddFile(o, f, c.as); err != nil {
			return err
		}
	}
	return nil
}

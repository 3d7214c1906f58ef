package api

import (
	"net/http"

	"fulcrum/local/twin/account"
)

func postingRoutes() []route {
	const read, write = "postings:read:admin", "postings:write:admin"
	const one = "/postings/:posting"
	return []route{
		{"GET", "/postings", read, optional, listPostings},
		{"GET", "/postings/deleted", read, optional, listDeletedPostings},
		{"POST", "/postings", write, required, createPosting},
		{"GET", one, read, optional, getPosting},
		{"POST", one, write, required, updatePosting},
		{"GET", one + "/apply", read, optional, getPostingForms},
		{"POST", one + "/apply", write, optional, applyToPosting},
		{"GET", one + "/users", read, optional, listPostingUsers},
	}
}

func listPostings(c *call) (answer, error) {
	f, err := c.postingFilter()
	if err != nil {
		return answer{}, err
	}
	return listAll(c, c.account.Postings(f), func(p *account.Posting) listed {
		return listed{at: p.CreatedAt, id: p.ID, object: c.account.PostingView(p)}
	})
}

func (c *call) postingFilter() (account.PostingFilter, error) {
	q := c.query
	f := account.PostingFilter{
		States: q["state"], Channels: q["distributionChannel"], Teams: q["team"], Departments: q["department"],
		Locations:   q["location"],
		Commitments: q["commitment"], Levels: q["level"], Tags: q["tag"],
	}
	if q.Has("group") {
		return f, &account.Error{
			Status: http.StatusNotImplemented, Code: "NotInTwin", Message: "Lever groups postings, this twin does not.",
		}
	}
	var errs [2]error
	f.Updated, errs[0] = c.span("updated_at")
	f.Confidential, f.NonConfidential, errs[1] = c.seen()
	if err := first(errs[:]); err != nil {
		return f, err
	}
	for _, name := range []string{"state", "distributionChannel", "team", "department", "location", "commitment", "level", "tag"} {
		if (f.Updated.From != nil || f.Updated.To != nil) && q.Has(name) {
			return f, account.Invalid("updated_at can be combined with confidentiality only, not with %s", name)
		}
	}
	return f, nil
}

func listDeletedPostings(c *call) (answer, error) {
	within, err := c.deletedSpan()
	if err != nil {
		return answer{}, err
	}
	return listAll(c, c.account.DeletedPostings(within), func(d *account.DeletedPosting) listed {
		return listed{at: d.DeletedAt, id: d.ID, object: d}
	})
}

// posting is the one in the path. Confidential ones are refused to credentials
// without the right.
func (c *call) posting() (*account.Posting, error) {
	p, err := c.account.Posting(c.path["posting"])
	if err == nil && p.IsConfidential() && !c.who.confidential {
		return nil, account.Forbidden("posting %s is confidential", p.ID)
	}
	return p, err
}

func getPosting(c *call) (answer, error) {
	p, err := c.posting()
	if err != nil {
		return answer{}, err
	}
	return c.object(http.StatusOK, c.account.PostingView(p))
}

// postingFields reads a posting on its way in. The API cannot write confidential
// postings.
func (c *call) postingFields() (account.PostingFields, error) {
	var f account.PostingFields
	if err := c.decode(&f); err != nil {
		return f, err
	}
	if f.Confidentiality != nil && *f.Confidentiality != "non-confidential" {
		return f, account.Forbidden("confidential postings cannot be created or updated through the API")
	}
	return f, nil
}

func createPosting(c *call) (answer, error) {
	f, err := c.postingFields()
	if err != nil {
		return answer{}, err
	}
	p, err := c.account.AddPosting(f, c.as)
	if err != nil {
		return answer{}, err
	}
	return data(http.StatusCreated, c.account.PostingView(p))
}

func updatePosting(c *call) (answer, error) {
	p, err := c.posting()
	if err != nil {
		return answer{}, err
	}
	if p.IsConfidential() {
		return answer{}, account.Forbidden("confidential postings cannot be created or updated through the API")
	}
	f, err := c.postingFields()
	if err != nil {
		return answer{}, err
	}
	if p, err = c.account.ChangePosting(p.ID, f); err != nil {
		return answer{}, err
	}
	view := c.account.PostingView(p)
	if f.Categories == nil {
		// Recorded: the answer to a partial update has no locations.
		view.Categories.AllLocations = []string{}
	}
	return data(http.StatusOK, view)
}

func getPostingForms(c *call) (answer, error) {
	p, err := c.posting()
	if err != nil {
		return answer{}, err
	}
	return data(http.StatusOK, p.Forms())
}

// applyToPosting answers with the application's id only.
func applyToPosting(c *call) (answer, error) {
	p, err := c.posting()
	if err != nil {
		return answer{}, err
	}
	var e account.Entry
	if err := c.decode(&e); err != nil {
		return answer{}, err
	}
	app, err := c.account.Enter(p, e)
	if err != nil {
		return answer{}, err
	}
	return data(http.StatusCreated, map[string]string{"applicationId": app.ID})
}

// listPostingUsers is not documented; its answer stands in no data.
func listPostingUsers(c *call) (answer, error) {
	p, err := c.posting()
	if err != nil {
		return answer{}, err
	}
	type role struct {
		ID         string `json:"id"`
		Name       string `json:"name"`
		IsReadOnly bool   `json:"isReadOnly"`
	}
	return answer{status: http.StatusOK, body: map[string]any{
		"posting": map[string]string{"id": p.ID, "text": p.Text},
		"users":   []any{},
		"roles": []role{
			{"admin", "Admin", true}, {"limited", "Limited Team Member", true}, {"owner", "Super Admin", true},
			{"team", "Team Member", true},
		},
	}}, nil
}

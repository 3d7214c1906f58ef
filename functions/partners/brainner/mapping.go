package brainner

import "fulcrum/shared/lever"

// mapJob is the job that a posting is.
func mapJob(p *lever.Posting, source Source) Job {
	j := Job{
		ID: p.ID, Title: p.Text, Open: open(p), LeverState: p.State, Description: p.Content.Description, Closing: p.Content.Closing,
		Sections: []Section{}, Team: p.Categories.Team, Department: p.Categories.Department, Location: p.Categories.Location,
		Locations: full(p.Categories.AllLocations), Commitment: p.Categories.Commitment, WorkplaceType: p.WorkplaceType, Tags: full(p.Tags),
		Owner: person(p.Owner), HiringManager: person(p.HiringManager), Source: source,
	}
	for _, l := range p.Content.Lists {
		j.Sections = append(j.Sections, Section{Title: l.Text, HTML: l.Content})
	}
	return j
}

// open reports whether a posting may get candidates.
func open(p *lever.Posting) bool {
	return p.State != lever.PostingClosed && p.State != lever.PostingRejected
}

func person(r lever.Ref[lever.User]) Person {
	if u := r.Object; u != nil {
		return Person{ID: u.ID, Name: u.Name, Email: u.Email}
	}
	return Person{ID: r.ID}
}

// full is a list that is never null in JSON.
func full[T any](list []T) []T { return append([]T{}, list...) }

// describe takes over what an opportunity says of the candidate. The contact comes
// first: what the opportunity has of it may be older.
func (c *Candidate) describe(o *lever.Opportunity) {
	a := o.Application()
	c.OpportunityID, c.ApplicationID, c.AppliedAt = o.ID, a.ID, stamp(applied(o))
	c.Name, c.Headline, c.Location, c.Emails = o.Name, o.Headline, o.Location, full(o.Emails)
	phones := o.Phones
	if p := o.Contact.Object; p != nil {
		c.Name, c.Emails, phones = p.Name, full(p.Emails), p.Phones
	}
	c.Phones = []Phone{}
	for _, p := range phones {
		c.Phones = append(c.Phones, Phone(p))
	}
	c.Links, c.Origin, c.Sources, c.Tags = full(o.Links), o.Origin, full(o.Sources), full(o.Tags)
	c.Stage = Stage{ID: o.Stage.ID}
	if s := o.Stage.Object; s != nil {
		c.Stage.Text = s.Text
	}
	c.Archived = o.Archived != nil
}

// applied is when the application was made.
func applied(o *lever.Opportunity) lever.Time {
	if at := o.Application().CreatedAt; at != 0 {
		return at
	}
	return o.CreatedAt
}

// candidateID is the id of a person on a job: the candidates of a job stand
// together in the table.
func candidateID(postingID, contactID string) string { return postingID + "#" + contactID }

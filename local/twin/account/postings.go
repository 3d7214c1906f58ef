package account

import "slices"

// PostingFilter selects postings. Values of one member are alternatives, members
// all have to hold. Letter case counts.
type PostingFilter struct {
	States, Channels, Teams, Departments, Locations, Commitments, Levels, Tags []string
	Updated                                                                    Range
	Confidential, NonConfidential                                              bool
}

// Postings are the postings that the filter lets through, oldest first.
func (a *Account) Postings(f PostingFilter) []*Posting {
	return slices.DeleteFunc(slices.Clone(a.postings.All()), func(p *Posting) bool { return !f.allows(p) })
}

func (f PostingFilter) allows(p *Posting) bool {
	visible := p.IsConfidential() && f.Confidential || !p.IsConfidential() && f.NonConfidential
	return visible && allows(f.States, p.State) && f.channels(p) && f.categories(p.Categories) &&
		(len(f.Tags) == 0 || overlap(f.Tags, p.Tags)) && f.Updated.Allows(p.UpdatedAt)
}

// channels lets published postings through only where they are public, unless
// channels are named.
func (f PostingFilter) channels(p *Posting) bool {
	if len(f.Channels) > 0 {
		return overlap(f.Channels, p.DistributionChannels)
	}
	return !slices.Equal(f.States, []string{statePublished}) || slices.Contains(p.DistributionChannels, "public")
}

func (f PostingFilter) categories(c Categories) bool {
	places := len(f.Locations) == 0 || overlap(f.Locations, append(slices.Clone(c.AllLocations), c.Location))
	return places && allows(f.Teams, c.Team) && allows(f.Departments, c.Department) &&
		allows(f.Commitments, c.Commitment) && allows(f.Levels, deref(c.Level))
}

package account

import (
	"fmt"
	"time"
)

// Seed adds n candidacies as an account has them after years: spread over the
// pipeline and the postings, one in thirty without an application, one in five
// archived, most never touched again. Webhooks are not told. The same account
// with the same n gets the same people; only ids differ.
func (a *Account) Seed(n int) {
	now := a.cfg.Now()
	fresh := make([]*Opportunity, 0, n)
	for i := range n {
		fresh = append(fresh, a.seedOne(i, now))
	}
	// One sort is much cheaper than n insertions.
	a.order = append(a.order, fresh...)
	a.sort()
}

func (a *Account) seedOne(i int, now time.Time) *Opportunity {
	at := now.Add(-time.Duration(i+1) * 37 * time.Minute).UnixMilli()
	name := seedName(i)
	c := &Contact{ID: a.newID(), Name: name}
	if i%10 != 0 {
		a.setEmails(c, []string{fmt.Sprintf("candidate%d@%s.example", i, a.slug())})
	}
	stages, users, reasons, postings := a.stages.All(), a.users.All(), a.reasons.All(), a.postings.All()
	s := stages[i%len(stages)]
	owner := &users[i%len(users)].ID
	o := &Opportunity{
		ID: a.newID(), Contact: c, stage: s, Origin: Origins()[i%len(Origins())], Owner: owner, Followers: []string{*owner},
		StageChanges: []StageChange{{ToStageID: s.ID, ToStageIndex: i % len(stages), UpdatedAt: at}},
		CreatedAt:    at, LastInteractionAt: at, LastAdvancedAt: at,
	}
	if i%25 == 0 {
		o.UpdatedAt = &at
	}
	if i%5 == 0 {
		o.Archived = &Archived{Reason: reasons[i%len(reasons)].ID, ArchivedAt: at}
	}
	if i%30 != 0 && len(postings) > 0 {
		a.seedApplication(o, postings[i%len(postings)])
	}
	a.opportunities[o.ID] = o
	c.opportunities = []*Opportunity{o}
	a.contacts.Put(c)
	return o
}

func (a *Account) seedApplication(o *Opportunity, p *Posting) {
	o.Application = &Application{
		ID: a.newID(), Type: "user", CandidateID: o.ID, OpportunityID: o.ID, Posting: p.ID, PostingOwner: p.Owner,
		PostingHiringManager: p.HiringManager, User: o.Owner, Links: []string{}, CustomQuestions: []Form{}, CreatedAt: o.CreatedAt,
		Archived: o.Archived, location: p.Categories.Location,
	}
	a.applications[o.Application.ID] = o.Application
	o.Tags = []string{p.Text, p.Categories.Department, p.Categories.Team, p.Categories.Location, p.Categories.Commitment}
}

func seedName(i int) string {
	first := []string{"Ada", "Bruno", "Chloé", "Dmitri", "Esra", "Femi", "Greta", "Hiro", "Ida", "Jamal", "Kaia", "Luís"}
	last := []string{"Abreu", "Brandt", "Castro", "Dahl", "Eriksen", "Farouk", "Grieg", "Hansen", "Ito", "Jansen", "Kaya"}
	return first[i%len(first)] + " " + last[i/len(first)%len(last)]
}

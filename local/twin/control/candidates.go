package control

import (
	"net/http"

	"fulcrum/local/twin/account"
	"fulcrum/local/twin/desk"
)

// one is the path of a candidate.
const one = "/{account}/opportunities/{opportunity}"

// act is the body of what is done to a candidate.
type act struct {
	Stage       string `json:"stage"`
	Reason      string `json:"reason"`
	Posting     string `json:"posting"`
	Requisition string `json:"requisition"`
}

// candidates are the calls about one candidate.
func (c *Control) candidates() map[string]handler {
	d := c.desk
	routes := map[string]handler{
		"POST /{account}/candidates": with(
			func(r *http.Request, in desk.Candidate) (any, error) { return made(d.AddCandidate(acc(r), in)) },
		),
		"GET " + one: func(r *http.Request) (any, error) { return plain(d.Opportunity(acc(r), opp(r))) },
		"PUT " + one: with(func(r *http.Request, in account.OpportunityFields) (any, error) {
			return plain(d.ChangeOpportunity(acc(r), opp(r), in))
		}),
		"PUT /{account}/contacts/{id}": with(func(r *http.Request, in account.ContactFields) (any, error) {
			return plain(d.ChangeContact(acc(r), id(r), in))
		}),
	}
	for name, do := range c.acts() {
		routes["POST "+one+"/"+name] = with(func(r *http.Request, in act) (any, error) { return plain(do(acc(r), opp(r), in)) })
	}
	return routes
}

// records are the calls about what hangs on a candidate.
func (c *Control) records() map[string]handler {
	d := c.desk
	return map[string]handler{
		"POST " + one + "/offers": with(func(r *http.Request, in account.OfferFields) (any, error) {
			return made(d.AddOffer(acc(r), opp(r), in))
		}),
		"PUT " + one + "/offers/{id}": with(func(r *http.Request, in account.OfferFields) (any, error) {
			return plain(d.ChangeOffer(acc(r), opp(r), id(r), in))
		}),
		"POST " + one + "/interviews": with(func(r *http.Request, in desk.Interview) (any, error) {
			return made(d.Schedule(acc(r), opp(r), in))
		}),
		"PUT " + one + "/interviews/{id}": with(func(r *http.Request, in desk.Interview) (any, error) {
			return plain(d.Reschedule(acc(r), opp(r), id(r), in))
		}),
		"DELETE " + one + "/interviews/{id}": func(r *http.Request) (any, error) { return plain(d.Cancel(acc(r), opp(r), id(r))) },
		"POST " + one + "/resumes": with(
			func(r *http.Request, in desk.Upload) (any, error) { return made(d.AddResume(acc(r), opp(r), in)) },
		),
		"POST " + one + "/files": with(
			func(r *http.Request, in desk.Upload) (any, error) { return made(d.AddFile(acc(r), opp(r), in)) },
		),
		"POST " + one + "/notes": with(func(r *http.Request, in account.NoteFields) (any, error) {
			return made(d.AddNote(acc(r), opp(r), in))
		}),
		"POST " + one + "/feedback": with(func(r *http.Request, in feedback) (any, error) {
			in.Filling.By = in.User
			return made(d.AddFeedback(acc(r), opp(r), in.Filling))
		}),
		"PUT " + one + "/feedback/{id}": with(func(r *http.Request, in account.Filling) (any, error) {
			return plain(d.ChangeFeedback(acc(r), opp(r), id(r), in.FieldValues))
		}),
	}
}

// feedback is feedback with its author.
type feedback struct {
	account.Filling
	User string `json:"user"`
}

// acts are what can be done to a candidate, by the last word of the path.
func (c *Control) acts() map[string]func(accountID, opportunityID string, in act) (desk.Added, error) {
	d := c.desk
	return map[string]func(string, string, act) (desk.Added, error){
		"stage":     func(a, o string, in act) (desk.Added, error) { return d.Move(a, o, in.Stage) },
		"archive":   func(a, o string, in act) (desk.Added, error) { return d.Archive(a, o, in.Reason) },
		"unarchive": func(a, o string, _ act) (desk.Added, error) { return d.Unarchive(a, o) },
		"hire":      func(a, o string, in act) (desk.Added, error) { return d.Hire(a, o, in.Requisition) },
		"delete":    func(a, o string, _ act) (desk.Added, error) { return d.Delete(a, o) },
		"anonymize": func(a, o string, _ act) (desk.Added, error) { return d.Anonymize(a, o) },
		"apply":     func(a, o string, in act) (desk.Added, error) { return d.Apply(a, o, in.Posting) },
	}
}

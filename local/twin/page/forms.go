package page

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"fulcrum/local/twin/account"
	"fulcrum/local/twin/desk"
	"fulcrum/local/twin/hook"
	"fulcrum/local/twin/tenant"
)

// form is one form that was sent.
type form struct {
	*http.Request
	account, opportunity, id string
}

func (f form) value(name string) string { return strings.TrimSpace(f.PostForm.Get(name)) }

// posting takes a form, does what it says, and sends the browser back to where
// it was, with the problem if there is one.
func (p *Page) posting(do func(form) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
		if err := r.ParseForm(); err != nil {
			refuse(w, account.Invalid("the form cannot be read"))
			return
		}
		to := back(r)
		f := form{Request: r, account: r.PathValue("account"), opportunity: r.PathValue("opportunity"), id: r.PathValue("id")}
		if err := do(f); err != nil {
			query := to.Query()
			query.Set("problem", problem(err))
			to.RawQuery = query.Encode()
		}
		http.Redirect(w, r, to.String(), http.StatusSeeOther)
	}
}

func problem(err error) string {
	if refusal, ok := err.(*account.Error); ok {
		return refusal.Message
	}
	return err.Error()
}

// forms are all routes that forms post to.
func (p *Page) forms() map[string]func(form) error {
	all := map[string]func(form) error{}
	for _, some := range []map[string]func(form) error{p.candidateForms(), p.recordForms(), p.webhookForms(), p.accessForms()} {
		maps.Copy(all, some)
	}
	return all
}

// only keeps the error of an act whose result the next page shows.
func only[T any](do func(form) (T, error)) func(form) error {
	return func(f form) error {
		_, err := do(f)
		return err
	}
}

// Paths of an account, a candidate and a webhook.
const (
	home = "/accounts/{account}"
	one  = home + "/candidates/{opportunity}"
	at   = home + "/webhooks/{id}"
)

func (p *Page) webhookForms() map[string]func(form) error {
	d := p.desk
	return map[string]func(form) error{
		home + "/switch": only(func(f form) (map[string]bool, error) {
			return d.Switch(f.account, map[string]bool{f.value("event"): f.value("on") == "true"})
		}),
		home + "/webhooks": only(func(f form) (desk.Webhook, error) {
			return d.AddWebhook(f.account, desk.NewWebhook{Event: f.value("event"), URL: f.value("url")})
		}),
		at + "/delete":     func(f form) error { return d.RemoveWebhook(f.account, f.id) },
		at + "/verify":     only(func(f form) (hook.Attempt, error) { return d.Verify(f.Context(), f.account, f.id) }),
		at + "/regenerate": only(func(f form) (desk.Webhook, error) { return d.Regenerate(f.account, f.id) }),
		at + "/rerun": only(func(f form) (hook.Attempt, error) {
			return d.Rerun(f.Context(), f.account, f.id, f.value("delivery"))
		}),
	}
}

func (p *Page) accessForms() map[string]func(form) error {
	d := p.desk
	return map[string]func(form) error{
		"/accounts": only(func(f form) (desk.Summary, error) {
			return d.CreateAccount(desk.NewAccount{Name: f.value("name")})
		}),
		home + "/keys": only(func(f form) (tenant.Key, error) {
			return d.CreateKey(f.account, desk.NewKey{
				Name: f.value("name"), Rights: rights(f.value("rights")), Confidential: f.value("confidential") == "on",
			})
		}),
		home + "/keys/{id}/delete": func(f form) error { return d.RemoveKey(f.account, f.id) },
		home + "/revoke":           only(func(f form) (int, error) { return d.Revoke(f.account, f.value("app")) }),
	}
}

// rights are the lines of a text.
func rights(text string) []string {
	lines := strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' })
	return slices.DeleteFunc(lines, func(s string) bool { return strings.TrimSpace(s) == "" })
}

// candidateForms are what is done to a candidate by one button.
func (p *Page) candidateForms() map[string]func(form) error {
	d := p.desk
	acts := map[string]func(form) (desk.Added, error){
		home + "/candidates": p.candidateForm,
		one + "/stage":       func(f form) (desk.Added, error) { return d.Move(f.account, f.opportunity, f.value("stage")) },
		one + "/archive":     func(f form) (desk.Added, error) { return d.Archive(f.account, f.opportunity, f.value("reason")) },
		one + "/unarchive":   func(f form) (desk.Added, error) { return d.Unarchive(f.account, f.opportunity) },
		one + "/hire":        func(f form) (desk.Added, error) { return d.Hire(f.account, f.opportunity, "") },
		one + "/delete":      func(f form) (desk.Added, error) { return d.Delete(f.account, f.opportunity) },
		one + "/anonymize":   func(f form) (desk.Added, error) { return d.Anonymize(f.account, f.opportunity) },
		one + "/apply":       func(f form) (desk.Added, error) { return d.Apply(f.account, f.opportunity, f.value("posting")) },
		one + "/interviews/{id}/cancel": func(f form) (desk.Added, error) {
			return d.Cancel(f.account, f.opportunity, f.id)
		},
	}
	forms := map[string]func(form) error{}
	for pattern, act := range acts {
		forms[pattern] = only(act)
	}
	return forms
}

func (p *Page) candidateForm(f form) (desk.Added, error) {
	return p.desk.AddCandidate(f.account, desk.Candidate{
		Name: f.value("name"), Email: f.value("email"), Phone: f.value("phone"), Posting: f.value("posting"),
		Stage: f.value("stage"), Origin: f.value("origin"),
	})
}

// recordForms are offers, interviews and notes.
func (p *Page) recordForms() map[string]func(form) error {
	d := p.desk
	return map[string]func(form) error{
		one + "/offers":     p.offer,
		one + "/interviews": p.interview,
		one + "/offers/{id}": only(func(f form) (account.Offer, error) {
			return d.ChangeOffer(f.account, f.opportunity, f.id, account.OfferFields{
				Status: new(f.value("status")), Outside: f.value("outside") == "on",
			})
		}),
		one + "/notes": only(func(f form) (account.Note, error) {
			return d.AddNote(f.account, f.opportunity, account.NoteFields{Value: f.value("value")})
		}),
	}
}

// offer adds an offer out of the fields that people fill in most.
func (p *Page) offer(f form) error {
	fields := map[string]any{}
	for _, name := range []string{"job_title", "compensation_currency", "salary_interval", "location/office"} {
		if v := f.value(name); v != "" {
			fields[name] = v
		}
	}
	if v := f.value("salary_amount"); v != "" {
		amount, err := strconv.ParseFloat(v, 64)
		if err != nil {
			return account.Invalid("the amount is a number")
		}
		fields["salary_amount"] = amount
	}
	if v := f.value("anticipated_start_date"); v != "" {
		day, err := time.Parse(time.DateOnly, v)
		if err != nil {
			return account.Invalid("the start date is a day, such as 2026-12-01")
		}
		fields["anticipated_start_date"] = day.UnixMilli()
	}
	_, err := p.desk.AddOffer(
		f.account, f.opportunity,
		account.OfferFields{Status: new(f.value("status")), Fields: fields, Outside: f.value("outside") == "on"},
	)
	return err
}

// interview schedules an interview; what is left empty is filled in.
func (p *Page) interview(f form) error {
	i := desk.Interview{Subject: f.value("subject")}
	if who := f.value("interviewer"); who != "" {
		i.Interviewers = []string{who}
	}
	if v := f.value("date"); v != "" {
		at, err := time.Parse("2006-01-02T15:04", v)
		if err != nil {
			return account.Invalid("the time is a day and an hour, such as 2026-12-01T10:00")
		}
		i.Date = at.UnixMilli()
	}
	_, err := p.desk.Schedule(f.account, f.opportunity, i)
	return err
}

// eventRow is an event on the webhooks page.
type eventRow struct {
	Event    string
	On       bool
	Webhooks []desk.Webhook
}

// webhookPage is what the webhooks page shows.
type webhookPage struct {
	Events  []eventRow
	History []hook.Attempt
}

// historyShown is how many attempts the page lists.
const historyShown = 100

// history is the webhooks by event, and the newest attempts.
func (p *Page) history(home desk.Summary) (webhookPage, error) {
	var data webhookPage
	for _, event := range account.EventNames() {
		row := eventRow{Event: event, On: home.Switches[event]}
		for _, w := range home.Webhooks {
			if w.Event == event {
				row.Webhooks = append(row.Webhooks, w)
			}
		}
		data.Events = append(data.Events, row)
	}
	past, err := p.desk.Deliveries(home.Account)
	slices.Reverse(past)
	data.History = past[:min(len(past), historyShown)]
	return data, err
}

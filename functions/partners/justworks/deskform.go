package justworks

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"fulcrum/shared/api"
	"fulcrum/shared/frame"
)

// hireRow is a hire in the list.
type hireRow struct {
	ID, Name, Title, Start, Missing string
	Status                          Status
}

// list shows the hires that wait for an admin.
func (v *reviewing) list(ctx context.Context) (answer, error) {
	var page struct {
		Items      []PendingHire
		NextCursor string
	}
	query := map[string]string{"status": string(Pending) + "," + string(InReview)}
	if cursor := v.request.QueryStringParameters["cursor"]; cursor != "" {
		query["cursor"] = cursor
	}
	if _, err := v.ask(ctx, "GET /v1/justworks/connections/{c}/pending-hires", query, "", nil, &page); err != nil {
		return answer{}, err
	}
	p := struct {
		frame.Frame
		Hires         []hireRow
		More, Address string
	}{v.frame("Employees"), nil, page.NextCursor, listAddress}
	p.Wide = true
	for _, h := range page.Items {
		p.Hires = append(p.Hires, hireRow{h.ID, h.called(), h.Field(Title).Value, h.Field(StartDate).Value, strings.Join(h.missing(), ", "), h.Status})
	}
	return v.pages.Show(http.StatusOK, "hires", p)
}

// called is how a hire is called on pages.
func (h PendingHire) called() string {
	if n := h.name(); n != "" {
		return n
	}
	return "A candidate"
}

// hirePage is one hire.
type hirePage struct {
	frame.Frame
	Hire     PendingHire
	Version  int64
	Open     bool
	Says     string
	Problems []string
	Fields   []fieldView
	Confirm  []confirmView
	History  []Change
	Address  string
}

type confirmView struct {
	Reason Reason
	Says   string
}

// fieldView is a field as the pages have it.
type fieldView struct {
	Name         Name
	Label, Value string
	// Typed is what stands in the form: the value, or what was refused.
	Typed, Input                  string
	Source, Why, Seen, Suggestion string
	Lever                         string
	Needed, Edited                bool
	Warnings, Suggestions         []string
	Choices                       []choiceView
	Wrong                         string
}

type choiceView struct {
	Value, Label string
	Chosen       bool
}

// read is the hire of the address.
func (v *reviewing) read(ctx context.Context, notes ...string) (hirePage, error) {
	p := hirePage{Address: listAddress + "/" + v.hire}
	var err error
	if p.Version, err = v.ask(ctx, "GET /v1/justworks/connections/{c}/pending-hires/{h}", nil, "", nil, &p.Hire); err != nil {
		return p, err
	}
	h := p.Hire
	p.Frame, p.Open, p.History = v.frame(h.called(), notes...), h.Status.Open(), h.History
	p.Says = standing(h)
	for _, r := range h.Notes {
		p.Problems = append(p.Problems, says(r)+".")
	}
	if h.Member != nil {
		p.Problems = append(p.Problems, says(h.Member.Reason)+".")
	}
	if p.Open && len(h.Missing) > 0 {
		p.Problems = append(p.Problems, "Still missing for an invitation: "+strings.Join(h.missing(), ", ")+".")
	}
	for _, r := range h.Confirm {
		p.Confirm = append(p.Confirm, confirmView{r, says(r)})
	}
	if h.Status != Erased {
		p.Fields = fieldsOf(h)
	}
	return p, nil
}

// standing says how a hire is, to who is here already.
func standing(h PendingHire) string {
	if h.Status == Erased {
		return "The candidate was deleted or anonymized in Lever, and everything that came from there is gone."
	}
	if h.Status.Open() {
		return "Hired in Lever, and not invited to Justworks yet."
	}
	return strings.TrimSuffix(h.sentence(), " Log in to Justworks to see what is different.")
}

func fieldsOf(h PendingHire) []fieldView {
	var all []fieldView
	for _, n := range append(synced(), WorkEmail) {
		f := h.Field(n)
		view := fieldView{
			Name: n, Label: label(n), Value: f.Value, Typed: f.Value, Input: "text", Source: origin(f.Source), Seen: f.Seen,
			Suggestion: f.Suggestion, Edited: f.Edit != nil && f.Lever != nil && n != WorkEmail, Needed: slices.Contains(h.needed(), n),
		}
		if f.Value == "" {
			view.Why = says(f.Reason)
		}
		if f.Lever != nil && f.Lever.Value != f.Value && f.Lever.Value != "" {
			view.Lever = f.Lever.Value
		}
		for _, w := range f.Warnings {
			view.Warnings = append(view.Warnings, says(w)+".")
		}
		all = append(all, view)
	}
	return all
}

func (v *reviewing) show(ctx context.Context) (answer, error) {
	p, err := v.read(ctx)
	if err != nil {
		return answer{}, err
	}
	return v.pages.Show(http.StatusOK, "hire", p)
}

// fill shows the form as it is at first.
func (v *reviewing) fill(ctx context.Context) (answer, error) { return v.edit(ctx, http.StatusOK, nil) }

// edit shows the form. wrong is why what was typed was not taken, by field, nil
// before anything was.
func (v *reviewing) edit(ctx context.Context, status int, wrong map[string]string, notes ...string) (answer, error) {
	p, err := v.read(ctx, notes...)
	if err != nil {
		return answer{}, err
	}
	if !p.Open {
		return v.pages.Show(status, "hire", p)
	}
	_, r, err := roster(ctx, v.api.work(v.c))
	if err != nil {
		return answer{}, err
	}
	for i := range p.Fields {
		f := &p.Fields[i]
		if v.form != nil && v.form.Has(string(f.Name)) {
			f.Typed = v.form.Get(string(f.Name))
		}
		f.Wrong = wrong["fields."+string(f.Name)]
		f.offer(r)
	}
	return v.pages.Show(status, "edit", p)
}

// offer is what can be chosen for a field, and the form of what is typed.
func (f *fieldView) offer(r Roster) {
	switch f.Name {
	case Office:
		f.choose(namesOf(r.Offices)...)
	case Department:
		f.choose(namesOf(r.Departments)...)
	case Manager:
		f.Suggestions = memberNames(r.active())
	case TypeOfEarnings:
		f.choose(Salary, Wage)
	case ExemptionStatus:
		f.choose(Exempt, NonExempt)
	case StartDate:
		f.Input = "date"
	case HomeEmail, WorkEmail:
		f.Input = "email"
	}
}

// choose offers a list, with the value that is there in it.
func (f *fieldView) choose(from ...string) {
	if len(from) == 0 {
		return
	}
	if f.Typed != "" && !slices.Contains(from, f.Typed) {
		from = append(from, f.Typed)
	}
	for _, value := range from {
		f.Choices = append(f.Choices, choiceView{value, strings.ReplaceAll(value, "_", "-"), value == f.Typed})
	}
}

// typed are the edits that the form asks for: what is not as it was shown. An empty
// field is Lever's own value again.
func (v *reviewing) typed() map[Name]*string {
	all := map[Name]*string{}
	for _, n := range append(synced(), WorkEmail) {
		now, was := strings.TrimSpace(v.form.Get(string(n))), v.form.Get("was."+string(n))
		switch {
		case v.form.Get("lever."+string(n)) != "":
			all[n] = nil
		case now == strings.TrimSpace(was):
		case now == "":
			all[n] = nil
		default:
			all[n] = &now
		}
	}
	return all
}

// save notes what was typed, and invites where the form says so. What Lever changed
// meanwhile refuses it, and is shown.
func (v *reviewing) save(ctx context.Context) (answer, error) {
	const one = "/v1/justworks/connections/{c}/pending-hires/{h}"
	var now PendingHire
	version, err := v.ask(ctx, "PATCH "+one, nil, v.form.Get("version"), edits{By: v.Person, Fields: v.typed()}, &now)
	if err != nil {
		return v.refused(ctx, err)
	}
	if v.form.Get("then") != "invite" {
		return v.pages.Redirect(listAddress + "/" + v.hire), nil
	}
	i := invitation{By: v.Person}
	for _, r := range v.form["confirm"] {
		i.Confirm = append(i.Confirm, Reason(r))
	}
	if _, err := v.ask(ctx, "POST "+one+"/invite", nil, strconv.FormatInt(version, 10), i, nil); err != nil {
		return v.refused(ctx, err)
	}
	return v.pages.Redirect(listAddress + "/" + v.hire), nil
}

// refused is the form again, with what is wrong.
func (v *reviewing) refused(ctx context.Context, err error) (answer, error) {
	var problem *api.Problem
	if !errors.As(err, &problem) || problem.Status == http.StatusNotFound || problem.Status == http.StatusForbidden {
		return answer{}, err
	}
	wrong := map[string]string{}
	for _, w := range problem.Errors {
		wrong[w.Field] = w.Detail
		if problem.Type == "fields_missing" {
			wrong[w.Field] = "is needed for an invitation"
		}
	}
	note := problem.Detail
	switch {
	case problem.Status == http.StatusPreconditionFailed:
		note = "Lever, or another admin, has changed this hire meanwhile. Look at it again; nothing of yours was saved."
		v.form = nil
	case problem.Type == "confirmation_needed":
		note = "Confirm what is marked below, then choose Invite New Member again."
	}
	return v.edit(ctx, problem.Status, wrong, note)
}

// dismiss ends the review without an invitation.
func (v *reviewing) dismiss(ctx context.Context) (answer, error) {
	const route = "POST /v1/justworks/connections/{c}/pending-hires/{h}/dismiss"
	if _, err := v.ask(ctx, route, nil, v.form.Get("version"), dismissal{By: v.Person}, nil); err != nil {
		return v.refused(ctx, err)
	}
	return v.pages.Redirect(listAddress), nil
}

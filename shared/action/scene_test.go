package action_test

import (
	"context"
	"fmt"
	"slices"

	"fulcrum/local/twin/account"
	"fulcrum/shared/action"
	"fulcrum/shared/lever"
)

// scene is an action and what can be seen of it in Lever.
type scene struct {
	plan plan
	// set makes what the partner asks for.
	set func(b *bench) ask
	// seen are the numbers of things that are to be seen in Lever of the action,
	// each of which has to be one.
	seen func(b *bench, a ask) []int
	// stays says that Lever's API cannot remove a double.
	stays bool
}

// write is a plan of one step.
func write(of func(w *action.Work, a ask) action.Write) plan {
	return func(_ context.Context, w *action.Work) ([]action.Step, error) {
		a, err := asked(w)
		return []action.Step{{Name: "only", On: a.Opportunity, As: a.User, Write: of(w, a)}}, err
	}
}

// known is somebody whom Lever has, with something to say about them.
func known(b *bench) ask {
	return ask{Opportunity: b.candidate().OpportunityID, User: b.home.Users[0].ID, Text: "Passed"}
}

func notes(b *bench, a ask) []int {
	all, err := lever.Collect(b.lever.Notes(b.Context(), a.Opportunity))
	b.check(err)
	return []int{len(all)}
}

// noted is somebody who has a note that the partner made before.
func noted(b *bench) ask {
	a := known(b)
	id, err := b.lever.CreateNote(b.Context(), a.User, a.Opportunity, "Not passed")
	b.check(err)
	a.Before = id
	return a
}

// template makes the account's templates of feedback and of profile forms.
func (b *bench) template() (feedback, form []string) {
	b.Helper()
	if b.feedback == nil {
		f, err := b.lever.CreateFeedbackTemplate(b.Context(), lever.NewTemplate{Text: "Decision", Fields: []lever.Field{
			{Type: "score-system", Text: "Rating", Required: true}, {Type: "text", Text: "Reference"},
		}})
		b.check(err)
		p, err := b.lever.CreateFormTemplate(b.Context(), lever.NewTemplate{Text: "Screening", Fields: []lever.Field{
			{Type: "text", Text: "Score"}, {Type: "text", Text: "Reference"},
		}})
		b.check(err)
		b.feedback, b.form = []string{f.ID, f.Fields[0].ID, f.Fields[1].ID}, []string{p.ID, p.Fields[0].ID, p.Fields[1].ID}
	}
	return b.feedback, b.form
}

func feedback(t []string, instead string) action.Feedback {
	return action.Feedback{Reference: t[2], Instead: instead, Form: lever.NewFeedback{
		BaseTemplateID: t[0], FieldValues: []lever.FieldValue{{ID: t[1], Value: "3 - Hire"}},
	}}
}

func feedbacks(b *bench, a ask) []int {
	all, err := lever.Collect(b.lever.Feedbacks(b.Context(), a.Opportunity))
	b.check(err)
	return []int{len(all)}
}

func forms(b *bench, a ask) []int {
	all, err := lever.Collect(b.lever.Forms(b.Context(), a.Opportunity))
	b.check(err)
	return []int{len(all)}
}

// found makes somebody of whom Lever does not know yet.
func found(b *bench) ask {
	b.asked++
	return ask{User: b.home.Users[0].ID, Email: fmt.Sprintf("new.%d@example.com", b.asked), Text: "Passed"}
}

// export is what interviewing.io does: somebody new, with what was found, in the
// requester's name.
func export(ctx context.Context, w *action.Work) ([]action.Step, error) {
	a, err := asked(w)
	if err != nil {
		return nil, err
	}
	user, _, err := w.User(ctx, action.Person{ID: a.User})
	return []action.Step{
		{Name: "opportunity", As: user, Write: action.Opportunity{New: lever.NewOpportunity{
			Name: "Ada Lovelace", Emails: []string{a.Email}, Tags: []string{"passed"}, Stage: "lead-responded",
		}}},
		{Name: "note", Of: "opportunity", As: user, Write: action.Note{Text: a.Text}},
		{Name: "tags", Of: "opportunity", As: user, Write: action.Tags{"later"}},
	}, err
}

// exported counts the opportunities, and the notes and tags of all of them.
func exported(b *bench, a ask) []int {
	all, err := lever.Collect(b.lever.Opportunities(b.Context(), lever.OpportunityFilter{Email: a.Email}))
	b.check(err)
	counts := []int{len(all), 0, 0}
	for _, o := range all {
		a.Opportunity = o.ID
		counts[1] += notes(b, a)[0]
		counts[2] += one(slices.Contains(o.Tags, "later"))[0]
	}
	return counts
}

// view is what Lever's pages show of the opportunity.
func (b *bench) view(id string) account.OpportunityView {
	b.Helper()
	view, err := b.twin.Opportunity(b.home.Account, id)
	b.check(err)
	return view
}

// one is the number of one thing that is there or not.
func one(there bool) []int {
	if there {
		return []int{1}
	}
	return []int{0}
}

// scenes are one for each kind of write, and one of several steps.
func scenes(b *bench) map[string]scene {
	reason := b.home.Reasons[0].ID
	feedbackTemplate, formTemplate := b.template()
	return map[string]scene{
		"a note": {set: known, seen: notes, plan: write(func(_ *action.Work, a ask) action.Write { return action.Note{Text: a.Text} })},
		"a note in the place of another": {set: noted, seen: notes, plan: write(func(_ *action.Work, a ask) action.Write {
			return action.Note{Text: a.Text, Instead: a.Before}
		})},
		"feedback": {set: known, seen: feedbacks, plan: write(func(*action.Work, ask) action.Write { return feedback(feedbackTemplate, "") })},
		"a form": {set: known, seen: forms, stays: true, plan: write(func(*action.Work, ask) action.Write {
			return action.Form{Reference: formTemplate[2], Form: lever.NewForm{
				BaseTemplateID: formTemplate[0], FieldValues: []lever.FieldValue{{ID: formTemplate[1], Value: "87"}, {ID: formTemplate[2], Value: "v2"}},
			}}
		})},
		"an opportunity with a note and tags": {set: found, seen: exported, plan: export, stays: true},
		"a stage": {
			set: known, plan: write(func(*action.Work, ask) action.Write { return action.Stage{To: "offer", From: "lead-new"} }),
			seen: func(b *bench, a ask) []int {
				moves := slices.DeleteFunc(b.view(a.Opportunity).StageChanges, func(c account.StageChange) bool { return c.ToStageID != "offer" })
				return []int{len(moves)}
			},
		},
		"an archive": {
			set: known, plan: write(func(*action.Work, ask) action.Write { return action.Archive{Reason: reason, From: "lead-new"} }),
			seen: func(b *bench, a ask) []int {
				archived := b.view(a.Opportunity).Archived
				return one(archived != nil && archived.Reason == reason)
			},
		},
		"tags": {
			set: known, plan: write(func(*action.Work, ask) action.Write { return action.Tags{"a", "b"} }),
			seen: func(b *bench, a ask) []int { return one(slices.Equal(b.view(a.Opportunity).Tags, []string{"a", "b"})) },
		},
		"sources": {
			set: known, plan: write(func(*action.Work, ask) action.Write { return action.Sources{"interviewing.io"} }),
			seen: func(b *bench, a ask) []int {
				return one(slices.Equal(b.view(a.Opportunity).Sources, []string{"interviewing.io"}))
			},
		},
		"links": {
			set: known, plan: write(func(*action.Work, ask) action.Write { return action.Links{"https://example.com/ada"} }),
			seen: func(b *bench, a ask) []int {
				return one(slices.Equal(b.view(a.Opportunity).Links, []string{"https://example.com/ada"}))
			},
		},
	}
}

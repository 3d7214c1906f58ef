package action_test

import (
	"context"
	"strings"
	"testing"

	"fulcrum/local/twin/account"
	"fulcrum/local/twin/api"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/action"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

func TestReplacingANoteKeepsWhatPeopleSaid(t *testing.T) {
	in(t, func(b *bench) {
		a := noted(b)
		_, err := b.twin.AddNote(b.home.Account, a.Opportunity, account.NoteFields{Value: "I disagree", Thread: a.Before, By: a.User})
		b.check(err)
		ended := b.finish(plan(note), b.accept(a).ID)
		profile, err := b.twin.Profile(b.home.Account, a.Opportunity)
		b.check(err)
		if len(profile.Notes) != 1 || len(profile.Notes[0].Fields) != 2 || profile.Notes[0].Fields[1].Value != "I disagree" ||
			!strings.HasPrefix(profile.Notes[0].Fields[0].Value, "Passed\n") || ended.Steps[0].LeverID != a.Before {
			b.Errorf("%+v", profile.Notes)
		}
		// A note that a person has removed is made anew.
		b.check(b.lever.DeleteNote(b.Context(), a.Opportunity, a.Before))
		ended = b.finish(plan(note), b.accept(a).ID)
		if n := notes(b, a)[0]; n != 1 || ended.Steps[0].LeverID == a.Before {
			b.Errorf("%d notes after %s", n, states(ended))
		}
	})
}

func TestChangedFeedbackIsTheSameObject(t *testing.T) {
	in(t, func(b *bench) {
		a := known(b)
		ids, _ := b.template()
		give := func(instead string) store.Action {
			return b.finish(write(func(*action.Work, ask) action.Write { return feedback(ids, instead) }), b.accept(a).ID)
		}
		first := give("").Steps[0].LeverID
		if second := give(first).Steps[0].LeverID; second != first || feedbacks(b, a)[0] != 1 {
			b.Errorf("%s became %s, of %d", first, second, feedbacks(b, a)[0])
		}
		b.check(b.lever.DeleteFeedback(b.Context(), a.User, a.Opportunity, first))
		if third := give(first).Steps[0].LeverID; third == first || feedbacks(b, a)[0] != 1 {
			b.Errorf("what a person has deleted is %s", third)
		}
	})
}

// An opportunity on a confidential posting is confidential too, and lists leave it
// out unless they are asked.
func TestAConfidentialOpportunityIsFoundAgain(t *testing.T) {
	in(t, func(b *bench) {
		confidential := "confidential"
		posting, err := b.twin.AddPosting(b.home.Account, desk.Posting{PostingFields: account.PostingFields{Text: &confidential, Confidentiality: &confidential}})
		b.check(err)
		key, err := b.twin.CreateKey(b.home.Account, desk.NewKey{Name: "confidential", Confidential: true})
		b.check(err)
		b.reconnect(key.Secret)
		a := found(b)
		b.inject(api.Fault{Match: "POST *", DropAnswer: true, Times: 1})
		ended := b.finish(plan(func(context.Context, *action.Work) ([]action.Step, error) {
			return []action.Step{{Name: "opportunity", As: a.User, Write: action.Opportunity{New: lever.NewOpportunity{
				Name: "Ada", Emails: []string{a.Email}, Postings: []string{posting.ID},
			}}}}, nil
		}), b.accept(a).ID)
		b.expect(ended, "done, opportunity: done")
		all, err := lever.Collect(b.lever.Opportunities(b.Context(), lever.OpportunityFilter{Email: a.Email, Confidentiality: "all"}))
		b.check(err)
		if len(all) != 1 || all[0].Confidentiality != "confidential" || ended.Steps[0].LeverID != all[0].ID {
			b.Errorf("%d opportunities", len(all))
		}
	})
}

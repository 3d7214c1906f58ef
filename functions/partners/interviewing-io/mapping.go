package interviewingio

import (
	"context"
	"fmt"
	"strings"

	"fulcrum/shared/lever"
)

// source names interviewing.io in Lever.
const source = "interviewing.io"

// The tags of those who come under their pseudonym: the interviewer would not
// advance them, or they do not want to be known.
const (
	notAdvanced = "interviewing.io - not advanced"
	notRevealed = "interviewing.io - not revealed"
)

// newOpportunity is a result as a new opportunity. Of who is not revealed it has
// the pseudonym, and what the customer gives to everybody.
func newOpportunity(r *Result, s Settings) lever.NewOpportunity {
	o := lever.NewOpportunity{
		Name: r.Pseudonym, Stage: s.DefaultStage, Sources: []string{source}, Origin: "sourced", Tags: append([]string{}, s.Tags...),
	}
	if posting := r.PostingID; posting != "" {
		o.Postings = []string{posting}
	} else if s.Posting != "" {
		o.Postings = []string{s.Posting}
	}
	switch c := r.Candidate; {
	case !r.revealed() && r.Outcome == yes:
		o.Tags = append(o.Tags, notRevealed)
	case !r.revealed():
		o.Tags = append(o.Tags, notAdvanced)
	default:
		o.Name, o.Emails = c.Name, []string{c.Email}
		if c.Phone != "" {
			o.Phones = []lever.Phone{{Type: "other", Value: c.Phone}}
		}
		if c.LinkedIn != "" {
			o.Links = []string{c.LinkedIn}
		}
	}
	return o
}

// noteText is a result's feedback as the text of a note. own says that the note is
// in the name of who asked for it.
func noteText(r *Result, own bool) string {
	lines := []string{heading(r), verdict(r)}
	for _, score := range r.Feedback.scores() {
		lines = append(lines, fmt.Sprintf("%s: %d of %d", score.title, score.value, best))
	}
	if text := strings.TrimSpace(r.Feedback.Text); text != "" {
		lines = append(lines, "", text)
	}
	if r.RecordingURL != "" {
		lines = append(lines, "", "Recording: "+r.RecordingURL)
	}
	if !own {
		lines = append(lines, "", "Written in the name of the default user: who asked for it is no active user in Lever.")
	}
	return strings.Join(lines, "\n")
}

func heading(r *Result) string {
	text := source + ": interviewed"
	if day, _, dated := strings.Cut(r.InterviewedAt, "T"); dated {
		text += " on " + day
	}
	if r.Interviewer.Name != "" {
		text += " by " + r.Interviewer.Name
	}
	return text + "."
}

func verdict(r *Result) string {
	switch {
	case r.Outcome == no:
		return "The interviewer would not advance the candidate."
	case !r.Consents:
		return "The interviewer would advance the candidate, who does not want to go on."
	}
	return "The interviewer would advance the candidate, who wants to go on."
}

// progress is how far the candidate of an opportunity has come.
func progress(o *lever.Opportunity, hired bool) Progress {
	p := Progress{Stage: Stage{ID: o.Stage.ID}}
	if o.Stage.Object != nil {
		p.Stage.Text = o.Stage.Object.Text
	}
	if n := len(o.StageChanges); n > 0 {
		p.ChangedAt = o.StageChanges[n-1].UpdatedAt
	}
	if o.Archived != nil {
		p.Outcome, p.ChangedAt = outcomeArchived, max(p.ChangedAt, o.Archived.ArchivedAt)
	}
	if hired {
		p.Outcome = outcomeHired
	}
	if p.ChangedAt == 0 {
		p.ChangedAt = o.CreatedAt
	}
	return p
}

// isHired reports whether an opportunity is archived with a reason that means a
// hire. The reason's type tells, not its text: customers rename it.
func isHired(ctx context.Context, client *lever.Client, o *lever.Opportunity) (bool, error) {
	if o.Archived == nil || o.Archived.Reason == "" {
		return false, nil
	}
	reason, err := client.ArchiveReason(ctx, o.Archived.Reason)
	switch {
	case lever.NotFound(err):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("read archive reason: %w", err)
	}
	return reason.Type == lever.Hired, nil
}

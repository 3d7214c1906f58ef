package evidenced

import (
	"context"
	"slices"

	"fulcrum/functions/partners"
	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
)

// Settings are what a customer of Evidenced's can choose; partner.json says what
// each is for.
type Settings struct {
	// WriteMode says what a decision becomes in Lever.
	WriteMode WriteMode `json:"writeMode"`
	// PerformAs is the e-mail of the user in whose name is written what the
	// interviewer cannot write; empty for nobody.
	PerformAs string `json:"performAs"`
	// Postings says which postings sync: all, or tagged with one of PostingTags.
	Postings    string   `json:"postings"`
	PostingTags []string `json:"postingTags"`
	// ImportUsers says whether users sync.
	ImportUsers bool `json:"importUsers"`
	// HistoryDays is how many days back interviews sync that were before the
	// connection.
	HistoryDays         int  `json:"historyDays"`
	IncludeConfidential bool `json:"includeConfidential"`
	// Contacts are told of what a person has to mend; see package connect.
	Contacts []string `json:"contacts"`
}

// WriteMode says what a decision becomes in Lever.
type WriteMode string

// A decision becomes feedback on its interview, or a note on the opportunity.
const (
	WriteFeedback WriteMode = "feedback"
	WriteNote     WriteMode = "note"
)

// tagged is the choice of postings by their tags.
const tagged = "tagged"

// settings are the customer's choices, or the defaults where nobody has chosen.
func settings(ctx context.Context, w *partner.Work) (Settings, error) {
	var s Settings
	if err := partners.Defaults(name, &s); err != nil {
		return s, err
	}
	_, err := w.Settings(ctx, &s)
	return s, err
}

// takes reports whether a posting syncs, and why not.
func (s Settings) takes(p *lever.Posting) (because string, ok bool) {
	switch {
	case p.Confidentiality == lever.Confidential && !s.IncludeConfidential:
		return confidential, false
	case s.Postings == tagged && !slices.ContainsFunc(p.Tags, func(t string) bool { return slices.Contains(s.PostingTags, t) }):
		return notSynced, false
	}
	return "", true
}

// confidentiality is which objects Lever is to list.
func (s Settings) confidentiality() string {
	if s.IncludeConfidential {
		return "all"
	}
	return ""
}

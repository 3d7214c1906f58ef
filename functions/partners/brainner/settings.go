package brainner

import (
	"context"
	"slices"

	"fulcrum/functions/partners"
	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
)

// Settings are what a customer of Brainner's can choose; partner.json says what
// each is for.
type Settings struct {
	AutoGenerateJobs     bool `json:"autoGenerateJobs"`
	AutoImportCandidates bool `json:"autoImportCandidates"`
	// PostResults says what a result becomes in Lever.
	PostResults PostMode `json:"postResults"`
	// PerformAs is the e-mail of the user in whose name is written where nobody else
	// can be; empty for nobody.
	PerformAs string `json:"performAs"`
	// Locations, Departments and Tags narrow the jobs, each unless it is empty.
	Locations   []string `json:"locations"`
	Departments []string `json:"departments"`
	Tags        []string `json:"tags"`
	// RetentionDays is how long after the application a résumé is given.
	RetentionDays       int  `json:"retentionDays"`
	IncludeConfidential bool `json:"includeConfidential"`
	// Contacts are told of what a person has to mend; see package connect.
	Contacts []string `json:"contacts"`

	// Applied says that somebody has applied settings. Until then nothing is done
	// by itself.
	Applied bool `json:"-"`
}

// PostMode says what a result becomes in Lever.
type PostMode string

// A result becomes a form of the candidate's profile, a note, or nothing.
const (
	PostForm PostMode = "form"
	PostNote PostMode = "note"
	PostOff  PostMode = "off"
)

// settings are the customer's choices, or the defaults where nobody has chosen.
func settings(ctx context.Context, w *partner.Work) (Settings, error) {
	var s Settings
	if err := partners.Defaults(name, &s); err != nil {
		return s, err
	}
	applied, err := w.Settings(ctx, &s)
	s.Applied = applied
	return s, err
}

// receives reports whether anything comes by itself.
func (s Settings) receives() bool {
	return s.Applied && (s.AutoGenerateJobs || s.AutoImportCandidates)
}

// takes reports whether a posting may be a job, and why not.
func (s Settings) takes(p *lever.Posting) (because string, ok bool) {
	switch {
	case s.ends(p) != "":
		return s.ends(p), false
	case !open(p):
		return closed, false
	case !chosen(s.Locations, append(full(p.Categories.AllLocations), p.Categories.Location)...),
		!chosen(s.Departments, p.Categories.Department), !chosen(s.Tags, p.Tags...):
		return notChosen, false
	}
	return "", true
}

// ends is why a posting cannot be a job any more, empty where it can.
func (s Settings) ends(p *lever.Posting) (because string) {
	if p.Confidentiality == lever.Confidential && !s.IncludeConfidential {
		return confidential
	}
	return ""
}

// chosen reports whether one of the values is among those that the customer wants;
// who names none wants all.
func chosen(wanted []string, values ...string) bool {
	return len(wanted) == 0 || slices.ContainsFunc(values, func(v string) bool { return slices.Contains(wanted, v) })
}

// confidentiality is which objects Lever is to list.
func (s Settings) confidentiality() string {
	if s.IncludeConfidential {
		return "all"
	}
	return ""
}

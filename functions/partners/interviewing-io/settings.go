package interviewingio

import (
	"context"

	"fulcrum/functions/partners"
	"fulcrum/shared/partner"
)

// Settings are what a customer of interviewing.io's can choose; partner.json says
// what each is for.
type Settings struct {
	// Enabled says whether anything is exported and told at all.
	Enabled bool `json:"enabled"`
	// PerformAs is the e-mail of the user in whose name is written what the
	// requester cannot write.
	PerformAs string `json:"performAs"`
	// DefaultStage is Lever's id of the stage that new candidates get.
	DefaultStage string `json:"defaultStage"`
	// ExportUnsuccessful has those who are not revealed exported under their
	// pseudonym.
	ExportUnsuccessful bool `json:"exportUnsuccessful"`
	// UnsuccessfulReason is the archive reason that unsuccessful ones get, empty for
	// none: then they stay in the default stage.
	UnsuccessfulReason string `json:"unsuccessfulReason"`
	// Posting is where candidates go for whom none is named, empty for none.
	Posting string   `json:"posting"`
	Tags    []string `json:"tags"`
	// Contacts are told of what a person has to mend; see package connect.
	Contacts []string `json:"contacts"`
}

// settings are the customer's choices, or the defaults where nobody has chosen.
func settings(ctx context.Context, w *partner.Work) (Settings, error) {
	var s Settings
	if err := partners.Defaults(name, &s); err != nil {
		return s, err
	}
	_, err := w.Settings(ctx, &s)
	return s, err
}

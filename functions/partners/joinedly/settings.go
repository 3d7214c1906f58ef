package joinedly

import (
	"context"

	"fulcrum/functions/partners"
	"fulcrum/shared/partner"
)

// Settings are what a customer of Joinedly's can choose; partner.json says what
// each is for.
type Settings struct {
	// OnMismatch says what becomes of a hire whose office or team has no match.
	OnMismatch OnMismatch `json:"onMismatch"`
	// OfficeAliases and TeamAliases are names in Lever whose name in Joinedly is
	// another: {"NYC": "New York"}.
	OfficeAliases       map[string]string `json:"officeAliases"`
	TeamAliases         map[string]string `json:"teamAliases"`
	IncludeConfidential bool              `json:"includeConfidential"`
	// Contacts are told of what a person has to mend; see package connect.
	Contacts []string `json:"contacts"`
}

// OnMismatch says what becomes of a hire whose office or team has no match.
type OnMismatch string

// A joiner is made without office or team and flagged, or held until the names
// match.
const (
	Create OnMismatch = "create"
	Hold   OnMismatch = "hold"
)

// settings are the customer's choices, or the defaults where nobody has chosen.
func settings(ctx context.Context, w *partner.Work) (Settings, error) {
	var s Settings
	if err := partners.Defaults(name, &s); err != nil {
		return s, err
	}
	_, err := w.Settings(ctx, &s)
	return s, err
}

package justworks

import (
	"context"

	"fulcrum/functions/partners"
	"fulcrum/shared/partner"
)

// Settings are what a customer of Justworks' can choose; partner.json says what
// each is for. The audience of the mails is no choice: it is every admin with
// Manage employees.
type Settings struct {
	// ExemptionField and MemberTypeField are labels of fields in the customer's offer
	// form; Lever has none of its own.
	ExemptionField  string `json:"exemptionField"`
	MemberTypeField string `json:"memberTypeField"`
	// MemberTypes are Lever's words and what they mean: {"Intern": "Employee - Paid
	// Intern"}. Justworks publishes no list of member types.
	MemberTypes map[string]string `json:"memberTypes"`
	// ReminderDays are days after the hire, ReminderDaysBeforeStart working days
	// before the start date, zero for no reminder.
	ReminderDays            []int    `json:"reminderDays"`
	ReminderDaysBeforeStart int      `json:"reminderDaysBeforeStart"`
	IncludeConfidential     bool     `json:"includeConfidential"`
	Contacts                []string `json:"contacts"`
}

// settings are the customer's choices, or the defaults where nobody has chosen.
// What was applied is complete and not laid over the defaults, where a member type
// that the customer has taken out would be there again.
func settings(ctx context.Context, w *partner.Work) (Settings, error) {
	var s Settings
	applied, err := w.Settings(ctx, &s)
	if err != nil || applied {
		return s, err
	}
	return s, partners.Defaults(name, &s)
}

package justworks

import (
	"strings"

	"fulcrum/shared/lever"
)

// The two types of earnings that Justworks takes.
const (
	Salary = "salary"
	Wage   = "wage"
)

// The values of exemption status.
const (
	Exempt    = "exempt"
	NonExempt = "non_exempt"
)

// acceptedEarnings are the types of earnings that Justworks takes, in the words of
// Lever's offer form.
func acceptedEarnings() []string { return []string{"hour (wage)", "year (salary)"} }

// earnings is the type of earnings that Lever's word means, empty for one that
// Justworks does not take: per month is not a twelfth of per year. The API has the
// first of each two words, people see the second.
func earnings(word string) string {
	switch strings.ToLower(word) {
	case "per-year-salary", "year (salary)":
		return Salary
	case "per-hour-wage", "hour (wage)":
		return Wage
	}
	return ""
}

// pay is the amount with its type, of which one is nothing without the other.
func (s source) pay() (amount, kind Reading) {
	if s.Offer == nil {
		none := Reading{Reason: OfferNotCompleted}
		return none, none
	}
	said := s.Offer.String("salary_interval")
	if earnings(said) == "" {
		kind = Reading{Reason: UnsupportedEarnings, Seen: said, Accepted: acceptedEarnings()}
		amount = kind
		amount.Seen = strings.TrimSpace(s.Offer.String("salary_amount") + " " + said)
		return amount, kind
	}
	return readAmount(s.Offer), Reading{Value: earnings(said), Source: "offer.salary_interval"}.from(said)
}

func readAmount(o *lever.Offer) Reading {
	const identifier = "salary_amount"
	said := o.String(identifier)
	if said == "" {
		return Reading{Reason: NotInLever}
	}
	amount, why := decimal(said)
	if why != "" {
		return Reading{Reason: why, Seen: said}
	}
	r := Reading{Value: amount, Source: "offer." + identifier}.from(said)
	if currency := o.String("compensation_currency"); currency != "" && !strings.EqualFold(currency, "USD") {
		r.Seen, r.Warnings = said+" "+currency, []Reason{NotUSD}
	}
	return r
}

// maxWhole is how many digits an amount has before the point.
const maxWhole = 12

// decimal writes an amount of dollars to the cent: 42.5 is 42.50. It works on the
// digits as they are printed, so that none is lost, and rounds nothing.
func decimal(text string) (string, Reason) {
	whole, cents, point := strings.Cut(text, ".")
	if !digits(whole) || len(whole) > maxWhole || point && !digits(cents) {
		return "", UnreadableAmount
	}
	cents = strings.TrimRight(cents, "0")
	if len(cents) > 2 {
		return "", FinerThanCents
	}
	whole = strings.TrimLeft(whole, "0")
	if whole == "" && cents == "" {
		return "", ZeroAmount
	}
	if whole == "" {
		whole = "0"
	}
	return whole + "." + (cents + "00")[:2], ""
}

func digits(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

// exemptionStatus is what the customer's own offer field says; Lever has none.
func (s source) exemptionStatus() Reading {
	if s.Offer == nil {
		return Reading{Reason: OfferNotCompleted}
	}
	said, from := s.custom(s.settings.ExemptionField)
	switch spelled(said) {
	case "":
		return Reading{Reason: NotInLever}
	case "exempt":
		return Reading{Value: Exempt, Source: from}.from(said)
	case "nonexempt":
		return Reading{Value: NonExempt, Source: from}.from(said)
	}
	return Reading{Reason: UnknownExemption, Seen: said, Accepted: []string{"Exempt", "Non-exempt"}}
}

// spelled are a word's letters in lower case: Non-Exempt and non exempt are one.
func spelled(word string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, strings.ToLower(word))
}

// exemptionWarnings say where a status and what goes with it do not go together:
// who is paid by the hour, or a paid intern, is not exempt.
func exemptionWarnings(status, kind, memberType string) []Reason {
	if status != Exempt {
		return nil
	}
	var all []Reason
	if kind == Wage {
		all = append(all, HourlyAndExempt)
	}
	if strings.Contains(strings.ToLower(memberType), "intern") {
		all = append(all, InternAndExempt)
	}
	return all
}

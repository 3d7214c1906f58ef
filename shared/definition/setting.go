package definition

import (
	"encoding/json"
	"fmt"
	"net/mail"
	"slices"
	"strings"
)

// Setting is something that a customer can choose.
type Setting struct {
	// Name is the member of the settings document.
	Name string `json:"name"`
	// Label is what people read, in the words of the partner's own pages.
	Label string `json:"label"`
	// Help is a sentence below the label, and may be empty.
	Help string `json:"help,omitempty"`
	Kind Kind   `json:"kind"`
	// Default is the value before anybody has chosen one. It is always there; null
	// says that nothing is chosen.
	Default json.RawMessage `json:"default"`
	// Choices are the values of a choice that are the same for everyone.
	Choices []Choice `json:"choices,omitempty"`
	// From is where the values of a choice, or the people of an e-mail, come from
	// in the customer's Lever account, at the moment of choosing.
	From Source `json:"from,omitempty"`
	// Min and Max bound an integer, or each of a list of integers.
	Min int `json:"min,omitempty"`
	Max int `json:"max,omitempty"`
	// RequiredWhen says when a value has to be chosen; without it none has to.
	RequiredWhen *Condition `json:"requiredWhen,omitempty"`
	// Scope is what the consent must include, beyond Connect.Scopes, before a
	// boolean can be true.
	Scope string `json:"scope,omitempty"`
	// Match says which names a setting of the kind names is about, so that they can
	// be shown side by side. Nil leaves them to be typed.
	Match *Match `json:"match,omitempty"`
}

// Match are two lists of names.
type Match struct {
	// From is the list in Lever: locations or teams.
	From Source `json:"from"`
	// With is the list that the partner has given; see match.DirectoryKind.
	With string `json:"with"`
}

// Kind is the form of a setting's value.
type Kind string

// The kinds, and their values as JSON.
const (
	Boolean  Kind = "boolean"  // true or false
	Integer  Kind = "integer"  // a whole number from Min to Max
	Text     Kind = "text"     // a string
	Email    Kind = "email"    // an e-mail address
	Choose   Kind = "choice"   // one of Choices, or an id of From
	Emails   Kind = "emails"   // a list of e-mail addresses
	Texts    Kind = "texts"    // a list of strings
	Integers Kind = "integers" // a list of whole numbers from Min to Max
	Names    Kind = "names"    // an object of strings: {"name in Lever": "name at the partner"}
)

// Choice is a value that can be chosen.
type Choice struct {
	Value string `json:"value"`
	Label string `json:"label"`
}

// Source is a list in the customer's Lever account.
type Source string

// The lists, of which only those that may be used are offered: stages, active
// archive reasons that are no hires, active users, and postings that take
// candidates.
const (
	Stages         Source = "stages"
	ArchiveReasons Source = "archiveReasons"
	Users          Source = "users"
	Postings       Source = "postings"
)

// The lists of names that postings have.
const (
	Locations Source = "locations"
	Teams     Source = "teams"
)

// Condition holds where the setting of that name has that value.
type Condition struct {
	Setting string `json:"setting"`
	Is      any    `json:"is"`
}

// Values are a settings document by the settings' names.
type Values map[string]json.RawMessage

// Defaults are the settings before anybody has applied any.
func (d Definition) Defaults() Values {
	all := Values{}
	for _, s := range d.Settings {
		all[s.Name] = s.Default
	}
	return all
}

// Problem is a value that cannot be applied. Detail follows the label: "has to be
// true or false".
type Problem struct{ Setting, Detail string }

// Complete is a document with the defaults for what it does not have, and what is
// wrong with it: names that are no settings, values that are not of the setting's
// kind, and missing ones that are required. It does not ask Lever.
func (d Definition) Complete(given Values) (Values, []Problem) {
	var wrong []Problem
	full := d.Defaults()
	for name, value := range given {
		s, ok := d.Setting(name)
		if !ok {
			wrong = append(wrong, Problem{name, "is no setting of " + d.Title})
			continue
		}
		full[name] = value
		if detail := s.Check(value); detail != "" {
			wrong = append(wrong, Problem{name, detail})
		}
	}
	for _, s := range d.Settings {
		if s.Required(full) && empty(full[s.Name]) {
			wrong = append(wrong, Problem{s.Name, "has to be chosen first"})
		}
	}
	slices.SortFunc(wrong, func(a, b Problem) int { return strings.Compare(a.Setting, b.Setting) })
	return full, wrong
}

// Required reports whether a document with these values has to have one of the
// setting.
func (s Setting) Required(all Values) bool {
	if s.RequiredWhen == nil {
		return false
	}
	want, err := json.Marshal(s.RequiredWhen.Is)
	return err == nil && string(want) == string(all[s.RequiredWhen.Setting])
}

// empty reports whether nothing is chosen.
func empty(v json.RawMessage) bool {
	return slices.Contains([]string{"", "null", `""`, "[]", "{}"}, string(v))
}

// Check says what is wrong with a value, empty for nothing. Null is right for
// whatever need not be chosen.
func (s Setting) Check(v json.RawMessage) string {
	if string(v) == "null" && s.Kind != Boolean {
		return ""
	}
	switch s.Kind {
	case Boolean:
		return as[bool](v, "has to be true or false", nil)
	case Integer:
		return as(v, s.bounds("has to be a whole number"), s.within)
	case Integers:
		return as(v, s.bounds("has to be a list of whole numbers"), each(s.within))
	case Text:
		return as[string](v, "has to be a text", nil)
	case Texts:
		return as[[]string](v, "has to be a list of texts", nil)
	case Email:
		return as(v, "has to be an e-mail address", orEmpty(isAddress))
	case Emails:
		return as(v, "has to be a list of e-mail addresses", each(isAddress))
	case Names:
		return as[map[string]string](v, "has to be an object of texts", nil)
	case Choose:
		return as(v, s.oneOf(), orEmpty(s.isChoice))
	}
	return "has a kind that is not known"
}

// as is empty where v is a T for which ok holds, and the detail where it is not.
func as[T any](v json.RawMessage, detail string, ok func(T) bool) string {
	var value *T
	if json.Unmarshal(v, &value) != nil || value == nil || ok != nil && !ok(*value) {
		return detail
	}
	return ""
}

func each[T any](ok func(T) bool) func([]T) bool {
	return func(all []T) bool { return !slices.ContainsFunc(all, func(v T) bool { return !ok(v) }) }
}

func orEmpty(ok func(string) bool) func(string) bool {
	return func(v string) bool { return v == "" || ok(v) }
}

func isAddress(v string) bool {
	a, err := mail.ParseAddress(v)
	return err == nil && a.Address == v
}

func (s Setting) within(n int) bool { return n >= s.Min && n <= s.Max }

func (s Setting) bounds(kind string) string {
	return fmt.Sprintf("%s from %d to %d", kind, s.Min, s.Max)
}

// isChoice reports whether a value is a choice. What comes from Lever is compared
// with Lever's own list, elsewhere.
func (s Setting) isChoice(v string) bool {
	return s.From != "" || slices.ContainsFunc(s.Choices, func(c Choice) bool { return c.Value == v })
}

func (s Setting) oneOf() string {
	if s.From != "" {
		return "has to be the id of one of Lever's"
	}
	var values []string
	for _, c := range s.Choices {
		values = append(values, c.Value)
	}
	return "has to be one of " + strings.Join(values, ", ")
}

package definition

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"fulcrum/shared/lever"
)

// check says what is wrong with a definition, all at once.
func (d Definition) check() error {
	errs := []error{
		need("title", d.Title), need("support", d.Support), need("apply", d.Apply),
		d.Connect.check(), d.Webhooks.check(),
	}
	for i, s := range d.Settings {
		errs = append(errs, need("settings.name", s.Name), need("settings.label", s.Label), s.check(d))
		if slices.ContainsFunc(d.Settings[:i], func(other Setting) bool { return other.Name == s.Name }) {
			errs = append(errs, fmt.Errorf("setting %s is there twice", s.Name))
		}
	}
	return errors.Join(errs...)
}

func need(member, value string) error {
	if strings.TrimSpace(value) == "" {
		return fmt.Errorf("%s is missing", member)
	}
	return nil
}

func (c Connect) check() error {
	errs := []error{need("connect.button", c.Button)}
	if len(c.Does) == 0 {
		errs = append(errs, errors.New("connect.does is missing"))
	}
	switch {
	case c.By == OAuth && (len(c.Scopes) == 0 || len(c.Permissions) > 0):
		errs = append(errs, errors.New("connect by oauth needs scopes and no permissions"))
	case c.By == APIKey && (len(c.Permissions) == 0 || len(c.Scopes) > 0):
		errs = append(errs, errors.New("connect by apiKey needs permissions and no scopes"))
	case c.By != OAuth && c.By != APIKey:
		errs = append(errs, fmt.Errorf("connect.by cannot be %q", c.By))
	}
	for _, p := range c.Permissions {
		if !slices.Contains(permissions(), p) {
			errs = append(errs, fmt.Errorf("there is no permission %q", p))
		}
	}
	return errors.Join(errs...)
}

func permissions() []Permission {
	return []Permission{
		ReadOpportunities, CreateOpportunities, UpdateTags, UpdateLinks, CreateNotes, DeleteNotes,
		ReadStages, ReadUsers, ReadPostings, ReadContacts, ReadArchiveReasons,
	}
}

func (w Webhooks) check() error {
	var errs []error
	if w.MadeBy != Integration && w.MadeBy != Customer {
		errs = append(errs, fmt.Errorf("webhooks.madeBy cannot be %q", w.MadeBy))
	}
	if w.MadeBy == Customer && !w.TypedTokens {
		errs = append(errs, errors.New("the tokens of webhooks that the customer makes have to be typed in"))
	}
	if len(w.Required()) == 0 {
		errs = append(errs, errors.New("no event is required"))
	}
	for _, e := range w.Events {
		errs = append(errs, need("webhooks.events.title", e.Title))
		if !slices.Contains(events(), e.Event) {
			errs = append(errs, fmt.Errorf("the bundle has no function for the event %q", e.Event))
		}
	}
	return errors.Join(errs...)
}

// events are those that the bundle has a function for.
func events() []lever.Event {
	return []lever.Event{
		lever.ApplicationCreated, lever.CandidateStageChange, lever.CandidateArchiveChange, lever.CandidateHired,
		lever.CandidateDeleted, lever.InterviewCreated, lever.InterviewUpdated, lever.InterviewDeleted,
	}
}

func (s Setting) check(d Definition) error {
	errs := []error{s.checkForm()}
	if s.Default == nil {
		errs = append(errs, errors.New("has no default"))
	}
	if detail := s.Check(s.Default); detail != "" {
		errs = append(errs, fmt.Errorf("its default %s", detail))
	}
	if c := s.RequiredWhen; c != nil {
		if _, ok := d.Setting(c.Setting); !ok {
			errs = append(errs, fmt.Errorf("depends on a setting %q that is not there", c.Setting))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("setting %s: %w", s.Name, err)
	}
	return nil
}

// checkForm says what of a setting does not go together.
func (s Setting) checkForm() error {
	var errs []error
	if (s.Kind == Integer || s.Kind == Integers) && s.Max <= s.Min {
		errs = append(errs, errors.New("has no bounds"))
	}
	if s.Kind == Choose && (len(s.Choices) > 0) == (s.From != "") {
		errs = append(errs, errors.New("needs either choices or where they come from"))
	}
	if s.From != "" && !slices.Contains([]Source{Stages, ArchiveReasons, Users, Postings}, s.From) {
		errs = append(errs, fmt.Errorf("there is no list %q in Lever", s.From))
	}
	if m := s.Match; m != nil && (s.Kind != Names || m.With == "" || m.From != Locations && m.From != Teams) {
		errs = append(errs, errors.New("cannot be matched"))
	}
	if s.Scope != "" && s.Kind != Boolean {
		errs = append(errs, errors.New("has a scope and is not true or false"))
	}
	return errors.Join(errs...)
}

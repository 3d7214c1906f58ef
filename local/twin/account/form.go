package account

import (
	"slices"
	"strings"
)

// Field is a question of a template.
type Field struct {
	Description string   `json:"description"`
	Required    bool     `json:"required"`
	Text        string   `json:"text"`
	Type        string   `json:"type"`
	ID          string   `json:"id"`
	Prompt      string   `json:"prompt,omitempty"`
	Options     []Option `json:"options,omitempty"`
}

// Option is an answer that can be chosen.
type Option struct {
	Text string `json:"text"`
}

// Answer is a question with its answer; null is not answered.
type Answer struct {
	Field
	Value any `json:"value"`
}

// Given is an answer as it is sent: by the question's id.
type Given struct {
	ID    string `json:"id"`
	Value any    `json:"value"`
}

// scoreSystem is the type of the field that every feedback template has once.
const scoreSystem = "score-system"

func scores() []Option {
	return []Option{{"4 - Strong Hire"}, {"3 - Hire"}, {"2 - No Hire"}, {"1 - Strong No Hire"}}
}

func fieldTypes() []string {
	return []string{
		"code", "date", "currency", "dropdown", "multiple-choice", "multiple-select", scoreSystem, "score", "scorecard",
		"text", "textarea", "yes-no", "file-upload", "university", "note",
	}
}

// completeFields checks the questions of a template and gives them ids.
func (a *Account) completeFields(fields []Field) ([]Field, error) {
	done := slices.Clone(fields)
	for i := range done {
		f := &done[i]
		if f.Text == "" || !slices.Contains(fieldTypes(), f.Type) {
			return nil, Invalid("fields[%d] needs a text, and a type out of %v", i, fieldTypes())
		}
		if f.ID == "" || !a.Knows(f.ID) {
			f.ID = a.newID()
		}
		if f.Type == scoreSystem {
			f.Prompt, f.Options = "Select one", scores()
		}
	}
	return done, nil
}

// fill answers the questions. Answers to questions that are not there, and
// choices that are not offered, are refused.
func fill(fields []Field, given []Given) ([]Answer, error) {
	answers := make([]Answer, len(fields))
	for i, f := range fields {
		answers[i].Field = f
	}
	for _, g := range given {
		at := slices.IndexFunc(fields, func(f Field) bool { return f.ID == g.ID })
		if at < 0 {
			return nil, Invalid("fieldValues: %s is not a field of the template", g.ID)
		}
		if !fields[at].takes(g.Value) {
			return nil, Invalid("fieldValues: the value of %s is not one that the field offers", g.ID)
		}
		answers[at].Value = g.Value
	}
	return answers, nil
}

// takes reports whether the field offers the value. Fields without choices take
// everything.
func (f Field) takes(value any) bool {
	if value == nil {
		return true
	}
	switch f.Type {
	case scoreSystem, "score", "dropdown", "multiple-choice":
		return f.offers(value)
	case "multiple-select":
		list, ok := value.([]any)
		return ok && !slices.ContainsFunc(list, func(v any) bool { return !f.offers(v) })
	case "yes-no":
		s, ok := value.(string)
		return ok && (strings.EqualFold(s, "yes") || strings.EqualFold(s, "no"))
	}
	return true
}

func (f Field) offers(value any) bool {
	s, ok := value.(string)
	return ok && slices.Contains(f.Options, Option{s})
}

// Form is a filled-in form: a profile form, or an applicant's answers.
type Form struct {
	ID             string   `json:"id"`
	Type           string   `json:"type"`
	Text           string   `json:"text"`
	Instructions   string   `json:"instructions"`
	Fields         []Answer `json:"fields"`
	BaseTemplateID string   `json:"baseTemplateId,omitempty"`
	User           *string  `json:"user"`
	Stage          *string  `json:"stage"`
	Secret         *bool    `json:"secret,omitempty"`
	CreatedAt      int64    `json:"createdAt"`
	CompletedAt    *int64   `json:"completedAt"`
}

func (f *Form) key() string { return f.ID }

// FormTemplate is a template of profile forms.
type FormTemplate struct {
	ID              string  `json:"id"`
	Text            string  `json:"text"`
	Group           *string `json:"group"`
	Instructions    string  `json:"instructions"`
	Fields          []Field `json:"fields"`
	SecretByDefault bool    `json:"secretByDefault"`
	CreatedAt       int64   `json:"createdAt"`
	UpdatedAt       int64   `json:"updatedAt"`
}

func (t *FormTemplate) key() string { return t.ID }

// TemplateFields are what can be set of a template; nil members stay as they are.
type TemplateFields struct {
	Text            *string  `json:"text"`
	Group           *string  `json:"group"`
	Instructions    *string  `json:"instructions"`
	Fields          *[]Field `json:"fields"`
	SecretByDefault *bool    `json:"secretByDefault"`
}

// AddFormTemplate adds a template of profile forms.
func (a *Account) AddFormTemplate(f TemplateFields) (*FormTemplate, error) {
	if f.Text == nil || *f.Text == "" || f.Fields == nil || len(*f.Fields) == 0 {
		return nil, Invalid("a form template needs text and fields")
	}
	t := &FormTemplate{ID: a.newID(), CreatedAt: a.now()}
	if err := a.setFormTemplate(t, f); err != nil {
		return nil, err
	}
	a.forms.Add(t)
	return t, nil
}

// ChangeFormTemplate changes what f names.
func (a *Account) ChangeFormTemplate(id string, f TemplateFields) (*FormTemplate, error) {
	t, err := a.FormTemplate(id)
	if err != nil {
		return nil, err
	}
	return t, a.setFormTemplate(t, f)
}

func (a *Account) setFormTemplate(t *FormTemplate, f TemplateFields) error {
	if f.Fields != nil {
		fields, err := a.completeFields(*f.Fields)
		if err != nil {
			return err
		}
		t.Fields = fields
	}
	set(&t.Text, f.Text)
	set(&t.Instructions, f.Instructions)
	set(&t.SecretByDefault, f.SecretByDefault)
	setOptional(&t.Group, f.Group)
	t.UpdatedAt = a.now()
	return nil
}

// DeleteFormTemplate removes a template; forms made from it stay.
func (a *Account) DeleteFormTemplate(id string) error {
	_, err := a.FormTemplate(id)
	a.forms.Drop(id)
	return err
}

// FormTemplates are the templates of profile forms, oldest first.
func (a *Account) FormTemplates() []*FormTemplate { return slices.Clone(a.forms.All()) }

// FormTemplate is the template with the id.
func (a *Account) FormTemplate(id string) (*FormTemplate, error) {
	return found(a.forms.Take(id), "form_templates", id)
}

// Filling is a form on its way in.
type Filling struct {
	BaseTemplateID string  `json:"baseTemplateId"`
	FieldValues    []Given `json:"fieldValues"`
	Secret         *bool   `json:"secret"`
	CreatedAt      int64   `json:"createdAt"`
	CompletedAt    *int64  `json:"completedAt"`
	// Panel and Interview say what feedback is about: both or none.
	Panel     string `json:"panel"`
	Interview string `json:"interview"`
	// By is the user who fills in; empty is nobody.
	By string `json:"-"`
}

func (a *Account) checkFilling(f Filling) error {
	if f.BaseTemplateID == "" {
		return Invalid("baseTemplateId is required")
	}
	if f.CreatedAt > a.now() || f.CompletedAt != nil && *f.CompletedAt > a.now() {
		return Invalid("createdAt and completedAt may not lie in the future")
	}
	return nil
}

// times are when the form was created and completed, now unless it says.
func (a *Account) times(f Filling) (created, completed int64) {
	created = f.CreatedAt
	if created == 0 {
		created = a.now()
	}
	if f.CompletedAt != nil {
		return created, *f.CompletedAt
	}
	return created, created
}

// AddForm fills in a profile form. All fields of the template have to be sent,
// those without an answer as null.
func (a *Account) AddForm(o *Opportunity, f Filling) (*Form, error) {
	if err := a.checkFilling(f); err != nil {
		return nil, err
	}
	t, err := a.FormTemplate(f.BaseTemplateID)
	if err != nil {
		return nil, err
	}
	if err := complete(t.Fields, f.FieldValues); err != nil {
		return nil, err
	}
	answers, err := fill(t.Fields, f.FieldValues)
	if err != nil {
		return nil, err
	}
	created, completed := a.times(f)
	secret := t.SecretByDefault
	set(&secret, f.Secret)
	form := &Form{
		ID: a.newID(), Type: "form", Text: t.Text, Instructions: t.Instructions, Fields: answers, BaseTemplateID: t.ID,
		User: optional(f.By), Stage: &o.stage.ID, Secret: &secret, CreatedAt: created, CompletedAt: &completed,
	}
	o.forms = append(o.forms, form)
	a.interact(o)
	return form, nil
}

func complete(fields []Field, given []Given) error {
	for _, f := range fields {
		at := slices.IndexFunc(given, func(g Given) bool { return g.ID == f.ID })
		if at < 0 {
			return Invalid("fieldValues: field %s is missing; send null for fields without an answer", f.ID)
		}
		if f.Required && given[at].Value == nil {
			return Invalid("fieldValues: field %s is required", f.ID)
		}
	}
	return nil
}

// Forms are the candidacy's profile forms, oldest first.
func (o *Opportunity) Forms() []*Form { return slices.Clone(o.forms) }

// Form is the candidacy's profile form with the id.
func (o *Opportunity) Form(id string) (*Form, error) { return find(o.forms, "forms", id) }

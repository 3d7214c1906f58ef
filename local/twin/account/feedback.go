package account

import "slices"

// FeedbackTemplate is a template of feedback forms.
type FeedbackTemplate struct {
	ID           string  `json:"id"`
	Text         string  `json:"text"`
	Group        *string `json:"group"`
	Instructions string  `json:"instructions"`
	Fields       []Field `json:"fields"`
	CreatedAt    int64   `json:"createdAt"`
	Stage        *string `json:"stage"`
	UpdatedAt    int64   `json:"updatedAt"`

	api bool
}

func (t *FeedbackTemplate) key() string { return t.ID }

// AddFeedbackTemplate adds a template with exactly one field of type
// score-system. byAPI marks those that the API may delete.
func (a *Account) AddFeedbackTemplate(f TemplateFields, byAPI bool) (*FeedbackTemplate, error) {
	if f.Text == nil || *f.Text == "" || f.Fields == nil {
		return nil, Invalid("a feedback template needs text and fields")
	}
	t := &FeedbackTemplate{ID: a.newID(), CreatedAt: a.now(), api: byAPI}
	if err := a.setTemplate(t, f); err != nil {
		return nil, err
	}
	a.templates.Add(t)
	return t, nil
}

// ChangeFeedbackTemplate changes what f names.
func (a *Account) ChangeFeedbackTemplate(id string, f TemplateFields) (*FeedbackTemplate, error) {
	t, err := a.FeedbackTemplate(id)
	if err != nil {
		return nil, err
	}
	return t, a.setTemplate(t, f)
}

func (a *Account) setTemplate(t *FeedbackTemplate, f TemplateFields) error {
	if f.Fields != nil {
		ratings := 0
		for _, x := range *f.Fields {
			if x.Type == scoreSystem {
				ratings++
			}
		}
		if ratings != 1 {
			return Invalid("a feedback template has exactly one field of type score-system")
		}
		fields, err := a.completeFields(*f.Fields)
		if err != nil {
			return err
		}
		t.Fields = fields
	}
	set(&t.Text, f.Text)
	set(&t.Instructions, f.Instructions)
	setOptional(&t.Group, f.Group)
	t.UpdatedAt = a.now()
	return nil
}

// DeleteFeedbackTemplate removes a template. Only those made by the API can be.
func (a *Account) DeleteFeedbackTemplate(id string) error {
	t, err := a.FeedbackTemplate(id)
	if err != nil {
		return err
	}
	if !t.api {
		return Forbidden("feedback template %s was not made by the API", id)
	}
	a.templates.Drop(id)
	return nil
}

// FeedbackTemplates are all templates, oldest first.
func (a *Account) FeedbackTemplates() []*FeedbackTemplate { return slices.Clone(a.templates.All()) }

// FeedbackTemplate is the template with the id.
func (a *Account) FeedbackTemplate(id string) (*FeedbackTemplate, error) {
	return found(a.templates.Take(id), "feedback_templates", id)
}

// Feedback is a filled-in feedback form.
type Feedback struct {
	ID             string   `json:"id"`
	Type           string   `json:"type"`
	Text           string   `json:"text"`
	Instructions   string   `json:"instructions"`
	Fields         []Answer `json:"fields"`
	BaseTemplateID string   `json:"baseTemplateId"`
	Interview      *string  `json:"interview"`
	Panel          *string  `json:"panel"`
	User           *string  `json:"user"`
	CreatedAt      int64    `json:"createdAt"`
	CompletedAt    *int64   `json:"completedAt"`
	UpdatedAt      *int64   `json:"updatedAt"`
	DeletedAt      *int64   `json:"deletedAt"`
}

func (f *Feedback) key() string { return f.ID }

// FeedbackDocument is what PUT answers: Lever's inner form of feedback, which
// has other members than GET.
type FeedbackDocument struct {
	AccountID      string   `json:"accountId"`
	CreatedAt      int64    `json:"createdAt"`
	UserID         *string  `json:"userId"`
	ProfileID      string   `json:"profileId"`
	BaseTemplateID string   `json:"baseTemplateId"`
	Text           string   `json:"text"`
	Instructions   string   `json:"instructions"`
	Type           string   `json:"type"`
	Fields         []Answer `json:"fields"`
	CompletedAt    *int64   `json:"completedAt"`
	UpdatedAt      *int64   `json:"updatedAt"`
	ID             string   `json:"id"`
}

// AddFeedback fills in a feedback form, about an interview or about none.
func (a *Account) AddFeedback(o *Opportunity, f Filling) (*Feedback, error) {
	if err := a.checkFilling(f); err != nil {
		return nil, err
	}
	interview, err := o.feedbackOn(f)
	if err != nil {
		return nil, err
	}
	t, err := a.FeedbackTemplate(f.BaseTemplateID)
	if err != nil {
		return nil, err
	}
	answers, err := fill(t.Fields, f.FieldValues)
	if err != nil {
		return nil, err
	}
	created, completed := a.times(f)
	fb := &Feedback{
		ID: a.newID(), Type: "interview", Text: t.Text, Instructions: t.Instructions, Fields: answers, BaseTemplateID: t.ID,
		Interview: optional(f.Interview), Panel: optional(f.Panel), User: optional(f.By), CreatedAt: created,
		CompletedAt: &completed,
	}
	o.feedback = append(o.feedback, fb)
	if interview != nil {
		interview.FeedbackForms = append(slices.Clone(interview.FeedbackForms), fb.ID)
	}
	a.interact(o)
	return fb, nil
}

// feedbackOn is the interview that the feedback is about; nil for none.
func (o *Opportunity) feedbackOn(f Filling) (*Interview, error) {
	if (f.Panel == "") != (f.Interview == "") {
		return nil, Invalid("panel and interview are sent together, or not at all")
	}
	if f.Panel == "" {
		return nil, nil
	}
	if _, err := o.Panel(f.Panel); err != nil {
		return nil, err
	}
	i, err := o.Interview(f.Interview)
	if err == nil && i.Panel != f.Panel {
		return nil, Invalid("interview %s is not in panel %s", f.Interview, f.Panel)
	}
	return i, err
}

// ChangeFeedback changes the answers that are given and keeps the others.
func (a *Account) ChangeFeedback(o *Opportunity, id string, given []Given, completedAt *int64) (FeedbackDocument, error) {
	f, err := o.FeedbackForm(id)
	if err != nil {
		return FeedbackDocument{}, err
	}
	if f.DeletedAt != nil {
		return FeedbackDocument{}, NotFound("feedback", id)
	}
	fields := make([]Field, len(f.Fields))
	for i, x := range f.Fields {
		fields[i] = x.Field
	}
	answers, err := fill(fields, given)
	if err != nil {
		return FeedbackDocument{}, err
	}
	for i := range answers {
		if !slices.ContainsFunc(given, func(g Given) bool { return g.ID == answers[i].ID }) {
			answers[i].Value = f.Fields[i].Value
		}
	}
	f.Fields = answers
	setOptional(&f.CompletedAt, completedAt)
	f.UpdatedAt = new(a.now())
	a.interact(o)
	return a.innerForm(o, f), nil
}

// innerForm is the feedback in Lever's inner form, where the rating is of
// another type.
func (a *Account) innerForm(o *Opportunity, f *Feedback) FeedbackDocument {
	fields := slices.Clone(f.Fields)
	for i := range fields {
		if fields[i].Type == scoreSystem {
			fields[i].Type = "score"
		}
	}
	return FeedbackDocument{
		AccountID: a.cfg.ID, CreatedAt: f.CreatedAt, UserID: f.User, ProfileID: o.ID, BaseTemplateID: f.BaseTemplateID,
		Text:         f.Text,
		Instructions: f.Instructions, Type: f.Type, Fields: fields, CompletedAt: f.CompletedAt, UpdatedAt: f.UpdatedAt, ID: f.ID,
	}
}

// DeleteFeedback marks feedback as deleted; it can still be read by its id.
func (a *Account) DeleteFeedback(o *Opportunity, id string) error {
	f, err := o.FeedbackForm(id)
	if err != nil {
		return err
	}
	if f.DeletedAt == nil {
		f.DeletedAt = new(a.now())
	}
	a.interact(o)
	return nil
}

// Feedback is the candidacy's feedback that is not deleted, oldest first.
func (o *Opportunity) Feedback() []*Feedback {
	return slices.DeleteFunc(slices.Clone(o.feedback), func(f *Feedback) bool { return f.DeletedAt != nil })
}

// FeedbackForm is the candidacy's feedback with the id, deleted or not.
func (o *Opportunity) FeedbackForm(id string) (*Feedback, error) {
	return find(o.feedback, "feedback", id)
}

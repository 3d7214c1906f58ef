package account

import (
	"slices"
	"time"
)

// Entry is what POST /postings/:id/apply takes.
type Entry struct {
	PersonalInformation []NamedValue    `json:"personalInformation"`
	CustomQuestions     []AnswersInTurn `json:"customQuestions"`
	URLs                []NamedValue    `json:"urls"`
	IPAddress           string          `json:"ipAddress"`
	Source              string          `json:"source"`
	Origin              string          `json:"origin"`
	Timezone            string          `json:"timezone"`
}

// NamedValue is an answer to a fixed question.
type NamedValue struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// AnswersInTurn are the answers to one custom form, in the order of its fields.
type AnswersInTurn struct {
	ID     string `json:"id"`
	Fields []struct {
		Value any `json:"value"`
	} `json:"fields"`
}

// Enter is what happens when somebody applies to the posting.
func (a *Account) Enter(p *Posting, e Entry) (*Application, error) {
	if err := checkEntry(p, e); err != nil {
		return nil, err
	}
	answers, err := a.answers(p, e.CustomQuestions)
	if err != nil {
		return nil, err
	}
	var resume *Upload
	if uri := value(e.PersonalInformation, "resume"); uri != "" {
		if resume, err = a.upload(uri); err != nil {
			return nil, err
		}
	}
	o, _, err := a.Create(e.draft(p, answers))
	if err != nil {
		return nil, err
	}
	if resume != nil {
		_, err = a.AddResume(o, Blob{Name: resume.Filename, Content: a.contents.See(resume.ID).bytes}, ParsedData{})
	}
	return o.Application, err
}

func checkEntry(p *Posting, e Entry) error {
	if !p.Open() {
		return Invalid("posting %s is not published or internal", p.ID)
	}
	for _, q := range p.Forms().PersonalInformation {
		if q.Required && value(e.PersonalInformation, q.Name) == "" {
			return Invalid("personalInformation: %s is required", q.Name)
		}
	}
	if !slices.Contains([]string{"", originApplied, originInternal}, e.Origin) {
		return Invalid("origin is applied or internal")
	}
	if _, err := time.LoadLocation(e.Timezone); err != nil {
		return Invalid("timezone %q is not a time zone", e.Timezone)
	}
	return nil
}

func value(list []NamedValue, name string) string {
	for _, v := range list {
		if v.Name == name {
			return v.Value
		}
	}
	return ""
}

func (e Entry) draft(p *Posting, answers []Form) Draft {
	info := func(name string) string { return value(e.PersonalInformation, name) }
	who := &Applicant{
		Name: info("fullName"), Email: info("email"), Phone: info("phone"), Company: info("currentCompany"),
		Comments: info("additionalInformation"), IPAddress: e.IPAddress, Timezone: e.Timezone, Answers: answers,
	}
	for _, u := range e.URLs {
		who.Links = append(who.Links, u.Value)
	}
	d := Draft{
		Name: who.Name, Headline: who.Company, Location: info("currentLocation"), Emails: []string{who.Email}, Links: who.Links,
		Posting: p.ID, Stage: "applicant-new", Origin: e.Origin, Sources: present(e.Source), Applied: who,
	}
	if d.Origin == "" {
		d.Origin = originApplied
	}
	if who.Phone != "" {
		d.Phones = []Phone{{Value: who.Phone}}
	}
	return d
}

// answers are the custom forms of the posting, filled in.
func (a *Account) answers(p *Posting, given []AnswersInTurn) ([]Form, error) {
	var forms []Form
	for _, q := range p.Questions {
		at := slices.IndexFunc(given, func(g AnswersInTurn) bool { return g.ID == q.ID })
		var values AnswersInTurn
		if at >= 0 {
			values = given[at]
		}
		form, err := a.answer(q, values)
		if err != nil {
			return nil, err
		}
		forms = append(forms, form)
	}
	return forms, nil
}

func (a *Account) answer(q Form, given AnswersInTurn) (Form, error) {
	if len(given.Fields) > len(q.Fields) {
		return q, Invalid("customQuestions: %s has %d fields", q.ID, len(q.Fields))
	}
	f := q
	f.Fields = slices.Clone(q.Fields)
	for i := range f.Fields {
		if i < len(given.Fields) {
			f.Fields[i].Value = given.Fields[i].Value
		}
		if v := f.Fields[i].Value; f.Fields[i].Required && (v == nil || v == "") || !f.Fields[i].takes(v) {
			return q, Invalid("customQuestions: field %d of %s has no fitting answer", i, q.ID)
		}
	}
	f.Type, f.BaseTemplateID, f.CreatedAt, f.CompletedAt = "posting", q.ID, a.now(), new(a.now())
	return f, nil
}

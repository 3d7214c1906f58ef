// Package justworks is what is special about Justworks, a payroll and HR product:
// a candidate who is marked Hired in Lever becomes a pending hire, which the
// company's admins review before they invite the person.
package justworks

import (
	"fmt"
	htmltemplate "html/template"
	"strings"
	texttemplate "text/template"

	"fulcrum/shared/mail"
)

// The subjects of the mails. The first is the title that Lever's help center and
// Justworks' promise, to the letter.
const (
	hiredSubject    = "A candidate has been hired in Lever!"
	reminderSubject = "Reminder: a candidate hired in Lever is not invited to Justworks yet"
)

// maxName is how much of a name a mail shows, in characters.
const maxName = 80

// Notice is what a mail about a pending hire says. There is nothing of pay in it,
// and nothing of the person but the name: the rest is behind the link.
type Notice struct {
	// Name is the candidate's as it is shown in Lever, and Company the customer's.
	// Both may be empty, and both are what somebody typed.
	Name, Company string
	// Link opens the review of the pending hire.
	Link string
	// DaysLeft is how many days are left until the start date. With none or fewer
	// the mail does not speak of it: it is not known, or over.
	DaysLeft int
}

// HiredMail is the mail to everybody who may manage employees when somebody was
// hired. It fails, permanently, where the link may not stand in a mail.
func HiredMail(n Notice) (mail.Message, error) { return n.write(hiredSubject, false) }

// ReminderMail is the mail to the same people while the hire waits for them. It
// fails as HiredMail does.
func ReminderMail(n Notice) (mail.Message, error) { return n.write(reminderSubject, true) }

// page is what the templates are filled with.
type page struct {
	Subject, Name, Company, Link, Start string
	Reminder                            bool
}

func (n Notice) write(subject string, reminder bool) (mail.Message, error) {
	if err := mail.CheckLink(n.Link); err != nil {
		return mail.Message{}, fmt.Errorf("write mail: %w", err)
	}
	p := page{
		Subject: subject, Reminder: reminder, Link: n.Link, Start: n.start(),
		Name: mail.Plain(n.Name, maxName), Company: mail.Plain(n.Company, maxName),
	}
	if p.Name == "" {
		p.Name = "A candidate"
	}
	text, html, err := p.render()
	if err != nil {
		return mail.Message{}, fmt.Errorf("write mail: %w", err)
	}
	return mail.Message{Subject: subject, Text: text, HTML: html}, nil
}

// start is the sentence about the start date.
func (n Notice) start() string {
	switch {
	case n.DaysLeft <= 0:
		return ""
	case n.DaysLeft == 1:
		return "The start date is tomorrow."
	}
	return fmt.Sprintf("The start date is in %d days.", n.DaysLeft)
}

func (p page) render() (text, html string, err error) {
	textPart, err := texttemplate.New("text").Parse(textTemplate)
	if err != nil {
		return "", "", err
	}
	htmlPart, err := htmltemplate.New("html").Parse(htmlTemplate)
	if err != nil {
		return "", "", err
	}
	var textOut, htmlOut strings.Builder
	if err := textPart.Execute(&textOut, p); err != nil {
		return "", "", err
	}
	if err := htmlPart.Execute(&htmlOut, p); err != nil {
		return "", "", err
	}
	return textOut.String(), htmlOut.String(), nil
}

const textTemplate = `{{.Subject}}

{{.Name}} was hired in Lever{{with .Company}} at {{.}}{{end}}{{if .Reminder}} and is not invited to Justworks yet{{end}}.{{with .Start}} {{.}}{{end}}

Send the candidate's information to Justworks: review it, then invite the new hire.
{{.Link}}

You will also find the pending hire in Justworks under Manage > Employees.

This mail is for those who have the permission "Manage employees" in Justworks{{with .Company}} at {{.}}{{end}}.
`

// htmlTemplate isolates names (bdi), so that one that is written from right to left
// does not turn the sentence around it.
const htmlTemplate = `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"/><title>{{.Subject}}</title></head>
<body style="font-family:sans-serif;line-height:1.5;color:#222;max-width:36em">
<h1 style="font-size:1.25em">{{.Subject}}</h1>
<p><bdi>{{.Name}}</bdi> was hired in Lever{{with .Company}} at <bdi>{{.}}</bdi>{{end}}{{if .Reminder}} and is not invited to Justworks yet{{end}}.{{with .Start}} {{.}}{{end}}</p>
<p>Send the candidate’s information to Justworks: review it, then invite the new hire.</p>
<p><a href="{{.Link}}" style="display:inline-block;padding:.6em 1.2em;background:#1a56db;color:#fff;text-decoration:none;border-radius:4px">Review the pending hire</a></p>
<p>You will also find the pending hire in Justworks under Manage &gt; Employees.</p>
<p style="font-size:.85em;color:#555">This mail is for those who have the permission “Manage employees” in Justworks{{with .Company}} at <bdi>{{.}}</bdi>{{end}}.</p>
</body>
</html>
`

package justworks

import (
	"errors"
	"fmt"
	htmltemplate "html/template"
	"strings"
	texttemplate "text/template"

	"fulcrum/shared/mail"
)

// kind is what the mails of one kind have in common. The sentence of a mail is the
// name, what happened at the company, and what follows from it.
type kind struct{ subject, happened, follows, todo, button string }

// hired has the title that Lever's help center and Justworks' promise, to the
// letter.
func hired() kind {
	return kind{
		subject: "A candidate has been hired in Lever!", happened: "was hired in Lever",
		todo:   "Send the candidate’s information to Justworks: review it, then invite the new hire.",
		button: "Review the pending hire",
	}
}

func reminding() kind {
	k := hired()
	k.subject, k.follows = "Reminder: a candidate hired in Lever is not invited to Justworks yet", " and is not invited to Justworks yet"
	return k
}

func changed() kind {
	return kind{
		subject: "A hire was changed in Lever after the invitation", happened: "was invited to Justworks", follows: ", and something was changed in Lever since",
		todo:   "Nothing was changed in Justworks. See what is different, and change the member where it is right.",
		button: "See what was changed",
	}
}

func unhired() kind {
	return kind{
		subject: "A candidate is not hired any more in Lever", happened: "was invited to Justworks", follows: ", and is not hired any more in Lever",
		todo:   "The invitation is still there. Take it back in Justworks if the person does not join.",
		button: "See the hire",
	}
}

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
func HiredMail(n Notice) (mail.Message, error) { return n.write(hired()) }

// ReminderMail is the mail to the same people while the hire waits for them. It
// fails as HiredMail does.
func ReminderMail(n Notice) (mail.Message, error) { return n.write(reminding()) }

// ChangedMail tells them that Lever has other values than the hire was invited
// with. It fails as HiredMail does.
func ChangedMail(n Notice) (mail.Message, error) { return n.write(changed()) }

// UnhiredMail tells them that somebody who is invited is not hired any more. It
// fails as HiredMail does.
func UnhiredMail(n Notice) (mail.Message, error) { return n.write(unhired()) }

// mailPage is what the templates are filled with.
type mailPage struct {
	Subject, Name, Company, Link, Start string
	Happened, Follows, Todo, Button     string
}

func (n Notice) write(k kind) (mail.Message, error) {
	if err := mail.CheckLink(n.Link); err != nil {
		return mail.Message{}, fmt.Errorf("write mail: %w", err)
	}
	p := mailPage{
		Subject: k.subject, Happened: k.happened, Follows: k.follows, Todo: k.todo, Button: k.button, Link: n.Link, Start: n.start(),
		Name: mail.Plain(n.Name, maxName), Company: mail.Plain(n.Company, maxName),
	}
	if p.Name == "" {
		p.Name = "A candidate"
	}
	return p.message(textTemplate, htmlTemplate)
}

// EndedMail is the mail to the same people when Lever does not take the
// connection's credential any more. It is about no candidate and has no link.
func EndedMail(n Notice) (mail.Message, error) {
	p := mailPage{Subject: "Lever is no longer connected to Justworks", Company: mail.Plain(n.Company, maxName)}
	return p.message(endedText, endedHTML)
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

// message fills the templates of the two parts.
func (p mailPage) message(text, html string) (mail.Message, error) {
	textPart, err := texttemplate.New("text").Parse(text)
	if err != nil {
		return mail.Message{}, fmt.Errorf("write mail: %w", err)
	}
	htmlPart, err := htmltemplate.New("html").Parse(html)
	if err != nil {
		return mail.Message{}, fmt.Errorf("write mail: %w", err)
	}
	var textOut, htmlOut strings.Builder
	if err := errors.Join(textPart.Execute(&textOut, p), htmlPart.Execute(&htmlOut, p)); err != nil {
		return mail.Message{}, fmt.Errorf("write mail: %w", err)
	}
	return mail.Message{Subject: p.Subject, Text: textOut.String(), HTML: htmlOut.String()}, nil
}

const textTemplate = `{{.Subject}}

{{.Name}} {{.Happened}}{{with .Company}} at {{.}}{{end}}{{.Follows}}.{{with .Start}} {{.}}{{end}}

{{.Todo}}
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
<p><bdi>{{.Name}}</bdi> {{.Happened}}{{with .Company}} at <bdi>{{.}}</bdi>{{end}}{{.Follows}}.{{with .Start}} {{.}}{{end}}</p>
<p>{{.Todo}}</p>
<p><a href="{{.Link}}" style="display:inline-block;padding:.6em 1.2em;background:#1a56db;color:#fff;text-decoration:none;border-radius:4px">{{.Button}}</a></p>
<p>You will also find the pending hire in Justworks under Manage &gt; Employees.</p>
<p style="font-size:.85em;color:#555">This mail is for those who have the permission “Manage employees” in Justworks{{with .Company}} at <bdi>{{.}}</bdi>{{end}}.</p>
</body>
</html>
`

const endedText = `{{.Subject}}

Lever does not accept Justworks' access{{with .Company}} to the account of {{.}}{{end}} any more: it was revoked, or it has expired.

New hires in Lever do not become pending hires until somebody connects Lever again: in Justworks under Integrations > Lever. Pending hires that are there already can still be reviewed and invited.

This mail is for those who have the permission "Manage employees" in Justworks{{with .Company}} at {{.}}{{end}}.
`

const endedHTML = `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"/><title>{{.Subject}}</title></head>
<body style="font-family:sans-serif;line-height:1.5;color:#222;max-width:36em">
<h1 style="font-size:1.25em">{{.Subject}}</h1>
<p>Lever does not accept Justworks’ access{{with .Company}} to the account of <bdi>{{.}}</bdi>{{end}} any more: it was revoked, or it has expired.</p>
<p>New hires in Lever do not become pending hires until somebody connects Lever again: in Justworks under Integrations &gt; Lever. Pending hires that are there already can still be reviewed and invited.</p>
<p style="font-size:.85em;color:#555">This mail is for those who have the permission “Manage employees” in Justworks{{with .Company}} at <bdi>{{.}}</bdi>{{end}}.</p>
</body>
</html>
`

// Package frame is what all pages have in common, the customer's, the reviewer's
// and the staff's: the layout, the style with its dark half, the headers that keep
// a page from being misused from elsewhere, the cookie by which a browser is known
// again, and the static files. It decides nothing.
//
// A page is HTML that is made here and works without scripts. The one script
// (static/page.js) shows times in the viewer's zone, renews a part of a page that
// asks for it, and copies; the policy lets no other run, and nothing inline.
package frame

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"fulcrum/shared/lever"
)

// Frame is what a page has around what it is about. Pages embed it.
type Frame struct {
	// Title is the page's heading; Owner is whose page it is, in the line above it;
	// Support is an address for help. Owner and Support may be empty.
	Title, Owner, Support string
	// Nav are the places that can be gone to from every page, none where there is
	// only one.
	Nav []Link
	// Person is who is signed in, and Leave where the form goes that signs them
	// out; both are empty where nobody signs in.
	Person, Leave string
	// CSRF is the token that forms carry.
	CSRF string
	// Notes are sentences about what just happened or did not.
	Notes []string
	// Wide pages have tables; the others are for reading.
	Wide bool
}

// Link is a place that can be gone to. Here says that it is this page's.
type Link struct {
	Name, To string
	Here     bool
}

// Pages shows the pages of a room. It is safe for concurrent use.
type Pages struct {
	templates *template.Template
	files     map[string]file
}

// New reads a room's templates, *.html, which use those of layout.html: head, foot,
// csrf, when and state; times are given to when, states to mark.
func New(room fs.FS) (*Pages, error) {
	files, err := static()
	if err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	p := &Pages{files: files}
	p.templates, err = template.New("").Funcs(template.FuncMap{"asset": p.asset, "when": when, "mark": MarkOf, "initial": initial}).ParseFS(own, "layout.html")
	if err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	if p.templates, err = p.templates.ParseFS(room, "*.html"); err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	return p, nil
}

// Show answers with the template of that name, filled with data.
func (p *Pages) Show(status int, name string, data any) (events.APIGatewayV2HTTPResponse, error) {
	var body bytes.Buffer
	if err := p.templates.ExecuteTemplate(&body, name, data); err != nil {
		return events.APIGatewayV2HTTPResponse{}, fmt.Errorf("page %s: %w", name, err)
	}
	return answer(status, "text/html; charset=utf-8", body.String()), nil
}

// Plain answers without a template, for when nothing else goes.
func (p *Pages) Plain(status int, text string) events.APIGatewayV2HTTPResponse {
	return answer(status, "text/plain; charset=utf-8", text)
}

// File answers with a file to keep. name is one of ours: letters, digits, _, - and a
// dot.
func (p *Pages) File(name, kind, text string) events.APIGatewayV2HTTPResponse {
	out := answer(http.StatusOK, kind, text)
	out.Headers["content-disposition"] = `attachment; filename="` + name + `"`
	return out
}

// Redirect sends the browser to an address with GET. After a form it has to be one
// of ours: the policy lets a form's answer lead nowhere else.
func (p *Pages) Redirect(to string) events.APIGatewayV2HTTPResponse {
	out := answer(http.StatusSeeOther, "text/plain; charset=utf-8", "")
	out.Headers["location"] = to
	return out
}

// policy lets a page load what comes from its own host, and nothing inline.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// answer has the headers of every answer. The referrer stays within our own pages,
// because an address of ours opens a link; it cannot be left out altogether, because
// browsers then leave out where a form comes from as well.
func answer(status int, kind, body string) events.APIGatewayV2HTTPResponse {
	return events.APIGatewayV2HTTPResponse{StatusCode: status, Body: body, Headers: map[string]string{
		"content-type":                 kind,
		"content-security-policy":      policy,
		"cache-control":                "no-store",
		"referrer-policy":              "same-origin",
		"x-content-type-options":       "nosniff",
		"x-frame-options":              "DENY",
		"x-robots-tag":                 "noindex",
		"permissions-policy":           "camera=(), geolocation=(), microphone=()",
		"cross-origin-opener-policy":   "same-origin",
		"cross-origin-resource-policy": "same-origin",
		"strict-transport-security":    "max-age=31536000",
	}}
}

// moment is a time as a page has it: for the script, and in UTC for who has none.
type moment struct{ ISO, Text string }

// when is the moment of a lever.Time, a time.Time or a text of RFC 3339. Of zero,
// and of what is none of these, it is empty.
func when(v any) moment {
	var at time.Time
	switch v := v.(type) {
	case lever.Time:
		if v != 0 {
			at = v.Time()
		}
	case time.Time:
		at = v
	case string:
		if parsed, err := time.Parse(time.RFC3339, v); err == nil {
			at = parsed
		}
	}
	if at.IsZero() {
		return moment{}
	}
	at = at.UTC()
	return moment{at.Format("2006-01-02T15:04:05.000Z"), at.Format("2006-01-02 15:04:05") + " UTC"}
}

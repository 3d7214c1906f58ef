// Package page shows the customer's set-up pages: plain HTML that works without
// scripts. It decides nothing; whoever fills a page in does. Everything that keeps
// a page from being misused from elsewhere is here: the headers, the cookie that
// binds a browser, and the token that a form has to carry.
package page

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"fulcrum/shared/connect/permission"
)

// Frame is what all pages have.
type Frame struct {
	// Title is the page's heading; Partner and Support are the partner's name and
	// address for help, empty where the partner is not known.
	Title, Partner, Support string
	// Action is the address of the link, below which forms post; CSRF is the token
	// that they carry.
	Action, CSRF string
	// Notes are sentences about what just happened or did not.
	Notes []string
}

// Start is the page of a link that is not open yet.
type Start struct {
	Frame
	Customer string
	Does     []string
}

// Connect is the page on which a customer gives consent or an API key.
type Connect struct {
	Frame
	Button string
	Does   []string
	// ByKey asks for an API key; Results say what the last one allows.
	ByKey   bool
	Results []permission.Result
	// Confidential offers to include confidential postings.
	Confidential bool
	// Lost says since when the connection is lost, empty where it never was there.
	Lost string
	// ReturnTo is where set-up began, and may be empty.
	ReturnTo string
}

// Leave is the page from which a browser goes to Lever.
type Leave struct {
	Frame
	Address string
}

// Setup is the page of a connection that has its credential.
type Setup struct {
	Frame
	State    string
	Events   []Event
	Missing  []string
	ByHand   bool
	Typed    bool
	Settings []Field
	Version  int64
	// Credential is how the connection is given another credential.
	Credential Connect
	Apply      string
	Complete   bool
	ReturnTo   string
}

// Event is a row of the webhooks.
type Event struct {
	Name, Title             string
	Required                bool
	Created, Signed, Seen   bool
	URL, SeenAt, VerifiedAt string
}

// Message is a page that says what happened and how to go on.
type Message struct {
	Frame
	Text []string
	// Again leads back to the link, where that is this browser's.
	Again bool
}

//go:embed *.html page.css
var files embed.FS

// Pages shows pages. It is safe for concurrent use.
type Pages struct {
	templates *template.Template
	style     template.CSS
	policy    string
}

// New reads the templates.
func New() (*Pages, error) {
	style, err := files.ReadFile("page.css")
	if err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	p := &Pages{style: template.CSS(style)}
	p.templates, err = template.New("").Funcs(template.FuncMap{"style": func() template.CSS { return p.style }}).ParseFS(files, "*.html")
	if err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	sum := sha256.Sum256(style)
	p.policy = "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
	return p, nil
}

// Show answers with the page of that name, filled with data.
func (p *Pages) Show(status int, name string, data any) (events.APIGatewayV2HTTPResponse, error) {
	var body bytes.Buffer
	if err := p.templates.ExecuteTemplate(&body, name, data); err != nil {
		return events.APIGatewayV2HTTPResponse{}, fmt.Errorf("page %s: %w", name, err)
	}
	headers := p.headers()
	headers["content-type"] = "text/html; charset=utf-8"
	return events.APIGatewayV2HTTPResponse{StatusCode: status, Headers: headers, Body: body.String()}, nil
}

// Plain answers without a template, for when nothing else goes.
func (p *Pages) Plain(status int, text string) events.APIGatewayV2HTTPResponse {
	headers := p.headers()
	headers["content-type"] = "text/plain; charset=utf-8"
	return events.APIGatewayV2HTTPResponse{StatusCode: status, Headers: headers, Body: text}
}

// Redirect sends the browser to an address with GET.
func (p *Pages) Redirect(to string) events.APIGatewayV2HTTPResponse {
	headers := p.headers()
	headers["location"] = to
	return events.APIGatewayV2HTTPResponse{StatusCode: http.StatusSeeOther, Headers: headers}
}

// headers are those of every answer. The referrer stays within our own pages,
// because an address of ours opens a link; it cannot be left out altogether, because
// browsers then leave out where a form comes from as well.
func (p *Pages) headers() map[string]string {
	return map[string]string{
		"content-security-policy":      p.policy,
		"cache-control":                "no-store",
		"referrer-policy":              "same-origin",
		"x-content-type-options":       "nosniff",
		"x-frame-options":              "DENY",
		"cross-origin-opener-policy":   "same-origin",
		"cross-origin-resource-policy": "same-origin",
		"strict-transport-security":    "max-age=31536000",
	}
}

// Browser is the cookie by which a browser is known again.
type Browser struct {
	// Secret is the cookie's value.
	Secret string
	// TLS says whether the gateway is reached by https, which it is wherever it is
	// deployed.
	TLS bool
}

// cookieName keeps other hosts of our domain from setting the cookie.
func cookieName(tls bool) string {
	if tls {
		return "__Host-fulcrum-connect"
	}
	return "fulcrum-connect"
}

// BrowserOf reads the cookie; its secret is empty where there is none.
func BrowserOf(cookies []string, tls bool) Browser {
	for _, c := range cookies {
		if secret, ok := strings.CutPrefix(c, cookieName(tls)+"="); ok {
			return Browser{secret, tls}
		}
	}
	return Browser{TLS: tls}
}

// Cookie is what sets the cookie for a day. Lax lets it come along when Lever sends
// the browser back.
func (b Browser) Cookie() string {
	cookie := http.Cookie{
		Name: cookieName(b.TLS), Value: b.Secret, Path: "/", MaxAge: 24 * 60 * 60,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: b.TLS,
	}
	return cookie.String()
}

// CSRF is the token of the browser's forms: who cannot read the cookie cannot make
// it, and who cannot set the cookie cannot choose it.
func (b Browser) CSRF() string {
	sum := sha256.Sum256([]byte("fulcrum form\x00" + b.Secret))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Package page is the twin's page at /: what people do in Lever's pages, done by
// hand. It is plain HTML with forms, works without a mouse and loads nothing
// from anywhere. Every form posts to a route of its own and comes back.
package page

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"fulcrum/local/twin/account"
	"fulcrum/local/twin/desk"
)

//go:embed *.html
var files embed.FS

// Page serves the pages.
type Page struct {
	desk  *desk.Desk
	mux   *http.ServeMux
	guard *http.CrossOriginProtection
	views *template.Template
	// broken says why the templates cannot be read.
	broken error
}

// New makes the pages over the desk.
func New(d *desk.Desk) *Page {
	p := &Page{desk: d, mux: http.NewServeMux(), guard: http.NewCrossOriginProtection()}
	p.views, p.broken = template.New("").Funcs(template.FuncMap{
		"when":  when,
		"text":  deref,
		"known": func(b *bool) bool { return b != nil },
		"yes":   func(b *bool) bool { return b != nil && *b },
		"add":   func(a, b int) int { return a + b },
	}).ParseFS(files, "*.html")
	p.mux.HandleFunc("GET /{$}", p.home)
	p.mux.HandleFunc("GET /accounts/{account}", p.candidates)
	p.mux.HandleFunc("GET /accounts/{account}/candidates/{opportunity}", p.candidate)
	p.mux.HandleFunc("GET /accounts/{account}/webhooks", p.webhooks)
	p.mux.HandleFunc("GET /accounts/{account}/keys", p.keys)
	p.mux.HandleFunc("GET /accounts/{account}/apps", p.apps)
	for pattern, do := range p.forms() {
		p.mux.HandleFunc("POST "+pattern, p.posting(do))
	}
	return p
}

// when prints milliseconds for people.
func when(ms any) string {
	switch t := ms.(type) {
	case int64:
		return time.UnixMilli(t).UTC().Format("2006-01-02 15:04:05") + " UTC"
	case *int64:
		if t != nil {
			return when(*t)
		}
	}
	return ""
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// ServeHTTP serves a page or takes a form.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set(
		"Content-Security-Policy",
		"default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	)
	p.guard.Handler(p.mux).ServeHTTP(w, r)
}

// view is what every page knows.
type view struct {
	Title string
	// Home is the account that the page is about; its ID is empty on the first page.
	Home desk.Summary
	// Problem is why the form that was sent did nothing.
	Problem string
	Data    any
}

// show prints a page, or why there is none.
func (p *Page) show(w http.ResponseWriter, r *http.Request, name string, v view, err error) {
	if err == nil {
		err = p.broken
	}
	if err != nil {
		refuse(w, err)
		return
	}
	v.Problem = r.URL.Query().Get("problem")
	var text bytes.Buffer
	if err := p.views.ExecuteTemplate(&text, name, v); err != nil {
		refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(text.Bytes())
}

func refuse(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	if refusal, ok := err.(*account.Error); ok {
		status = refusal.Status
	}
	http.Error(w, err.Error(), status)
}

func (p *Page) home(w http.ResponseWriter, r *http.Request) {
	p.show(w, r, "home.html", view{Title: "Accounts", Data: struct {
		Accounts   []desk.Summary
		Violations int
	}{p.desk.Accounts(), len(p.desk.Violations())}}, nil)
}

// rowsShown is how many candidates a page lists.
const rowsShown = 50

func (p *Page) candidates(w http.ResponseWriter, r *http.Request) {
	home, err := p.desk.Summary(r.PathValue("account"))
	skip, convErr := strconv.Atoi(r.URL.Query().Get("skip"))
	if convErr != nil {
		skip = 0
	}
	data := struct {
		Rows              []desk.Row
		Skip, Next, Total int
	}{Skip: skip}
	if err == nil {
		data.Rows, data.Total, err = p.desk.Candidates(home.Account, skip, rowsShown)
	}
	if skip+rowsShown < data.Total {
		data.Next = skip + rowsShown
	}
	p.show(w, r, "candidates.html", view{Title: home.Name, Home: home, Data: data}, err)
}

func (p *Page) candidate(w http.ResponseWriter, r *http.Request) {
	home, err := p.desk.Summary(r.PathValue("account"))
	var profile desk.Profile
	if err == nil {
		profile, err = p.desk.Profile(home.Account, r.PathValue("opportunity"))
	}
	p.show(w, r, "candidate.html", view{Title: profile.Name, Home: home, Data: struct {
		desk.Profile
		OfferStates []string
	}{profile, account.OfferStates()}}, err)
}

func (p *Page) webhooks(w http.ResponseWriter, r *http.Request) {
	home, err := p.desk.Summary(r.PathValue("account"))
	data := webhookPage{}
	if err == nil {
		data, err = p.history(home)
	}
	p.show(w, r, "webhooks.html", view{Title: "Webhooks", Home: home, Data: data}, err)
}

func (p *Page) keys(w http.ResponseWriter, r *http.Request) {
	home, err := p.desk.Summary(r.PathValue("account"))
	p.show(w, r, "keys.html", view{Title: "API credentials", Home: home, Data: p.desk.Keys(home.Account)}, err)
}

func (p *Page) apps(w http.ResponseWriter, r *http.Request) {
	home, err := p.desk.Summary(r.PathValue("account"))
	p.show(w, r, "apps.html", view{Title: "Authorized apps", Home: home, Data: p.desk.Apps()}, err)
}

// back is where a form came from: its field "back", if that is a path of ours.
func back(r *http.Request) *url.URL {
	to, err := url.Parse(r.PostForm.Get("back"))
	if err != nil || to.Host != "" || to.Scheme != "" || !strings.HasPrefix(to.Path, "/") {
		return &url.URL{Path: "/"}
	}
	return to
}

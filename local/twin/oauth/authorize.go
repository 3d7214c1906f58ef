package oauth

import (
	_ "embed"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

//go:embed consent.html
var consentPage string

// request is an authorization request that was found in order.
type request struct {
	App      App
	Redirect string
	State    string
	Scopes   []string
	Audience string
	// Challenge and Method are PKCE's, both may be empty.
	Challenge, Method string
}

// ServeAuthorize is /authorize: GET shows the page that asks for consent, POST
// is its form. A test drives it with account=<id>&decision=accept or deny, by
// either method; an account that has consented to all scopes is not asked again.
func (s *Server) ServeAuthorize(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := r.ParseForm(); err != nil {
		s.show(w, http.StatusBadRequest, page{Problem: "the form cannot be read"})
		return
	}
	req, problem := s.readRequest(r.Form)
	if problem != "" {
		s.show(w, http.StatusForbidden, page{Problem: problem})
		return
	}
	if missing := missingParameter(r.Form); missing != "" {
		req.refuse(w, r, "invalid_request", "Missing required parameter: "+missing)
		return
	}
	accountID, decision := r.Form.Get("account"), r.Form.Get("decision")
	if decision == "" && s.covered(accountID, req) {
		decision = "accept"
	}
	s.decide(w, r, req, accountID, decision)
}

func (s *Server) decide(w http.ResponseWriter, r *http.Request, req request, accountID, decision string) {
	switch decision {
	case "deny":
		req.refuse(w, r, "access_denied", "User did not authorize the request")
	case "accept":
		if _, _, err := s.cfg.Account(accountID); err != nil {
			s.show(w, http.StatusNotFound, page{Problem: "there is no account " + accountID})
			return
		}
		code, err := s.consent(accountID, req)
		if err != nil {
			s.show(w, http.StatusInternalServerError, page{Problem: err.Error()})
			return
		}
		req.redirect(w, r, url.Values{"code": {code}})
	case "":
		s.show(w, http.StatusOK, page{Request: &req, Accounts: s.choices(accountID), Form: formValues(r.Form)})
	default:
		s.show(w, http.StatusBadRequest, page{Problem: "decision is accept or deny"})
	}
}

// readRequest checks what must be right before anything may be sent back to the
// app: its id and the exact address it registered.
func (s *Server) readRequest(form url.Values) (request, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	app := s.apps.See(form.Get("client_id"))
	if app == nil {
		return request{}, "ClientID not found. Apps of the sandbox are not known in production, and the reverse."
	}
	req := request{
		App: *app, Redirect: form.Get("redirect_uri"), State: form.Get("state"), Audience: form.Get("audience"),
		Challenge: form.Get("code_challenge"), Method: form.Get("code_challenge_method"),
	}
	if !slices.Contains(app.Callbacks, req.Redirect) {
		return request{}, "undefined. The redirect_uri is not exactly one of the app's callbacks."
	}
	req.Scopes = s.granted(*app, form)
	return req, ""
}

// granted are the scopes that the app gets of those it asks for. Without the
// API's audience nothing is left but offline_access.
func (s *Server) granted(app App, form url.Values) []string {
	forAPI := slices.Contains(s.cfg.Audiences, form.Get("audience"))
	var scopes []string
	for _, scope := range strings.Fields(form.Get("scope")) {
		registered := len(app.Scopes) == 0 || slices.Contains(app.Scopes, scope)
		if scope == offline || forAPI && registered && slices.Contains(Scopes(), scope) {
			scopes = append(scopes, scope)
		}
	}
	return scopes
}

func missingParameter(form url.Values) string {
	for _, name := range []string{"response_type", "state", "scope"} {
		if form.Get(name) == "" {
			return name
		}
	}
	if form.Get("response_type") != "code" {
		return "response_type=code"
	}
	return ""
}

// covered reports whether the account has consented to all of this before.
func (s *Server) covered(accountID string, req request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.grants.See(party{accountID, req.App.ClientID}.key())
	return g != nil && !slices.ContainsFunc(req.Scopes, func(scope string) bool { return !slices.Contains(g.Scopes, scope) })
}

// consent records the consent and makes a code.
func (s *Server) consent(accountID string, req request) (string, error) {
	c := &code{
		Code: s.cfg.Random.Text(43), Party: party{accountID, req.App.ClientID}, Redirect: req.Redirect, Scopes: req.Scopes,
		Audience: req.Audience, Expires: s.cfg.Now().Add(codeLife).UnixMilli(), Challenge: req.Challenge, Method: req.Method,
	}
	return c.Code, s.change(func() error {
		g := s.grants.Take(c.Party.key())
		if g == nil {
			g = &Grant{Account: accountID, ClientID: req.App.ClientID, App: req.App.Name, GrantedAt: s.now()}
			s.grants.Put(g)
		}
		for _, scope := range req.Scopes {
			if !slices.Contains(g.Scopes, scope) {
				g.Scopes = append(slices.Clone(g.Scopes), scope)
			}
		}
		s.codes.Put(c)
		return nil
	})
}

func (req request) refuse(w http.ResponseWriter, r *http.Request, code, description string) {
	req.redirect(w, r, url.Values{"error": {code}, "error_description": {description}})
}

// redirect sends the browser back to the app, with what the app gave as state.
func (req request) redirect(w http.ResponseWriter, r *http.Request, answer url.Values) {
	if req.State != "" {
		answer.Set("state", req.State)
	}
	to, sep := req.Redirect, "?"
	if strings.Contains(to, "?") {
		sep = "&"
	}
	http.Redirect(w, r, to+sep+answer.Encode(), http.StatusFound)
}

// page is what consent.html shows: a problem, or a request with the accounts
// that can consent.
type page struct {
	Problem  string
	Request  *request
	Accounts []choice
	Form     [][2]string
}

type choice struct {
	ID, Name string
	Chosen   bool
}

func (s *Server) choices(chosen string) []choice {
	var list []choice
	for _, id := range s.cfg.Accounts() {
		if name, _, err := s.cfg.Account(id); err == nil {
			list = append(list, choice{ID: id, Name: name, Chosen: id == chosen})
		}
	}
	return list
}

// formValues are the request's parameters, for the form to send them again.
func formValues(form url.Values) [][2]string {
	var list [][2]string
	for name := range form {
		if name != "account" && name != "decision" {
			list = append(list, [2]string{name, form.Get(name)})
		}
	}
	slices.SortFunc(list, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	return list
}

func (s *Server) show(w http.ResponseWriter, status int, p page) {
	t, err := template.New("consent").Parse(consentPage)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.WriteHeader(status)
	// Whoever reads the page may be gone; there is nobody to tell.
	if err := t.Execute(w, p); err != nil {
		return
	}
}

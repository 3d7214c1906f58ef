package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"fulcrum/local/twin/account"
	"fulcrum/local/twin/tenant"
)

// maxBody is the size of a request's body up to which it is read: two files of
// the largest size and what stands around them.
const maxBody = 2*account.MaxFile + 1<<20

// recorded is how much of a body the record of requests keeps.
const recorded = 16 << 10

// call is one request on its way through the API.
type call struct {
	http *http.Request
	// who calls, for which account. Err says why that is not known.
	who    credential
	err    error
	tenant *tenant.Tenant
	route  route
	// path holds the values of the route's :names.
	path map[string]string
	// query has the names without a trailing [].
	query url.Values
	body  []byte
	// form is what a multipart body carried; nil for others.
	form *multipart.Form
	// as is the user of perform_as; empty is nobody.
	as string

	api     *API
	account *account.Account
}

// read takes in a request without judging it yet.
func (a *API) read(r *http.Request) *call {
	c := &call{http: r, api: a, query: plainNames(r.URL.Query())}
	if c.who, c.err = a.identify(r); c.err == nil {
		c.tenant, c.err = a.cfg.Tenants.Find(c.who.account)
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil || len(body) > maxBody {
		c.err = errors.Join(c.err, account.Invalid("the body cannot be read, or is longer than %d bytes", maxBody))
		return c
	}
	c.body = body
	return c
}

// plainNames turns both forms of array parameters, name and name[], into one.
func plainNames(values url.Values) url.Values {
	plain := url.Values{}
	for name, list := range values {
		name = strings.TrimSuffix(name, "[]")
		plain[name] = append(plain[name], list...)
	}
	return plain
}

func (c *call) accountID() string {
	if c.tenant == nil {
		return ""
	}
	return c.tenant.ID()
}

// text is the part of a JSON body that is recorded.
func (c *call) text() string {
	if kind, _, _ := c.contentType(); kind != "application/json" {
		return ""
	}
	return string(c.body[:min(len(c.body), recorded)])
}

func (c *call) contentType() (string, map[string]string, error) {
	kind := c.http.Header.Get("Content-Type")
	if kind == "" && len(c.body) > 0 {
		return "application/json", nil, nil
	}
	return mime.ParseMediaType(kind)
}

// admit lets a call through to its endpoint, or says why not.
func (a *API) admit(c *call) error {
	if c.err != nil {
		return c.err
	}
	if !a.buckets.take(c.who.bucket, a.cfg.Now()) {
		return tooMany()
	}
	if err := a.find(c); err != nil {
		return err
	}
	if err := c.readForm(); err != nil {
		return err
	}
	a.watch(c)
	return c.performAs()
}

// find finds the call's endpoint and whether it may be called.
func (a *API) find(c *call) error {
	path := strings.TrimPrefix(c.http.URL.EscapedPath(), Prefix)
	var ok bool
	if c.route, c.path, ok = a.routes.match(c.http.Method, path); !ok {
		return &account.Error{Status: http.StatusNotFound, Code: "ResourceNotFound", Message: c.http.URL.Path + " does not exist"}
	}
	if !c.who.may(c.route.right(), c.route.scope) {
		return account.Forbidden("The credential may not call %s.", c.route.right())
	}
	return nil
}

// readForm parses a multipart body.
func (c *call) readForm() error {
	kind, params, err := c.contentType()
	if err != nil || kind != "multipart/form-data" {
		// Another body, or none, is for decode to judge.
		return nil
	}
	c.form, err = multipart.NewReader(bytes.NewReader(c.body), params["boundary"]).ReadForm(maxBody)
	if err != nil {
		return account.Invalid("the multipart body cannot be read")
	}
	c.form.Value = plainNames(c.form.Value)
	return nil
}

// performAs reads who the call is attributed to. It is a user's id; it gives no
// rights.
func (c *call) performAs() error {
	id := c.query.Get("perform_as")
	if id == "" {
		if c.route.acts == required {
			return account.Invalid("perform_as is required")
		}
		return nil
	}
	c.as = id
	return c.tenant.Do(func(acc *account.Account) error {
		if _, err := acc.User(id); err != nil {
			return account.Invalid("perform_as: user %s was not found", id)
		}
		return nil
	})
}

// watch records every id of another account that the call names.
func (a *API) watch(c *call) {
	for _, id := range c.named() {
		if owner := a.cfg.Tenants.OwnerOf(c.tenant, id); owner != nil {
			a.cfg.Tenants.Violate(tenant.Violation{
				At: a.cfg.Now().UnixMilli(), Method: c.http.Method, Path: c.http.URL.Path,
				Account: c.tenant.ID(), Credential: c.who.id, Object: id, Owner: owner.ID(),
			})
		}
	}
}

// named are all texts in the form of an id that the call carries.
func (c *call) named() []string {
	var ids []string
	note := func(s string) {
		if len(s) == 36 && strings.Count(s, "-") == 4 {
			ids = append(ids, s)
		}
	}
	for _, v := range c.path {
		note(v)
	}
	lists := []map[string][]string{c.query}
	if c.form != nil {
		lists = append(lists, c.form.Value)
	}
	for _, list := range lists {
		for _, values := range list {
			for _, v := range values {
				note(v)
			}
		}
	}
	var body any
	// A body that is no JSON names nothing.
	if json.Unmarshal(c.body, &body) == nil {
		walk(body, note)
	}
	return ids
}

// walk calls note with every string in a JSON value.
func walk(value any, note func(string)) {
	switch v := value.(type) {
	case string:
		note(v)
	case []any:
		for _, x := range v {
			walk(x, note)
		}
	case map[string]any:
		for _, x := range v {
			walk(x, note)
		}
	}
}

// decode reads a JSON body. Members that are not known are ignored, as at Lever.
func (c *call) decode(into any) error {
	if len(bytes.TrimSpace(c.body)) == 0 {
		return account.Invalid("the body is missing")
	}
	err := json.Unmarshal(c.body, into)
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind):
		return account.Invalid("%s is not of the type %s", kind.Field, kind.Type)
	case err != nil:
		return account.Invalid("the body is not JSON")
	}
	return nil
}

// file is the one file of a multipart body with the field's name.
func (c *call) file(field string) (account.Blob, error) {
	if c.form == nil || len(c.form.File[field]) == 0 {
		return account.Blob{}, account.Invalid("a multipart body with the file %q is required", field)
	}
	return open(c.form.File[field][0])
}

func open(h *multipart.FileHeader) (account.Blob, error) {
	f, err := h.Open()
	if err != nil {
		return account.Blob{}, err
	}
	defer f.Close()
	content, err := io.ReadAll(f)
	return account.Blob{Name: h.Filename, Content: content}, err
}

// opportunity is the one in the path. Confidential ones are refused to
// credentials without the right.
func (c *call) opportunity() (*account.Opportunity, error) {
	o, err := c.account.Opportunity(c.path["opportunity"])
	if err == nil && o.Confidential && !c.who.confidential {
		return nil, account.Forbidden("opportunity %s is confidential", o.ID)
	}
	return o, err
}

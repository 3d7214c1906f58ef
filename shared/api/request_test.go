package api_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"fulcrum/shared/api"
	"fulcrum/shared/store"
)

func TestBodiesAreReadStrictly(t *testing.T) {
	type inner struct {
		N int `json:"n"`
	}
	type body struct {
		A     string         `json:"a"`
		B     bool           `json:"b"`
		L     []string       `json:"l"`
		F     float64        `json:"f"`
		Inner inner          `json:"inner"`
		M     map[string]int `json:"m"`
	}
	tests := map[string]struct{ text, want string }{
		"what it has to be":         {`{"a":"x","inner":{"n":1}}`, ""},
		"with space around":         {" {\n} \n", ""},
		"nothing":                   {"", "The body is empty; it has to be JSON."},
		"only space":                {" \n", "The body is empty; it has to be JSON."},
		"cut off":                   {`{"a":`, "The body is not the JSON that this route takes."},
		"two values":                {`{} {}`, "The body has more than one JSON value."},
		"one and a half":            {`{}x`, "The body has more than one JSON value."},
		"another kind of body":      {`[]`, "The body has to be an object."},
		"a name of no member":       {`{"c":1}`, "c is no member of this request"},
		"a long name of no member":  {`{"` + strings.Repeat("c", 64) + `":1}`, "The body is not the JSON that this route takes."},
		"a string that is a number": {`{"a":1}`, "a has to be a string"},
		"a bool that is a string":   {`{"b":"true"}`, "b has to be true or false"},
		"a list that is an object":  {`{"l":{}}`, "l has to be a list"},
		"a number that is a string": {`{"f":"1"}`, "f has to be a number"},
		"an object that is a list":  {`{"inner":[]}`, "inner has to be an object"},
		"a member of a member":      {`{"inner":{"n":"1"}}`, "inner.n has to be a whole number"},
		"a part of a number":        {`{"inner":{"n":1.5}}`, "inner.n has to be a whole number"},
		"a map that is a list":      {`{"m":[]}`, "m has to be an object"},
		"very deep":                 {strings.Repeat("[", 20_000), "The body is not the JSON that this route takes."},
		"very long":                 {`{"a":"` + strings.Repeat("x", 1<<20) + `"}`, "The body is longer than 1 MiB."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for _, encoded := range []bool{false, true} {
				r := &api.Request{}
				r.Body = tt.text
				if encoded {
					r.Body, r.IsBase64Encoded = base64.StdEncoding.EncodeToString([]byte(tt.text)), true
				}
				var b body
				err := api.Decode(r, &b)
				if got := text(err); got != tt.want {
					t.Errorf("%q, want %q", got, tt.want)
				}
			}
		})
	}
	r := &api.Request{}
	r.Body, r.IsBase64Encoded = "%", true
	if got := text(api.Decode(r, &body{})); got != "The body cannot be read." {
		t.Errorf("%q for what is no base64", got)
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// asked is a request with a query.
func asked(query map[string]string) *api.Request {
	r := &api.Request{}
	r.QueryStringParameters = query
	return r
}

func TestPaging(t *testing.T) {
	tests := map[string]struct {
		limit, cursor string
		want          store.Paging
		problem       string
	}{
		"none":              {"", "", store.Paging{}, ""},
		"both":              {"7", "abc", store.Paging{Limit: 7, Cursor: "abc"}, ""},
		"the most":          {"100", "", store.Paging{Limit: 100}, ""},
		"more than that":    {"101", "", store.Paging{}, "limit has to be 1 to 100"},
		"none at all":       {"0", "", store.Paging{}, "limit has to be 1 to 100"},
		"fewer":             {"-1", "", store.Paging{}, "limit has to be 1 to 100"},
		"a word":            {"all", "", store.Paging{}, "limit has to be 1 to 100"},
		"a number too long": {"100000000000000000000", "", store.Paging{}, "limit has to be 1 to 100"},
		"a cursor too long": {"", strings.Repeat("x", 1025), store.Paging{}, store.ErrCursor.Error()},
	}
	for name, tt := range tests {
		got, err := api.Paging(asked(map[string]string{"limit": tt.limit, "cursor": tt.cursor}))
		if text(err) != tt.problem || err == nil && got != tt.want {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestFilters(t *testing.T) {
	of := func(name, value string) *api.Request { return asked(map[string]string{name: value}) }
	for value, want := range map[string]string{"": "[]", "a": "[a]", "b,a": "[b a]", "c": "state has to be of a, b", "a,": "state has to be of a, b", "A": "state has to be of a, b", "a, b": "state has to be of a, b"} {
		got, err := api.OneOf(of("state", value), "state", "a", "b")
		if err == nil && fmt.Sprint(got) != want || err != nil && err.Error() != want {
			t.Errorf("OneOf %q: %v, %v", value, got, err)
		}
	}
	for value, want := range map[string]int64{
		"": 0, "2026-11-21T12:00:00Z": 1795262400000, "2026-11-21T12:00:00.123Z": 1795262400123, "2026-11-21T13:00:00+01:00": 1795262400000,
		"2026-11-21T13:00:00 01:00": -1, "2026-11-21": -1, "1795262400000": -1, "1969-12-31T23:59:59Z": -1, "0000-01-01T00:00:00Z": -1, "now": -1,
	} {
		got, err := api.Time(of("since", value), "since")
		if (want < 0) != (err != nil) || err == nil && int64(got) != want {
			t.Errorf("Time %q: %d, %v", value, got, err)
		}
	}
	for value, ok := range map[string]bool{"": true, "lever_forbids": true, "a1": true, "A": false, "a-b": false, "a#b": false, strings.Repeat("a", 65): false, "ä": false} {
		got, err := api.Word(of("reason", value), "reason")
		if ok != (err == nil) || ok && got != value {
			t.Errorf("Word %q: %q, %v", value, got, err)
		}
	}
	if err := api.Only(of("state", "x"), "state", "limit"); err != nil {
		t.Errorf("a parameter of the route: %v", err)
	}
	if got := text(api.Only(of("stat", "x"), "state", "limit")); got != "stat is no parameter of this route" {
		t.Errorf("%q", got)
	}
	if got := text(api.Only(of(strings.Repeat("x", 100), ""))); len(got) > 100 {
		t.Errorf("%q", got)
	}
}

func TestIfMatch(t *testing.T) {
	for header, want := range map[string]string{
		"": "0 false", "*": "0 false", `"7"`: "7 true", ` "7" `: "7 true", `"9223372036854775807"`: "9223372036854775807 true",
		`7`: "412", `W/"7"`: "412", `"7", "8"`: "412", `"x"`: "412", `""`: "412", `"0"`: "412", `"-1"`: "412", "`7`": "412", `"7`: "412",
	} {
		r := &api.Request{}
		r.Headers = map[string]string{"if-match": header}
		version, ok, err := api.IfMatch(r)
		got := fmt.Sprint(version, ok)
		var p *api.Problem
		if errors.As(err, &p) {
			got = fmt.Sprint(p.Status)
		}
		if got != want {
			t.Errorf("%s: %s, want %s", header, got, want)
		}
	}
}

func TestIdempotencyKeys(t *testing.T) {
	long := strings.Repeat("k", 255)
	for header, want := range map[string]string{
		"": "", "k-1": "k-1", `"k-1"`: "k-1", `"k`: `"k`, `""`: "", long: long, `"` + long + `"`: long,
		long + "k": "no", "k 1": "no", "k\n": "no", "schlüssel": "no", "\x7f": "no",
	} {
		r := &api.Request{}
		r.Headers = map[string]string{"idempotency-key": header}
		got, err := api.IdempotencyKey(r)
		if err != nil {
			got = "no"
		}
		if got != want {
			t.Errorf("%q: %q, want %q", header, got, want)
		}
	}
}

// No body makes the door panic, and what it refuses is told without the body.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`{"a":"x"}`, `{"a":1}`, `[1]`, `{"secret-value":1}`, "\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		r := &api.Request{}
		r.Body = body
		var v struct {
			A string `json:"a"`
		}
		err := api.Decode(r, &v)
		var p *api.Problem
		if err != nil && !errors.As(err, &p) {
			t.Errorf("%v is no problem", err)
		}
		if err == nil && !json.Valid([]byte(body)) {
			t.Errorf("%q is taken", body)
		}
	})
}

// oneConnection is a table of a partner's one connection.
type oneConnection store.Connection

func (o oneConnection) Connection(_ context.Context, id string) (store.Connection, error) {
	if id != o.ID {
		return store.Connection{}, store.ErrNotFound
	}
	return store.Connection(o), nil
}

func TestAConnectionIsFoundByItsPartnerAtItsRoutesOnly(t *testing.T) {
	table := oneConnection{ID: "6f1c0d5e-8a52-4d0c-9d0e-3a9a2f0b7c11", Partner: "evidenced"}
	tests := map[string]struct {
		partner, route, id string
		want               bool
	}{
		"a route that all have":                {"evidenced", "GET /v1/connections/{c}", table.ID, true},
		"a deeper one":                         {"evidenced", "POST /v1/connections/{c}/jobs/{id}/import", table.ID, true},
		"its partner's own route":              {"evidenced", "POST /v1/evidenced/connections/{c}/import", table.ID, true},
		"another partner's route":              {"evidenced", "GET /v1/joinedly/connections/{c}/joiners", table.ID, false},
		"another partner at the owner's route": {"joinedly", "POST /v1/evidenced/connections/{c}/import", table.ID, false},
		"another partner at its own route":     {"joinedly", "GET /v1/joinedly/connections/{c}/joiners", table.ID, false},
		"another partner at a route of all":    {"joinedly", "GET /v1/connections/{c}", table.ID, false},
		"another connection":                   {"evidenced", "GET /v1/connections/{c}", "11111111-8a52-4d0c-9d0e-3a9a2f0b7c11", false},
		"what can be no id":                    {"evidenced", "GET /v1/connections/{c}", "../x", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := &api.Request{Partner: tt.partner}
			r.RouteKey, r.PathParameters = tt.route, map[string]string{"c": tt.id}
			c, err := api.Connection(t.Context(), r, table)
			if found := err == nil && c.ID == tt.id; found != tt.want {
				t.Errorf("found %v (%v), want %v", found, err, tt.want)
			}
			if err != nil && text(err) != "There is no such connection." {
				t.Errorf("says %q", text(err))
			}
		})
	}
}

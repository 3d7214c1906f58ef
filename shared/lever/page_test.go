package lever_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"fulcrum/shared/lever"
)

func page(ids string, next string) answer {
	var items []string
	for _, id := range strings.Fields(ids) {
		items = append(items, fmt.Sprintf(`{"id":%q}`, id))
	}
	body := fmt.Sprintf(`{"data":[%s],"hasNext":%t`, strings.Join(items, ","), next != "")
	if next != "" {
		body += fmt.Sprintf(`,"next":%q`, next)
	}
	return ok(body + "}")
}

const token = `%5B3%2C1491435120000%2C%225599cc20%22%5D`

func TestPaging(t *testing.T) {
	forgotten := answer{status: 400, body: `{"code":"BadRequest","message":"Invalid offset token"}`}
	tests := map[string]struct {
		list []answer
		ids  string
		asks int
		err  error
	}{
		"one page":                                 {list: []answer{page("a b", "")}, ids: "a b", asks: 1},
		"an empty list":                            {list: []answer{page("", "")}, ids: "", asks: 1},
		"a list without paging members":            {list: []answer{ok(`{"data":[{"id":"a"}]}`)}, ids: "a", asks: 1},
		"an object instead of a list":              {list: []answer{ok(`{"data":{"id":"a"}}`)}, ids: "a", asks: 1},
		"several pages":                            {list: []answer{page("a b", token), page("c", "n2"), page("d", "")}, ids: "a b c d", asks: 3},
		"a next that hasNext denies":               {list: []answer{ok(`{"data":[{"id":"a"}],"hasNext":false,"next":"x"}`)}, ids: "a", asks: 1},
		"an offset that Lever forgot begins anew":  {list: []answer{page("a", token), forgotten, page("a", token), page("b", "")}, ids: "a a b", asks: 4},
		"an offset that is always forgotten fails": {list: []answer{page("a", token), forgotten, page("a", token), forgotten, page("a", token), forgotten, page("a", token), forgotten}, ids: "a a a a", asks: 8, err: errors.New("any")},
		"an offset that repeats ends the list":     {list: []answer{page("a", token), page("b", token)}, ids: "a b", asks: 2, err: lever.ErrEndless},
		"an object without data is no list":        {list: []answer{ok(`{}`)}, asks: 3, err: errors.New("any")},
		"null is no list":                          {list: []answer{ok(`{"data":null}`)}, asks: 3, err: errors.New("any")},
		"an object without id is no item":          {list: []answer{ok(`{"data":{}}`)}, asks: 3, err: errors.New("any")},
		"an end that is none fails":                {list: []answer{ok(`{"data":[{"id":"a"}],"hasNext":true}`)}, asks: 3, err: errors.New("any")},
		"a bare list":                              {list: []answer{ok(`[{"id":"a"}]`)}, ids: "a", asks: 1},
		"an error in the middle":                   {list: []answer{page("a", token), {status: 403}}, ids: "a", asks: 2, err: errors.New("any")},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, a := client(t, tt.list...)
				users, err := lever.Collect(c.Users(t.Context(), lever.UserFilter{}))
				var ids []string
				for _, u := range users {
					ids = append(ids, u.ID)
				}
				if got := strings.Join(ids, " "); got != tt.ids || len(a.asks) != tt.asks {
					t.Errorf("%q in %d calls, want %q in %d", got, len(a.asks), tt.ids, tt.asks)
				}
				if (err == nil) != (tt.err == nil) || tt.err == lever.ErrEndless && !errors.Is(err, lever.ErrEndless) {
					t.Errorf("error %v, want %v", err, tt.err)
				}
			})
		})
	}
}

func TestAnOffsetIsEncodedOnceMore(t *testing.T) {
	c, a := client(t, page("a", token), page("b", ""))
	if _, err := lever.Collect(c.Users(t.Context(), lever.UserFilter{})); err != nil {
		t.Fatal(err)
	}
	if got := a.asks[1].URL.RawQuery; got != "limit=100&offset=%255B3%252C1491435120000%252C%25225599cc20%2522%255D" {
		t.Errorf("asked ?%s", got)
	}
}

func TestAWalkCanBeLeft(t *testing.T) {
	c, a := client(t, page("a b", token), page("c", ""))
	for u, err := range c.Users(t.Context(), lever.UserFilter{}) {
		if err != nil || u.ID != "a" {
			t.Errorf("%v, %v", u, err)
		}
		break
	}
	if len(a.asks) != 1 {
		t.Errorf("%d calls for one item", len(a.asks))
	}
}

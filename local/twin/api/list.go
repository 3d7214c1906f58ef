package api

import (
	"cmp"
	"encoding/json"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"fulcrum/local/twin/account"
)

// maxLimit is the longest page, and the default.
const maxLimit = 100

// limit reads how many objects a page may have.
func (c *call) limit() (int, error) {
	text := c.query.Get("limit")
	if text == "" {
		return maxLimit, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxLimit {
		return 0, account.Invalid("limit is from 1 to %d", maxLimit)
	}
	return n, nil
}

// offset reads where a page begins; nil is the beginning.
func (c *call) offset() (*account.Position, error) {
	token := c.query.Get("offset")
	if token == "" {
		return nil, nil
	}
	p, ok := parseToken(token)
	if !ok || !c.api.offsets.valid(c.listID(), token, c.api.cfg.Now()) {
		return nil, account.Invalid("Invalid offset token")
	}
	return &p, nil
}

// listID names the list that an offset belongs to.
func (c *call) listID() string { return c.tenant.ID() + c.http.URL.Path }

// page is the answer with one page of a list. Next is where the following page
// begins; it is absent on the last one.
func (c *call) page(objects any, next *account.Position) answer {
	e := envelope{Data: objects, HasNext: new(next != nil)}
	if next != nil {
		e.Next = formatToken(*next)
		c.api.offsets.issue(c.listID(), e.Next, c.api.cfg.Now())
	}
	return answer{status: http.StatusOK, body: e}
}

// formatToken prints a place in a list the way Lever does: percent-encoded JSON
// of the stage's rank, a time and an id. It names the first object of the page
// to come.
func formatToken(p account.Position) string {
	id, err := json.Marshal(p.ID)
	if err != nil {
		return ""
	}
	text := "[" + strconv.FormatFloat(p.Rank, 'f', -1, 64) + "," + strconv.FormatInt(p.Time, 10) + "," + string(id) + "]"
	return url.QueryEscape(text)
}

// parseToken is the reverse; it takes only what formatToken prints.
func parseToken(token string) (account.Position, bool) {
	text, err := url.QueryUnescape(token)
	if err != nil {
		return account.Position{}, false
	}
	var p account.Position
	if err := json.Unmarshal([]byte(text), &[]any{&p.Rank, &p.Time, &p.ID}); err != nil || math.IsInf(p.Rank, 0) {
		return account.Position{}, false
	}
	return p, formatToken(p) == token
}

// offsets remembers which tokens were handed out. Lever's expire after a time
// that is not published.
type offsets struct {
	life time.Duration

	mu     sync.Mutex
	issued map[string]time.Time
}

// enough is how many tokens are kept before the old ones are looked for.
const enough = 10_000

func (o *offsets) issue(list, token string, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.issued) > enough {
		for k, at := range o.issued {
			if now.Sub(at) > o.life {
				delete(o.issued, k)
			}
		}
	}
	o.issued[list+" "+token] = now
}

func (o *offsets) valid(list, token string, now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	at, ok := o.issued[list+" "+token]
	return ok && now.Sub(at) <= o.life
}

// listed is an object of a list that is ordered by time and id.
type listed struct {
	at     int64
	id     string
	object any
}

// list is the answer with a page of objects, oldest first.
func (c *call) list(objects []listed) (answer, error) {
	limit, err := c.limit()
	if err != nil {
		return answer{}, err
	}
	from, err := c.offset()
	if err != nil {
		return answer{}, err
	}
	slices.SortStableFunc(objects, func(x, y listed) int { return cmp.Or(cmp.Compare(x.at, y.at), cmp.Compare(x.id, y.id)) })
	if from != nil {
		objects = slices.DeleteFunc(objects, func(x listed) bool {
			return cmp.Or(cmp.Compare(x.at, from.Time), cmp.Compare(x.id, from.ID)) < 0
		})
	}
	var next *account.Position
	if len(objects) > limit {
		next = &account.Position{Time: objects[limit].at, ID: objects[limit].id}
		objects = objects[:limit]
	}
	page := make([]any, len(objects))
	for i, x := range objects {
		page[i] = x.object
	}
	shaped, err := c.shape(page)
	return c.page(shaped, next), err
}

// listAll is list for objects whose place says as.
func listAll[T any](c *call, objects []T, as func(T) listed) (answer, error) {
	all := make([]listed, len(objects))
	for i, x := range objects {
		all[i] = as(x)
	}
	return c.list(all)
}

// whole is the answer with a list in the account's own order, which is short
// and comes in one piece.
func whole[T any](c *call, objects []T) (answer, error) {
	page := make([]any, len(objects))
	for i, x := range objects {
		page[i] = x
	}
	shaped, err := c.shape(page)
	return c.page(shaped, nil), err
}

// span reads a range of times out of two parameters.
func (c *call) span(name string) (account.Range, error) {
	from, err := c.millis(name + "_start")
	if err != nil {
		return account.Range{}, err
	}
	to, err := c.millis(name + "_end")
	return account.Range{From: from, To: to}, err
}

func (c *call) millis(name string) (*int64, error) {
	text := c.query.Get(name)
	if text == "" {
		return nil, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, account.Invalid("%s is not a time in milliseconds", name)
	}
	return &n, nil
}

// flag reads a parameter that is true or false; nil is neither.
func (c *call) flag(name string) (*bool, error) {
	switch c.query.Get(name) {
	case "", "both":
		return nil, nil
	case "true":
		return new(true), nil
	case "false":
		return new(false), nil
	}
	return nil, account.Invalid("%s is true or false", name)
}

// seen reads which objects a list may show: confidential ones only if they are
// asked for, and if the credential has the right.
func (c *call) seen() (confidential, others bool, err error) {
	switch c.query.Get("confidentiality") {
	case "", "non-confidential":
		return false, true, nil
	case "confidential":
		return c.who.confidential, false, nil
	case "all":
		return c.who.confidential, true, nil
	}
	return false, false, account.Invalid("confidentiality is all, confidential or non-confidential")
}

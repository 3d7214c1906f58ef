package api

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"fulcrum/local/twin/account"
)

// Fault makes the next calls that match fail.
type Fault struct {
	// Match is a method and a path such as "GET /v1/opportunities/*"; a * stands
	// for anything, slashes included.
	Match string `json:"match"`
	// Account restricts it to the calls of one account's credentials.
	Account string `json:"account,omitempty"`
	// Status other than 0 is answered instead of applying the call.
	Status int `json:"status,omitempty"`
	// DelayMS is waited before anything else.
	DelayMS int `json:"delayMs,omitempty"`
	// DropAnswer applies the call and cuts the connection instead of answering.
	DropAnswer bool `json:"dropAnswer,omitempty"`
	// Times is how many calls are hit; below zero is all.
	Times int `json:"times"`
}

// Hits reports whether the fault does anything.
func (f Fault) Hits() bool { return f.Match != "" }

// wait holds the call back. A caller that does not wait as long has its call
// applied all the same, as on a server that is slow; closing ends the wait.
func (f Fault) wait(closed <-chan struct{}) {
	if f.DelayMS <= 0 {
		return
	}
	timer := time.NewTimer(time.Duration(f.DelayMS) * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-closed:
	}
}

// answer is what is answered instead of applying the call; status 0 is nothing.
func (f Fault) answer() (int, []byte, http.Header) {
	header := http.Header{"Content-Type": {"application/json; charset=utf-8"}}
	if f.Status == 0 {
		return 0, nil, header
	}
	text := http.StatusText(f.Status)
	body, err := json.Marshal(account.Error{Code: strings.ReplaceAll(text, " ", "") + "Error", Message: text})
	if err != nil {
		body = []byte("{}")
	}
	return f.Status, body, header
}

// Faults are the faults that are still to happen. They are safe for concurrent
// use.
type Faults struct {
	closed <-chan struct{}

	mu   sync.Mutex
	list []*Fault
}

// NewFaults makes an empty list. Delays end when closed is.
func NewFaults(closed <-chan struct{}) *Faults { return &Faults{closed: closed} }

func (f Fault) check() error {
	method, path, _ := strings.Cut(f.Match, " ")
	if method == "" || !strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "*") {
		return account.Invalid(`match is a method and a path, such as "GET /v1/opportunities/*"`)
	}
	switch {
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		return account.Invalid("status is from 200 to 599")
	case f.DelayMS < 0:
		return account.Invalid("delayMs is not negative")
	case f.Times == 0:
		return account.Invalid("times is how many calls are hit, below zero for all")
	case f.Status == 0 && f.DelayMS == 0 && !f.DropAnswer:
		return account.Invalid("a fault has at least one of status, delayMs and dropAnswer")
	}
	return nil
}

// Inject adds a fault behind those that are there.
func (f *Faults) Inject(x Fault) error {
	if err := x.check(); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, &x)
	return nil
}

// Heal removes all faults.
func (f *Faults) Heal() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = nil
}

// List is what is still to happen.
func (f *Faults) List() []Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := []Fault{}
	for _, x := range f.list {
		list = append(list, *x)
	}
	return list
}

// take is the first fault that matches the call, or none.
func (f *Faults) take(call, accountID string) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, x := range f.list {
		if !wildcard(x.Match, call) || x.Account != "" && x.Account != accountID {
			continue
		}
		hit := *x
		if x.Times > 0 {
			x.Times--
		}
		if x.Times == 0 {
			f.list = slices.Delete(f.list, i, i+1)
		}
		return hit
	}
	return Fault{}
}

// wildcard reports whether s is of the pattern, in which * is any text.
func wildcard(pattern, s string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == s
	}
	rest, ok := strings.CutPrefix(s, parts[0])
	if !ok {
		return false
	}
	for _, part := range parts[1 : len(parts)-1] {
		at := strings.Index(rest, part)
		if at < 0 {
			return false
		}
		rest = rest[at+len(part):]
	}
	return strings.HasSuffix(rest, parts[len(parts)-1])
}

// Handler applies faults to another handler, one that is not under /v1.
func (f *Faults) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := f.take(r.Method+" "+r.URL.Path, "")
		x.wait(f.closed)
		if status, body, header := x.answer(); status != 0 {
			w.Header().Set("Content-Type", header.Get("Content-Type"))
			w.WriteHeader(status)
			w.Write(body)
			return
		}
		if !x.DropAnswer {
			next.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(&lost{header: http.Header{}}, r)
		cut()
	})
}

// cut ends the connection without an answer, in the way that net/http documents
// for handlers.
func cut() { panic(http.ErrAbortHandler) }

// lost is an answer that nobody gets.
type lost struct{ header http.Header }

func (l *lost) Header() http.Header         { return l.header }
func (l *lost) Write(b []byte) (int, error) { return len(b), nil }
func (l *lost) WriteHeader(int)             {}

package tenant

import (
	"slices"
	"sync"
)

// logLength is how many requests of an account are remembered.
const logLength = 20_000

// Request is what was asked of the API and how it was answered.
type Request struct {
	// At is when the answer was ready, in milliseconds.
	At     int64  `json:"at"`
	Method string `json:"method"`
	Path   string `json:"path"`
	Query  string `json:"query,omitempty"`
	// Body is what a JSON request carried, cut after 16 KB.
	Body string `json:"body,omitempty"`
	// Credential is the id of the API key or of the OAuth app; empty when there
	// was none that is known.
	Credential string `json:"credential,omitempty"`
	PerformAs  string `json:"performAs,omitempty"`
	Status     int    `json:"status"`
	// Code is the code of an error.
	Code string `json:"code,omitempty"`
	// Fault says that the answer, or its loss, was ordered by a fault.
	Fault bool `json:"fault,omitempty"`
}

// Log remembers requests. It is safe for concurrent use.
type Log struct {
	mu    sync.Mutex
	count int
	list  []Request
}

// Add remembers a request and forgets what is too much.
func (l *Log) Add(r Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count++
	l.list = append(l.list, r)
	if len(l.list) >= 2*logLength {
		l.list = slices.Clone(l.list[len(l.list)-logLength:])
	}
}

// List is the last 20,000 requests, oldest first.
func (l *Log) List() []Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.list[max(0, len(l.list)-logLength):])
}

// Count is how many requests there were, those forgotten included.
func (l *Log) Count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.count
}

// Violation is a credential of one account that asked for an object of another.
type Violation struct {
	At     int64  `json:"at"`
	Method string `json:"method"`
	Path   string `json:"path"`
	// Account and Credential are whose call it was; Object and Owner what was
	// asked for and whose that is.
	Account    string `json:"account"`
	Credential string `json:"credential"`
	Object     string `json:"object"`
	Owner      string `json:"owner"`
}

// OwnerOf is the account other than t that knows the id; nil when t knows it
// itself or nobody does.
func (r *Registry) OwnerOf(t *Tenant, id string) *Tenant {
	if t.knows(id) {
		return nil
	}
	for _, other := range r.All() {
		if other != t && other.knows(id) {
			return other
		}
	}
	return nil
}

// Violate remembers a violation.
func (r *Registry) Violate(v Violation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.violations = append(r.violations, v)
}

// Violations are all violations, oldest first.
func (r *Registry) Violations() []Violation {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.Clone(r.violations)
}

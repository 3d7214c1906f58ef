package aws

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"path"
	"sync"
	"time"

	"fulcrum/local/aws/wire"
	"fulcrum/shared/pause"
)

// Fault makes the next calls that match fail. Empty Service, Action or Caller
// match everything; they may hold the wildcards of path.Match.
type Fault struct {
	Service string `json:"service"`
	Action  string `json:"action"`
	Caller  string `json:"function"`
	// Status other than 0 is answered instead of applying the call, with Code.
	Status int    `json:"status"`
	Code   string `json:"code"`
	// DelayMS is waited before anything else.
	DelayMS int `json:"delayMs"`
	// DropAnswer applies the call and then cuts the connection.
	DropAnswer bool `json:"dropAnswer"`
	// Times is how many calls are hit; below zero, all.
	Times int `json:"times"`
}

type faults struct {
	mu   sync.Mutex
	list []*Fault
}

// Inject adds a fault behind those that are there.
func (e *Engine) Inject(f Fault) {
	e.faults.mu.Lock()
	defer e.faults.mu.Unlock()
	e.faults.list = append(e.faults.list, &f)
}

// Heal removes all faults.
func (e *Engine) Heal() {
	e.faults.mu.Lock()
	defer e.faults.mu.Unlock()
	e.faults.list = nil
}

// ServeFaults takes POST with a Fault as JSON, and DELETE, which heals.
func (e *Engine) ServeFaults(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodDelete:
		e.Heal()
	case http.MethodPost:
		f := Fault{Times: 1}
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&f); err != nil {
			http.Error(w, "a fault is a JSON object: "+err.Error(), http.StatusBadRequest)
			return
		}
		e.Inject(f)
	default:
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// take is the first fault that matches and still counts, or the empty one.
func (f *faults) take(c *wire.Call) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, x := range f.list {
		if x.Times == 0 || !matches(x.Service, c.Service) || !matches(x.Action, c.Action) || !matches(x.Caller, c.Caller) {
			continue
		}
		if x.Times > 0 {
			x.Times--
		}
		return *x
	}
	return Fault{}
}

func matches(pattern, s string) bool {
	if pattern == "" {
		return true
	}
	ok, err := path.Match(pattern, s)
	return ok && err == nil
}

func (f Fault) before(ctx context.Context) error {
	if f.DelayMS > 0 && !pause.For(ctx, time.Duration(f.DelayMS)*time.Millisecond) {
		return &cutError{}
	}
	if f.Status != 0 {
		code := f.Code
		if code == "" {
			code = "InternalServerError"
		}
		return &wire.Error{Code: code, Message: "fault on demand", Status: f.Status}
	}
	return nil
}

// odds are the chances, in one call, of what a hostile engine does.
var odds = map[string]float64{
	wire.Reorder: 0.2, wire.Twice: 0.1, wire.StaleIndex: 0.3, wire.Conflict: 0.05,
	wire.Throttle: 0.02, wire.Fail: 0.02, wire.LoseAnswer: 0.02,
}

// Mood is a hostile mood. It can be calmed for a while, as long as a test sets
// things up or looks at what became of them.
type Mood struct {
	mu   sync.Mutex
	rng  *rand.Rand
	calm bool
}

// NewMood is a hostile mood: standard queues reorder and deliver twice, indexes
// lag, transactions conflict, calls are throttled, fail, or lose their answers.
// The same seed strikes in the same places of the same sequence of calls.
func NewMood(seed uint64) *Mood {
	return &Mood{rng: rand.New(rand.NewPCG(seed, seed))}
}

// Strikes reports whether the rare thing of that kind happens this time.
func (m *Mood) Strikes(kind string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return !m.calm && m.rng.Float64() < odds[kind]
}

// Calm has nothing strike from now on, or ends that.
func (m *Mood) Calm(calm bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calm = calm
}

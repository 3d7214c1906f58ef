// Package sandbox is a partner on this machine: it receives the bundle's
// deliveries, verifies their signature with a Standard Webhooks library that is
// not ours, and keeps them, each once by its webhook-id however often it is sent.
//
//	POST /deliveries/{partner}                        the endpoint of a partner
//	GET  /_sandbox/deliveries?partner=&connection=    what has arrived, oldest first
//	POST /_sandbox/faults                             makes the next deliveries fail
//	DELETE /_sandbox/faults                           and no more
//	GET  /_sandbox/mail?to=                           e-mail that the bundle sent, oldest first
package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"fulcrum/local/aws/ses"
	"fulcrum/local/keep"
	"fulcrum/shared/pause"
)

// maxBody is more than any document has.
const maxBody = 1 << 20

// Options are what a sandbox is made of.
type Options struct {
	// Secrets are the partners' signing secrets, whsec_….
	Secrets map[string]string
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Store keeps what has arrived over restarts; nil keeps nothing.
	Store *keep.Store
	// Observe is called for every attempt, after it was answered. It may be nil.
	Observe func(Attempt)
	// Mail gives the e-mail that was sent, oldest first; nil where it goes to an
	// SES that does not show it.
	Mail func() []ses.Mail
}

// Delivery is a document that has arrived.
type Delivery struct {
	// ID is the webhook-id: the same in every attempt.
	ID         string `json:"id"`
	Partner    string `json:"partner"`
	Connection string `json:"connection"`
	Type       string `json:"type"`
	// Attempts counts how often it was sent, those that failed included.
	Attempts   int             `json:"attempts"`
	ReceivedAt time.Time       `json:"receivedAt"`
	Body       json.RawMessage `json:"body"`
}

// Attempt is one request to a partner's endpoint and how it was answered.
type Attempt struct {
	ID      string
	Partner string
	Status  int
	At      time.Time
}

// Fault makes the next deliveries to a partner fail.
type Fault struct {
	// Partner is hit; empty is every one.
	Partner string `json:"partner"`
	// Status other than 0 is answered, and the delivery is not kept.
	Status int `json:"status"`
	// DelayMS is waited before the answer.
	DelayMS int `json:"delayMs"`
	// DropAnswer keeps the delivery and then cuts the connection.
	DropAnswer bool `json:"dropAnswer"`
	// Times is how many attempts are hit; a negative number hits all until the
	// faults are taken back.
	Times int `json:"times"`
}

// Sandbox receives and keeps. It is safe for concurrent use.
type Sandbox struct {
	secrets map[string]string
	now     func() time.Time
	observe func(Attempt)
	mail    func() []ses.Mail
	mux     *http.ServeMux
	store   *keep.Store

	mu       sync.Mutex
	kept     []*Delivery
	byID     map[string]*Delivery
	attempts map[string]int
	faults   []*Fault
}

// New makes a sandbox with what its store has kept.
func New(o Options) (*Sandbox, error) {
	s := &Sandbox{
		secrets: o.Secrets, now: o.Now, observe: o.Observe, mail: o.Mail, mux: http.NewServeMux(), store: o.Store,
		byID: map[string]*Delivery{}, attempts: map[string]int{},
	}
	if s.store == nil {
		s.store = &keep.Store{}
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.observe == nil {
		s.observe = func(Attempt) {}
	}
	s.mux.HandleFunc("POST /deliveries/{partner}", s.receive)
	s.mux.HandleFunc("GET /_sandbox/deliveries", s.list)
	s.mux.HandleFunc("POST /_sandbox/faults", s.inject)
	s.mux.HandleFunc("DELETE /_sandbox/faults", s.heal)
	s.mux.HandleFunc("GET /_sandbox/mail", s.listMail)
	return s, s.load()
}

// bucket has the deliveries by their place in the list.
const bucket = "deliveries"

func (s *Sandbox) load() error {
	return s.store.Load(bucket, func(_ string, value []byte) error {
		d := &Delivery{}
		if err := json.Unmarshal(value, d); err != nil {
			return fmt.Errorf("read kept deliveries: %w", err)
		}
		s.kept = append(s.kept, d)
		s.byID[d.ID], s.attempts[d.ID] = d, d.Attempts
		return nil
	})
}

// ServeHTTP answers one request.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// receive answers 401 to what does not verify: it is not kept.
func (s *Sandbox) receive(w http.ResponseWriter, r *http.Request) {
	attempt := Attempt{ID: r.Header.Get(standardwebhooks.HeaderWebhookID), Partner: r.PathValue("partner"), At: s.now()}
	defer func() { s.observe(attempt) }()
	body, err := s.verified(r)
	if err != nil {
		attempt.Status = http.StatusUnauthorized
		writeJSON(w, attempt.Status, map[string]string{"error": err.Error()})
		return
	}
	fault := s.count(attempt)
	if fault.DelayMS > 0 {
		pause.For(r.Context(), time.Duration(fault.DelayMS)*time.Millisecond)
	}
	if fault.Status != 0 {
		attempt.Status = fault.Status
		w.WriteHeader(fault.Status)
		return
	}
	if err := s.keep(attempt, body); err != nil {
		attempt.Status = http.StatusBadRequest
		writeJSON(w, attempt.Status, map[string]string{"error": err.Error()})
		return
	}
	if fault.DropAnswer {
		panic(http.ErrAbortHandler)
	}
	attempt.Status = http.StatusNoContent
	w.WriteHeader(attempt.Status)
}

func (s *Sandbox) verified(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return nil, fmt.Errorf("read delivery: %w", err)
	}
	secret, ok := s.secrets[r.PathValue("partner")]
	if !ok {
		return nil, errors.New("no such partner")
	}
	verifier, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		return nil, err
	}
	return body, verifier.Verify(body, r.Header)
}

// count counts the attempt and gives the fault that hits it, or the empty one.
func (s *Sandbox) count(a Attempt) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.attempts[a.ID]++
	if d, ok := s.byID[a.ID]; ok {
		d.Attempts = s.attempts[a.ID]
	}
	for _, f := range s.faults {
		if f.Times != 0 && (f.Partner == "" || f.Partner == a.Partner) {
			if f.Times > 0 {
				f.Times--
			}
			return *f
		}
	}
	return Fault{}
}

func (s *Sandbox) keep(a Attempt, body []byte) error {
	var document struct{ Type, Connection string }
	if err := json.Unmarshal(body, &document); err != nil || document.Type == "" {
		return errors.New("the body is not a document with a type")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.byID[a.ID]; known {
		return nil
	}
	d := &Delivery{
		ID: a.ID, Partner: a.Partner, Connection: document.Connection, Type: document.Type,
		Attempts: s.attempts[a.ID], ReceivedAt: a.At, Body: body,
	}
	text, err := json.Marshal(d)
	if err != nil {
		return err
	}
	if err := s.store.Save(keep.Change{Bucket: bucket, Key: fmt.Sprintf("%012d", len(s.kept)), Value: text}); err != nil {
		return err
	}
	s.byID[a.ID] = d
	s.kept = append(s.kept, d)
	return nil
}

// Deliveries are those that have arrived, oldest first, of a partner and a
// connection where these are not empty.
func (s *Sandbox) Deliveries(partner, connection string) []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []Delivery{}
	for _, d := range s.kept {
		if (partner == "" || d.Partner == partner) && (connection == "" || d.Connection == connection) {
			out = append(out, *d)
		}
	}
	return out
}

func (s *Sandbox) list(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, http.StatusOK, s.Deliveries(r.FormValue("partner"), r.FormValue("connection")))
}

// listMail answers with an empty list and the header Mail-Elsewhere where mail goes
// to another SES.
func (s *Sandbox) listMail(w http.ResponseWriter, r *http.Request) {
	found := []ses.Mail{}
	if s.mail == nil {
		w.Header().Set("Mail-Elsewhere", "true")
		writeJSON(w, http.StatusOK, found)
		return
	}
	to := r.FormValue("to")
	for _, m := range s.mail() {
		if to == "" || slices.ContainsFunc(m.To, func(one string) bool { return strings.EqualFold(one, to) }) {
			found = append(found, m)
		}
	}
	writeJSON(w, http.StatusOK, found)
}

func (s *Sandbox) inject(w http.ResponseWriter, r *http.Request) {
	f := Fault{Times: 1}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&f); err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": "a fault is a JSON object with partner, status, delayMs, dropAnswer, times"})
		return
	}
	s.Inject(f)
	w.WriteHeader(http.StatusNoContent)
}

// Inject makes the next deliveries fail.
func (s *Sandbox) Inject(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
}

// ClearFaults takes back all faults.
func (s *Sandbox) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

func (s *Sandbox) heal(w http.ResponseWriter, _ *http.Request) {
	s.ClearFaults()
	w.WriteHeader(http.StatusNoContent)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(append(text, '\n'))
}

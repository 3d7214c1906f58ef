package partnertest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/local/sandbox"
	"fulcrum/local/seed"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/boot"
	"fulcrum/shared/lever"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

// Stage is the whole bundle in this process and in virtual time, with a partner's
// demo customer: Lever's twin, the gateway, the functions, the queues, the partner
// sandbox.
type Stage struct {
	*rig.Live
	// C is the partner's connection, Account its account in the twin.
	C       seed.Connection
	Account string

	t      testing.TB
	watch  *watch
	signed int
}

// On runs f in virtual time on a stage of a partner. Afterwards it fails if a name,
// an e-mail or a phone of a person that the stage added was seen where none may be:
// in a log, in a queue, or in clear in the table.
func On(t *testing.T, partner string, f func(t *testing.T, s *Stage)) {
	t.Helper()
	rig.Some(t)
	synctest.Test(t, func(t *testing.T) {
		l := rig.NewLive(t, aws.Options{})
		c := l.Connection(t, partner)
		s := &Stage{Live: l, C: c, Account: c.Account, t: t, watch: watching(t, l)}
		f(t, s)
	})
}

// Person is somebody whom the stage added to the twin.
type Person struct {
	desk.Added
	Name, Email, Phone string
}

// Person adds somebody who is like nobody else to the customer's account, with what
// more says beside name, e-mail and phone.
func (s *Stage) Person(more desk.Candidate) Person {
	s.t.Helper()
	return s.person(s.Account, more)
}

func (s *Stage) person(account string, more desk.Candidate) Person {
	s.t.Helper()
	p := s.watch.somebody()
	more.Name, more.Email, more.Phone = p.Name, p.Email, p.Phone
	var err error
	if p.Added, err = s.Twin.AddCandidate(account, more); err != nil {
		s.t.Fatal(err)
	}
	return p
}

// Do fails the test unless an act in the twin was done: s.Do(s.Twin.Hire(…)).
func (s *Stage) Do(_ any, err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// Webhook is the connection's webhook of an event. It fails where there is none.
func (s *Stage) Webhook(event lever.Event) seed.Webhook {
	s.t.Helper()
	for _, w := range s.C.Webhooks {
		if w.Event == event {
			return w
		}
	}
	s.t.Fatalf("%s has no webhook of %s", s.C.Partner, event)
	return seed.Webhook{}
}

// Tell posts an event of Lever's to the connection's webhook, signed and new, about
// the given data, and fails unless it is taken.
func (s *Stage) Tell(event lever.Event, data any) {
	s.t.Helper()
	w := s.Webhook(event)
	if status := s.Post(w.URL, s.Signed(w, data)); status != http.StatusOK {
		s.t.Fatalf("status %d for %s", status, event)
	}
}

// Signed is a delivery of a webhook as Lever sends it, one that was never sent
// before.
func (s *Stage) Signed(w seed.Webhook, data any) string {
	s.t.Helper()
	text, err := json.Marshal(data)
	if err != nil {
		s.t.Fatal(err)
	}
	s.signed++
	token, at := fmt.Sprintf("%048x", s.signed), time.Now().UnixMilli()
	return fmt.Sprintf(`{"triggeredAt":%d,"event":%q,"data":%s,"signature":%q,"token":%q}`,
		at, w.Event, text, seed.Signature(w.SigningToken, token, at), token)
}

// Post posts a body to an address of the gateway and gives the status.
func (s *Stage) Post(url, body string) int {
	s.t.Helper()
	status, _ := s.send(http.MethodPost, url, body)
	return status
}

// Call calls the partner's side of the gateway with the partner's key: {c} in the
// path is the connection. in is sent as JSON unless it is nil, and the answer read
// into out unless that is nil.
func (s *Stage) Call(method, path string, in, out any) (status int) {
	s.t.Helper()
	return s.CallAs(s.C.PartnerAPIKey, method, strings.Replace(path, "{c}", s.C.ID, 1), in, out)
}

// CallAs calls with another key; empty is none.
func (s *Stage) CallAs(key, method, path string, in, out any) int {
	s.t.Helper()
	status, answer := s.Ask(s.t, key, method, path, in)
	if out != nil && status/100 == 2 {
		if err := json.Unmarshal(answer, out); err != nil {
			s.t.Fatalf("%s %s: %v", method, path, err)
		}
	}
	return status
}

// HealPartner ends the faults of the partner's endpoint.
func (s *Stage) HealPartner() {
	s.t.Helper()
	s.send(http.MethodDelete, rig.Partner+"/_sandbox/faults", "")
}

func (s *Stage) send(method, url, body string) (int, []byte) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := (&http.Client{Transport: s}).Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return res.StatusCode, answer
}

// Document is one that has arrived at the partner.
type Document struct {
	sandbox.Delivery
	Data json.RawMessage
}

// Arrived are the documents that have arrived at the partner for the connection and
// whose data names id, oldest first; all of them where it is empty.
func (s *Stage) Arrived(id string) []Document {
	s.t.Helper()
	var all []Document
	for _, d := range s.Sandbox.Deliveries(s.C.Partner, s.C.ID) {
		if !bytes.Contains(d.Body, []byte(id)) {
			continue
		}
		var body struct{ Data json.RawMessage }
		if err := json.Unmarshal(d.Body, &body); err != nil {
			s.t.Fatal(err)
		}
		all = append(all, Document{Delivery: d, Data: body.Data})
	}
	return all
}

// Types are the types of the documents that name id, oldest first, joined by blanks.
func (s *Stage) Types(id string) string {
	s.t.Helper()
	var all []string
	for _, d := range s.Arrived(id) {
		all = append(all, d.Type)
	}
	return strings.Join(all, " ")
}

// Ended are the states and reasons in which the connection's events have ended that
// point to an opportunity, in the order of their coming; all where it is empty. It
// fails where one has not ended.
func (s *Stage) Ended(opportunity string) []string {
	s.t.Helper()
	page, err := s.Table.Events(s.t.Context(), s.C.ID, store.Paging{})
	if err != nil {
		s.t.Fatal(err)
	}
	var all []string
	for _, e := range page.Items {
		if opportunity != "" && e.IDs.Opportunity != opportunity {
			continue
		}
		if !e.State.Ended() {
			s.t.Errorf("event %s is still %s", e.ID, e.State)
		}
		all = append([]string{strings.TrimSpace(string(e.State) + " " + string(e.Reason))}, all...)
	}
	return all
}

// Look has the opportunity looked at again, as the retry of an attention item does.
func (s *Stage) Look(event lever.Event, ids lever.IDs) {
	s.t.Helper()
	s.signed++
	e := queue.Event{
		ID: fmt.Sprintf("look-%d", s.signed), Connection: s.C.ID, Event: event, IDs: ids, Origin: string(store.FromReplay),
		TriggeredAt: lever.At(time.Now()), ReceivedAt: lever.At(time.Now()),
	}
	env := s.Env(s.t, "HubReconcile")
	queues := queue.NewSender(env.AWS("SQS", boot.Working)).Partners(env.Need("PARTNER_QUEUE_URL"))
	if err := queues.Send(s.t.Context(), s.C.Partner, e); err != nil {
		s.t.Fatal(err)
	}
	time.Sleep(time.Minute)
}

// Item is an open attention item as the partner's API shows it.
type Item struct {
	ID, Reason, About, Step string
	Details                 map[string]string
}

// Attention are the connection's open attention items.
func (s *Stage) Attention() []Item {
	s.t.Helper()
	var open struct{ Items []Item }
	if status := s.Call(http.MethodGet, "/v1/connections/{c}/attention", nil, &open); status != http.StatusOK {
		s.t.Fatalf("attention: status %d", status)
	}
	return open.Items
}

// Reasons are the reasons of the open attention items in order, joined by blanks.
func (s *Stage) Reasons() string {
	s.t.Helper()
	var all []string
	for _, a := range s.Attention() {
		all = append(all, a.Reason)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

// Retry has what every open attention item is about looked at again, and waits.
func (s *Stage) Retry() {
	s.t.Helper()
	for _, a := range s.Attention() {
		if status := s.Call(http.MethodPost, "/v1/connections/{c}/attention/"+a.ID+"/retry", nil, nil); status/100 != 2 {
			s.t.Fatalf("retry of %s: status %d", a.Reason, status)
		}
	}
	time.Sleep(time.Minute)
}

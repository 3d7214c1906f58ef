package elsewhere_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"fulcrum/local/rig"
	"fulcrum/local/sandbox"
	"fulcrum/local/seed"
	"fulcrum/local/stack"
	"fulcrum/local/twin/desk"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// patience is how long anything may take: moto does one thing after the other.
const patience = time.Minute

// bundle is a running stack.
type bundle struct {
	*stack.Stack
	*testing.T
	log *rig.Lines
}

// failures are the lines in which functions say what went wrong.
func (b bundle) failures() string {
	var all []string
	for line := range strings.Lines(b.log.String()) {
		if strings.Contains(line, `"level":"ERROR"`) || strings.Contains(line, `"level":"WARN"`) {
			all = append(all, line)
		}
	}
	return strings.Join(all[max(0, len(all)-20):], "")
}

// up runs the bundle with the binaries that are deployed, where the environment says.
func up(t *testing.T) bundle {
	t.Helper()
	named := func(name string) bool { return os.Getenv(name) != "" }
	if !slices.ContainsFunc([]string{"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_SQS", "AWS_ENDPOINT_URL_SECRETS_MANAGER"}, named) {
		t.Skip("AWS_ENDPOINT_URL names no other AWS; make elsewhere starts those that are installed")
	}
	log := &rig.Lines{}
	s, err := stack.Up(t.Context(), stack.Options{Root: rig.Root(""), Getenv: os.Getenv, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	b := bundle{s, t, log}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("the functions said:\n%s", b.failures())
		}
	})
	return b
}

// part runs a part of the test, whose failures are its own.
func (b bundle) part(name string, f func(b bundle)) {
	b.T.Run(name, func(t *testing.T) { f(bundle{b.Stack, t, b.log}) })
}

func (b bundle) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// within waits until something holds.
func (b bundle) within(what string, holds func() bool) {
	b.Helper()
	for until := time.Now().Add(patience); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		if holds() {
			return
		}
	}
	b.Fatalf("not within %v: %s", patience, what)
}

// customer is the demo connection of a partner.
func (b bundle) customer(partner string) seed.Connection {
	b.Helper()
	i := slices.IndexFunc(b.Connections, func(c seed.Connection) bool { return c.Partner == partner })
	if i < 0 {
		b.Fatalf("there is no demo connection of %s", partner)
	}
	return b.Connections[i]
}

// call makes a request of a partner's backend and reads its answer into out, unless
// that is nil. It fails unless the status is want.
func (b bundle) call(c seed.Connection, method, path string, want int, in, out any) {
	b.Helper()
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		b.must(err)
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(b.Context(), method, b.Gateway+strings.Replace(path, "{c}", c.ID, 1), body)
	b.must(err)
	req.Header.Set("Authorization", "Bearer "+c.PartnerAPIKey)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	b.must(err)
	defer res.Body.Close()
	said, err := io.ReadAll(res.Body)
	b.must(err)
	if res.StatusCode != want {
		b.Fatalf("%s %s is answered %d, want %d: %s", method, path, res.StatusCode, want, said)
	}
	if out != nil {
		b.must(json.Unmarshal(said, out))
	}
}

// settings applies a customer's settings, those that are not named as they are.
func (b bundle) settings(c seed.Connection, values map[string]any) {
	b.Helper()
	var now struct{ Version int64 }
	b.call(c, http.MethodGet, "/v1/connections/{c}/settings", http.StatusOK, nil, &now)
	b.call(c, http.MethodPut, "/v1/connections/{c}/settings", http.StatusOK, map[string]any{"version": now.Version, "values": values}, nil)
}

// person adds somebody to a customer's Lever.
func (b bundle) person(c seed.Connection, more desk.Candidate) string {
	b.Helper()
	more.Name, more.Email = "Ada Lovelace", "ada@example.com"
	added, err := b.Twin.AddCandidate(c.Account, more)
	b.must(err)
	return added.OpportunityID
}

// arrives waits until a document of a type that names id has arrived, and fails when
// there are two.
func (b bundle) arrives(c seed.Connection, typ, id string) sandbox.Delivery {
	b.Helper()
	var found []sandbox.Delivery
	b.within(typ+" arrives", func() bool {
		found = slices.DeleteFunc(b.Sandbox.Deliveries(c.Partner, c.ID), func(d sandbox.Delivery) bool {
			return d.Type != typ || !bytes.Contains(d.Body, []byte(id))
		})
		return len(found) > 0
	})
	if len(found) > 1 {
		b.Errorf("%d documents %s of one act", len(found), typ)
	}
	return found[0]
}

// post sends a body to an address of the gateway.
func (b bundle) post(address, body string) int {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, address, strings.NewReader(body))
	b.must(err)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	b.must(err)
	b.must(res.Body.Close())
	return res.StatusCode
}

// task has the clock's function do something, as an operator does, and gives what it
// says when it fails.
func (b bundle) task(name string) string {
	b.Helper()
	answer, err := b.Invoke(context.WithoutCancel(b.Context()), "HubReconcile", []byte(`{"task":"`+name+`"}`))
	b.must(err)
	if !answer.Failed {
		return ""
	}
	return string(answer.Payload)
}

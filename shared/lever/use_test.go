package lever_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"fulcrum/local/twin/desk"
	"fulcrum/shared/lever"
)

// use is one use of one method: what it asks, and what it gives. It is made of the
// twin and of answers of testdata, and has to be the same for both.
type use struct {
	of     string // the method
	asks   string // its request
	body   string // as JSON; empty is none
	answer string // status and file of the canned answer
	do     func(ctx context.Context, w *world) (any, error)
	want   string // what it gives, as JSON; empty is nothing
	// before makes what the use needs at the twin; after reads what became of it,
	// which is as became says.
	before func(w *world)
	after  func(w *world) (any, error)
	became string
}

// uses are those of all methods but the downloads.
func uses() map[string]use {
	all := reads()
	maps.Copy(all, records())
	maps.Copy(all, writes())
	maps.Copy(all, creations())
	return all
}

func TestEveryMethodIsUsed(t *testing.T) {
	used := map[string]bool{"DownloadResume": true, "Ready": true}
	for _, u := range uses() {
		used[u.of] = true
	}
	for m := range reflect.TypeFor[*lever.Client]().Methods() {
		if !used[m.Name] {
			t.Errorf("%s has no use", m.Name)
		}
		delete(used, m.Name)
	}
	if len(used) > 0 {
		t.Errorf("there are no methods %v", slices.Collect(maps.Keys(used)))
	}
}

func TestTheClientWithCannedAnswers(t *testing.T) {
	for name, u := range uses() {
		t.Run(name, func(t *testing.T) { u.run(t, cannedWorld(t, u.answer)) })
	}
}

func TestTheClientWithTheTwin(t *testing.T) {
	for name, u := range uses() {
		for kind, auth := range map[string]func(*world) lever.Auth{
			"by key":   func(w *world) lever.Auth { return lever.APIKey(w.home.APIKey) },
			"by token": func(w *world) lever.Auth { return w.consent(scopes) },
		} {
			t.Run(name+" "+kind, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := twinWorld(t)
					w.client = w.through(auth(w))
					if u.before != nil {
						u.before(w)
					}
					w.wire.asks = nil
					u.run(t, w)
					u.check(t, w)
					if v := w.twin.Violations(); len(v) > 0 {
						t.Errorf("objects of other accounts were asked for: %+v", v)
					}
				})
			})
		}
	}
}

// run does it once and looks at what was asked and given.
func (u use) run(t *testing.T, w *world) {
	t.Helper()
	got, err := u.do(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	if at := lacks(w.fill(or(u.want, "null")), got); at != "" {
		t.Errorf("%s: %s", u.of, at)
	}
	if len(w.wire.asks) != 1 {
		t.Fatalf("%d requests", len(w.wire.asks))
	}
	asked := w.wire.asks[0]
	if want := w.fill(u.asks); asked.line != want {
		t.Errorf("asked %s, want %s", asked.line, want)
	}
	if !sameJSON(t, asked.body, w.fill(u.body)) {
		t.Errorf("sent %s, want %s", asked.body, w.fill(u.body))
	}
	u.checkHeader(t, asked.header)
}

// checkHeader refuses every header that is not known to be needed, above all
// those by which net/http would take a POST for one that may be repeated.
func (u use) checkHeader(t *testing.T, h http.Header) {
	t.Helper()
	want := []string{"Accept", "Authorization"}
	if u.body != "" {
		want = append(want, "Content-Type")
	}
	if got := slices.Sorted(maps.Keys(h)); !slices.Equal(got, want) {
		t.Errorf("headers %v, want %v", got, want)
	}
}

// check looks at the twin afterwards.
func (u use) check(t *testing.T, w *world) {
	t.Helper()
	if u.after == nil {
		return
	}
	got, err := u.after(w)
	if err != nil {
		t.Fatal(err)
	}
	if at := lacks(w.fill(u.became), got); at != "" {
		t.Errorf("afterwards: %s", at)
	}
}

func or(s, instead string) string {
	if s == "" {
		return instead
	}
	return s
}

func sameJSON(t *testing.T, got, want string) bool {
	t.Helper()
	if got == "" || want == "" {
		return got == want
	}
	var g, w any
	if err := json.Unmarshal([]byte(got), &g); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		t.Fatal(err)
	}
	return reflect.DeepEqual(g, w)
}

// The answers to these are blanked or of another form, so there is no way in which
// a caller could get hold of them.
func TestBlankedAnswersAreNotGiven(t *testing.T) {
	for _, name := range []string{
		"MoveToStage", "Archive", "Unarchive", "AddTags", "RemoveTags", "AddSources", "UpdateFeedback", "UpdateWebhooks",
	} {
		m, ok := reflect.TypeFor[*lever.Client]().MethodByName(name)
		if !ok || m.Type.NumOut() != 1 {
			t.Errorf("%s gives more than an error", name)
		}
	}
}

// refusals are ways in which Lever says no to a use.
func refusals() map[string]struct {
	auth func(w *world) lever.Auth
	is   func(error) bool
} {
	return map[string]struct {
		auth func(w *world) lever.Auth
		is   func(error) bool
	}{
		"a wrong key is unauthorized":      {func(*world) lever.Auth { return lever.APIKey("wrong") }, lever.Unauthorized},
		"a wrong token is unauthorized":    {func(*world) lever.Auth { return bearer("wrong") }, lever.Unauthorized},
		"a key without right is forbidden": {func(w *world) lever.Auth { return w.key("GET /tags") }, lever.Forbidden},
		"a token without scope is not let": {func(w *world) lever.Auth { return w.consent("tags:read:admin") }, lever.Forbidden},
		"a key with the right alone is let": {
			func(w *world) lever.Auth { return w.key("*") }, func(err error) bool { return err == nil },
		},
	}
}

// key is a key with these rights and none to confidential objects.
func (w *world) key(rights ...string) lever.Auth {
	w.t.Helper()
	k, err := w.twin.CreateKey(w.home.Account, desk.NewKey{Name: "narrow", Rights: rights})
	w.check(err)
	return lever.APIKey(k.Secret)
}

func TestWhoMayNot(t *testing.T) {
	for name, r := range refusals() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for use, u := range uses() {
					w := twinWorld(t)
					if u.before != nil {
						u.before(w)
					}
					w.client = w.through(r.auth(w))
					if _, err := u.do(t.Context(), w); !r.is(err) {
						t.Errorf("%s: %v", use, err)
					}
				}
			})
		})
	}
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, u := range uses() {
			path, _, _ := strings.Cut(u.asks, "?")
			for _, word := range words().FindAllStringSubmatch(path, -1) {
				w := twinWorld(t)
				if u.before != nil {
					u.before(w)
				}
				w.ids[word[1]] = "00000000-0000-4000-8000-000000000000"
				if got, err := u.do(t.Context(), w); !lever.NotFound(err) || lever.Retryable(err) {
					t.Errorf("%s without %s: %v, %v", name, word[0], got, err)
				}
			}
		}
	})
}

func TestConfidentialObjects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := twinWorld(t)
		hidden := w.candidate(desk.Candidate{Name: "Hidden"})
		_, err := w.twin.ChangeOpportunity(w.home.Account, hidden.OpportunityID, confidential())
		w.check(err)
		names := func(c *lever.Client, which string) string {
			found, err := lever.Collect(c.Opportunities(t.Context(), lever.OpportunityFilter{Confidentiality: which}))
			w.check(err)
			var all []string
			for _, o := range found {
				all = append(all, o.Name+" "+o.Confidentiality)
			}
			slices.Sort(all)
			return strings.Join(all, ", ")
		}
		const shown, both = "Marit Solheim non-confidential", "Hidden confidential, Marit Solheim non-confidential"
		plain := w.through(w.key("*"))
		for which, want := range map[string]string{"": shown, "non-confidential": shown, "confidential": "Hidden confidential", "all": both} {
			if got := names(w.client, which); got != want {
				t.Errorf("with the right, %q lists %s; want %s", which, got, want)
			}
		}
		if got := names(plain, "all"); got != shown {
			t.Errorf("without the right, all lists %s", got)
		}
		if _, err := plain.Opportunity(t.Context(), hidden.OpportunityID); !lever.Forbidden(err) {
			t.Errorf("without the right: %v", err)
		}
		if o, err := w.client.Opportunity(t.Context(), hidden.OpportunityID); err != nil || o.Confidentiality != lever.Confidential {
			t.Errorf("with the right: %+v, %v", o, err)
		}
	})
}

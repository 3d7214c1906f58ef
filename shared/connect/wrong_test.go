package connect_test

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fulcrum/local/rig"
	"fulcrum/local/twin/api"
	"fulcrum/shared/lever"
	"fulcrum/shared/status"
	"fulcrum/shared/store"
)

// nothing fails if there is a connection, or anything of it in Lever.
func (w *world) nothing() {
	w.t.Helper()
	if _, err := w.Table.Connection(w.t.Context(), w.connection); !errors.Is(err, store.ErrNotFound) {
		w.t.Errorf("a connection is there: %v", err)
	}
	if _, err := w.Table.Credential(w.t.Context(), w.connection); !errors.Is(err, store.ErrNotFound) {
		w.t.Errorf("a credential is there: %v", err)
	}
	if at := w.ours(); len(at) > 0 {
		w.t.Errorf("webhooks are there: %+v", at)
	}
}

func TestALinkOpensOnceInOneBrowserForADay(t *testing.T) {
	rig.Whole(t)
	tests := map[string]struct {
		do     func(w *world, link string) *browser
		status int
		says   string
	}{
		"a link that is none": {func(w *world, link string) *browser { return w.browser().open(link + "x") }, http.StatusNotFound, "no such connect link"},
		"a day later": {func(w *world, link string) *browser {
			time.Sleep(24 * time.Hour)
			return w.browser().open(link)
		}, http.StatusGone, "has expired"},
		"a day later for who opened it": {func(w *world, link string) *browser {
			b := w.browser().open(link).submit("open", nil)
			time.Sleep(24 * time.Hour)
			return b.open(link)
		}, http.StatusGone, "has expired"},
		"in another browser": {func(w *world, link string) *browser {
			w.browser().open(link).submit("open", nil)
			return w.browser().open(link)
		}, http.StatusForbidden, "opened elsewhere"},
		"opened by two who saw it": {func(w *world, link string) *browser {
			other := w.browser().open(link)
			w.browser().open(link).submit("open", nil)
			return other.submit("open", nil)
		}, http.StatusForbidden, "opened elsewhere"},
		"looked at by a mail program": {func(w *world, link string) *browser {
			w.browser().open(link)
			return w.browser().open(link).submit("open", nil)
		}, http.StatusOK, "Sign in with Lever"},
		"opened again by the same browser": {func(w *world, link string) *browser {
			return w.browser().open(link).submit("open", nil).open(link)
		}, http.StatusOK, "Sign in with Lever"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			as(t, "joinedly", func(t *testing.T, w *world) { tt.do(w, w.newLink()).expect(tt.status, tt.says) })
		})
	}
}

func TestALinkThatCannotBeMade(t *testing.T) {
	as(t, "joinedly", func(t *testing.T, w *world) {
		tests := map[string]struct {
			change func(in map[string]any)
			field  string
		}{
			"an address that is not allowed": {func(in map[string]any) { in["returnTo"] = "https://evil.test/" }, "returnTo"},
			"an environment that is none":    {func(in map[string]any) { in["environment"] = "moon" }, "environment"},
			"no reference":                   {func(in map[string]any) { in["customer"] = map[string]string{"name": "Acme"} }, "customer.reference"},
			"no name":                        {func(in map[string]any) { in["customer"] = map[string]string{"reference": "acme"} }, "customer.name"},
			"a name without an end": {func(in map[string]any) {
				in["customer"] = map[string]string{"name": strings.Repeat("x", 201), "reference": "acme"}
			}, "customer.name"},
			"a member that is unknown": {func(in map[string]any) { in["returnUrl"] = "x" }, "returnUrl"},
		}
		for name, tt := range tests {
			in := customer("acme")
			tt.change(in)
			got := expect[struct{ Errors []struct{ Field string } }](w, w.call(http.MethodPost, "/v1/connect-links", in), http.StatusUnprocessableEntity)
			if len(got.Errors) != 1 || got.Errors[0].Field != tt.field {
				t.Errorf("%s: %+v", name, got)
			}
		}
		in := customer("acme")
		in["returnTo"] = "https://joinedly.test/integrations/lever"
		link := expect[struct{ URL string }](w, w.call(http.MethodPost, "/v1/connect-links", in), http.StatusCreated).URL
		b := w.browser().connect(link, w.account)
		w.switchOn(b)
		w.verify()
		// A browser lets a form's answer lead to no other site, so the page does.
		b.submit("finish", nil).expect(http.StatusOK, "Connected</span>", `<a href="https://joinedly.test/integrations/lever">Back to Joinedly</a>`)
	})
}

// Every turn that a consent can take and that is not the right one: a page says so,
// and nothing is half-made: AJ-12, and the same for everybody.
func TestAJ12AConsentThatGoesWrongLeavesNothing(t *testing.T) {
	tests := map[string]struct {
		do     func(w *world, b *browser) *browser
		status int
		says   string
	}{
		"denied": {func(w *world, b *browser) *browser {
			return b.open(b.callback(w.account, "deny"))
		}, http.StatusOK, "nothing was connected"},
		"ten minutes late": {func(w *world, b *browser) *browser {
			to := b.toLever(w.account, "accept")
			time.Sleep(10 * time.Minute)
			return b.open(w.browser().do(http.MethodGet, to, nil).header.Get("Location"))
		}, http.StatusGone, "too long"},
		"with a state that is none": {func(w *world, b *browser) *browser {
			return b.open(rig.Public + "/connect/callback/production?code=x&state=y")
		}, http.StatusForbidden, "did not begin here"},
		"without a state": {func(w *world, b *browser) *browser {
			return b.open(rig.Public + "/connect/callback/production?code=x")
		}, http.StatusForbidden, "did not begin here"},
		"in another browser": {func(w *world, b *browser) *browser {
			return w.browser().open(b.callback(w.account, "accept"))
		}, http.StatusForbidden, "did not begin here"},
		"in the browser of another link": {func(w *world, b *browser) *browser {
			other := w.browser().open(w.newLink()).submit("open", nil).submit("consent", nil)
			return other.open(b.callback(w.account, "accept"))
		}, http.StatusForbidden, "did not begin here"},
		"at another environment's address": {func(w *world, b *browser) *browser {
			return b.open(strings.Replace(b.callback(w.account, "accept"), "/production?", "/sandbox?", 1))
		}, http.StatusForbidden, "did not begin here"},
		"without a code": {func(w *world, b *browser) *browser {
			to, err := url.Parse(b.callback(w.account, "accept"))
			w.must(err)
			return b.open(rig.Public + "/connect/callback/production?state=" + to.Query().Get("state"))
		}, http.StatusBadRequest, "no answer that can be used"},
		"with another's code": {func(w *world, b *browser) *browser {
			to, err := url.Parse(b.callback(w.account, "accept"))
			w.must(err)
			return b.open(rig.Public + "/connect/callback/production?code=forged&state=" + to.Query().Get("state"))
		}, http.StatusGone, "try again"},
		"with fewer permissions": {func(w *world, b *browser) *browser {
			to := strings.Replace(b.toLever(w.account, "accept"), "offers%3Aread%3Aadmin", "", 1)
			return b.open(w.browser().do(http.MethodGet, to, nil).header.Get("Location"))
		}, http.StatusForbidden, "offers:read:admin"},
		"while Lever does not answer": {func(w *world, b *browser) *browser {
			to := b.callback(w.account, "accept")
			w.fault(api.Fault{Match: "GET /v1/users*", Status: http.StatusServiceUnavailable, Times: 100})
			return b.open(to)
		}, http.StatusServiceUnavailable, "does not answer"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			as(t, "joinedly", func(t *testing.T, w *world) {
				link := w.newLink()
				b := w.browser().open(link).submit("open", nil).submit("consent", nil)
				tt.do(w, b).expect(tt.status, tt.says)
				w.nothing()
				w.Twin.Heal()
				// Going on in the browser that has the link ends well.
				b.open(link).expect(http.StatusOK, "Sign in with Lever", "founders@joinedly.com")
				w.accept(b)
				w.expectMade(b)
			})
		})
	}
}

func TestAConsentCountsOnce(t *testing.T) {
	as(t, "joinedly", func(t *testing.T, w *world) {
		link := w.newLink()
		b := w.browser().open(link).submit("open", nil).submit("consent", nil)
		to := b.callback(w.account, "accept")
		var all sync.WaitGroup
		seen := make([]*browser, 4)
		for i := range seen {
			one := &browser{w: w, through: w, cookies: b.cookies}
			all.Go(func() { seen[i] = one.do(http.MethodGet, to, nil) })
		}
		all.Wait()
		count := map[int]int{}
		for _, s := range seen {
			count[s.status]++
		}
		if count[http.StatusSeeOther] != 1 || count[http.StatusConflict] != len(seen)-1 {
			t.Errorf("answers %v", count)
		}
		b.open(to).expect(http.StatusConflict, "done before")
		b.open(link).expect(http.StatusOK, "Finish setup")
		w.expectState(status.Waiting)
	})
}

func TestAnotherAccountIsRefusedOnReconnecting(t *testing.T) {
	everyone(t, func(t *testing.T, w *world) {
		w.browser().connect(w.newLink(), w.account)
		before := w.view()
		w.browser().connect(w.newLink(), w.newAccount("Other")).expect(http.StatusConflict, "another Lever account")
		if after := w.view(); after.Account != before.Account || after.State != before.State {
			t.Errorf("before %+v, after %+v", before, after)
		}
		if _, err := w.Table.Credential(t.Context(), w.connection); err != nil {
			t.Error(err)
		}
		w.browser().connect(w.newLink(), w.account).expect(http.StatusOK, "Finish setup")
	})
}

func TestAnAPIKeyIsCheckedBeforeItIsSaved(t *testing.T) {
	tests := map[string]struct {
		key    func(w *world) string
		status int
		says   []string
	}{
		"a key that is none":      {func(*world) string { return "wrong" }, http.StatusUnprocessableEntity, []string{"does not take this API key"}},
		"no key":                  {func(*world) string { return "" }, http.StatusUnprocessableEntity, []string{"not an API key"}},
		"a key with a line break": {func(*world) string { return "a\r\nb" }, http.StatusUnprocessableEntity, []string{"not an API key"}},
		"a key that may not add notes": {func(w *world) string {
			return w.newKey(w.account, "GET *", "POST /opportunities", "POST /opportunities/:opportunity/addTags", "POST /opportunities/:opportunity/removeTags", "POST /opportunities/:opportunity/addLinks", "DELETE *")
		}, http.StatusUnprocessableEntity, []string{"Create an opportunity note</td><td><span class=\"wrong\">✗ missing", "Create an opportunity</td><td>✓ allowed"}},
		"a key that may read nothing": {func(w *world) string { return w.newKey(w.account, "POST *") }, http.StatusUnprocessableEntity, []string{"List all stages</td><td><span class=\"wrong\">✗ missing", "List all users</td><td><span class=\"wrong\">✗ missing"}},
		"while Lever does not answer": {func(w *world) string {
			key := w.newKey(w.account)
			w.fault(api.Fault{Match: "* /v1/*", Status: http.StatusBadGateway, Times: 1000})
			return key
		}, http.StatusServiceUnavailable, []string{"does not answer"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			as(t, "interviewing-io", func(t *testing.T, w *world) {
				key := tt.key(w)
				b := w.browser().open(w.newLink()).submit("open", nil).submit("key", url.Values{"key": {key}})
				b.expect(tt.status, tt.says...)
				if len(key) > 10 && strings.Contains(b.page, key) {
					t.Error("the page shows the key")
				}
				w.nothing()
				w.opportunities(0)
			})
		})
	}
}

func TestCheckingAKeyLeavesNothingInLever(t *testing.T) {
	as(t, "interviewing-io", func(t *testing.T, w *world) {
		w.browser().connect(w.newLink(), w.account).expect(http.StatusOK, "Finish setup")
		w.opportunities(0)
	})
}

// opportunities fails unless the account has that many.
func (w *world) opportunities(want int) {
	w.t.Helper()
	w.Twin.Heal()
	client, err := lever.New(lever.Options{BaseURL: rig.Lever + "/v1", Auth: lever.APIKey(w.newKey(w.account)), Transport: w})
	w.must(err)
	all, err := lever.Collect(client.Opportunities(w.t.Context(), lever.OpportunityFilter{}))
	if err != nil || len(all) != want {
		w.t.Errorf("%d opportunities, %v", len(all), err)
	}
}

// Five apps are five registrations.
func TestOnePartnersTokenNeverServesAnother(t *testing.T) {
	as(t, "joinedly", func(t *testing.T, w *world) {
		w.browser().connect(w.newLink(), w.account)
		a := w.callAs("justworks", http.MethodGet, "/v1/connections/"+w.connection, nil)
		for _, call := range [][2]string{
			{"GET", ""}, {"GET", "/settings"}, {"PUT", "/settings"}, {"PUT", "/signing-tokens"}, {"POST", "/finish-setup"},
			{"POST", "/pause"}, {"POST", "/resume"}, {"POST", "/resync"}, {"POST", "/disconnect"},
		} {
			if foreign := w.callAs("justworks", call[0], "/v1/connections/"+w.connection+call[1], nil); foreign.Status != http.StatusNotFound || string(foreign.Body) != string(a.Body) {
				t.Errorf("%v of a foreign connection: %d %s", call, foreign.Status, foreign.Body)
			}
		}
		if list := expect[struct{ Items []view }](w, w.callAs("justworks", http.MethodGet, "/v1/connections", nil), http.StatusOK); slices.ContainsFunc(list.Items, func(v view) bool { return v.ID == w.connection }) {
			t.Error("justworks sees joinedly's connection")
		}
		if list := expect[struct{ Items []view }](w, w.call(http.MethodGet, "/v1/connections", nil), http.StatusOK); len(list.Items) != 2 { // and the demo's
			t.Errorf("joinedly sees %d connections", len(list.Items))
		}
		w.expectState(status.Waiting)
	})
}

// AJ-14, and the same for everybody.
func TestAJ14TwoAdminsAtOnceLeaveOneConnection(t *testing.T) {
	everyone(t, func(t *testing.T, w *world) {
		one, other := w.newLink(), w.newLink()
		var all sync.WaitGroup
		all.Go(func() { w.browser().connect(one, w.account).expect(http.StatusOK, "Finish setup") })
		all.Go(func() { w.browser().connect(other, w.account).expect(http.StatusOK, "Finish setup") })
		all.Wait()
		b := w.browser().connect(w.newLink(), w.account).choose()
		w.expectMade(b)
		w.switchOn(b)
		w.verify()
		w.expectState(status.Connected)
	})
}

func TestAFormFromElsewhereIsRefused(t *testing.T) {
	tests := map[string]func(b *browser) *browser{
		"without the token": func(b *browser) *browser { b.page = ""; return b.submit("consent", nil) },
		"with another's":    func(b *browser) *browser { return b.submit("consent", url.Values{"csrf": {"x"}}) },
		"without a cookie": func(b *browser) *browser {
			b.cookies = map[string]string{}
			b.w.browser()
			return b.submit("consent", nil)
		},
		"from another site": func(b *browser) *browser {
			at := b.at
			b.at = "https://evil.test" + strings.TrimPrefix(at, rig.Public)
			values := url.Values{"csrf": {csrfField.FindStringSubmatch(b.page)[1]}}
			return b.do(http.MethodPost, at+"/consent", values)
		},
	}
	for name, send := range tests {
		t.Run(name, func(t *testing.T) {
			as(t, "joinedly", func(t *testing.T, w *world) {
				b := send(w.browser().open(w.newLink()).submit("open", nil))
				if b.status != http.StatusForbidden || leverLink.MatchString(b.page) {
					t.Errorf("status %d:\n%s", b.status, b.page)
				}
			})
		})
	}
}

func TestEveryPageHasItsHeaders(t *testing.T) {
	as(t, "joinedly", func(t *testing.T, w *world) {
		link := w.newLink()
		b := w.browser()
		pages := map[string]func(){
			"1 start": func() { b.do(http.MethodGet, link, nil) },
			"2 open": func() {
				b.do(http.MethodPost, link+"/open", url.Values{"csrf": {csrfField.FindStringSubmatch(b.page)[1]}})
			},
			"3 connect":  func() { b.do(http.MethodGet, link, nil) },
			"4 consent":  func() { b.submit("consent", nil) },
			"5 callback": func() { b.open(b.callback(w.account, "accept")) },
			"6 setup":    func() { b.do(http.MethodGet, link, nil) },
			"7 nothing":  func() { b.do(http.MethodGet, link+"x", nil) },
		}
		for _, name := range []string{"1 start", "2 open", "3 connect", "4 consent", "5 callback", "6 setup", "7 nothing"} {
			pages[name]()
			for header, want := range map[string]string{
				"Cache-Control": "no-store", "Referrer-Policy": "same-origin", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
			} {
				if got := b.header.Get(header); got != want {
					t.Errorf("%s: %s is %q", name, header, got)
				}
			}
			if policy := b.header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; style-src 'self'; script-src 'self';") || !strings.Contains(policy, "frame-ancestors 'none'") {
				t.Errorf("%s: policy %q", name, policy)
			}
			if strings.Contains(b.page, "<script>") || strings.Contains(b.header.Get("Content-Security-Policy"), "unsafe") {
				t.Errorf("%s has a script of its own", name)
			}
		}
	})
}

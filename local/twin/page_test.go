package twin_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/local/twin"
	"fulcrum/local/twin/desk"
	"fulcrum/local/twin/oauth"
)

// page reads a page.
func (r *rig) page(path string) string {
	r.t.Helper()
	got := r.send("GET", "http://lever.test"+path, nil, nil).must(200)
	if kind := got.header.Get("Content-Type"); kind != "text/html; charset=utf-8" {
		r.t.Fatalf("%s is %s", path, kind)
	}
	return string(got.raw)
}

// shows fails the test unless the page has all the texts.
func (r *rig) shows(path string, texts ...string) {
	r.t.Helper()
	page := r.page(path)
	for _, text := range texts {
		if !strings.Contains(page, text) {
			r.t.Errorf("no %q on %s", text, page)
		}
	}
}

// submit sends a form that stands on a page and answers where it leads. The form
// must be there: its action, and a field for every value.
func (r *rig) submit(on, action string, values url.Values) string {
	r.t.Helper()
	form := regexp.MustCompile(
		`(?s)<form method="post" action="` + regexp.QuoteMeta(action) + `">.*?</form>`,
	).FindString(r.page(on))
	if form == "" {
		r.t.Fatalf("no form to %s on %s", action, on)
	}
	for name := range values {
		if !strings.Contains(form, `name="`+name+`"`) {
			r.t.Errorf("no field %s in %s", name, form)
		}
	}
	if m := regexp.MustCompile(`name="back" value="([^"]*)"`).FindStringSubmatch(form); m != nil {
		values.Set("back", m[1])
	}
	got := r.send(
		"POST", "http://lever.test"+action, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
		strings.NewReader(values.Encode()),
	)
	got.must(http.StatusSeeOther)
	return got.header.Get("Location")
}

func TestEverythingCanBeDoneByHand(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		home := "/accounts/" + r.home.Account
		r.submit(
			home, home+"/candidates",
			url.Values{
				"name": {"Nina Okafor"}, "email": {"nina@example.com"}, "posting": {r.home.Postings[0].ID},
				"origin": {"referred"},
			},
		)
		list := r.page(home)
		id := regexp.MustCompile(`/candidates/([0-9a-f-]{36})">Nina Okafor`).FindStringSubmatch(list)[1]
		o, one := "/opportunities/"+id, home+"/candidates/"+id
		steps := []struct {
			form   string
			values url.Values
			read   string
			want   obj
		}{
			{"/stage", url.Values{"stage": {"offer"}}, o, obj{"data.stage": "offer", "data.origin": "referred"}},
			{
				"/interviews",
				url.Values{"subject": {"Talk"}, "date": {"2030-05-01T10:00"}, "interviewer": {r.home.Users[1].ID}},
				o + "/interviews",
				obj{"data.0.subject": "Talk", "data.0.date": time.Date(2030, 5, 1, 10, 0, 0, 0, time.UTC).UnixMilli()},
			},
			{
				"/offers",
				url.Values{
					"status": {"sent"}, "salary_amount": {"80000.5"}, "anticipated_start_date": {"2030-06-01"},
					"job_title": {"Potter"},
				},
				o + "/offers", obj{"data.0.status": "sent", "data.0.sentDocument.fileName": "offer-letter.pdf"},
			},
			{"/notes", url.Values{"value": {"Kind"}}, o + "/notes", obj{"data.0.fields.0.value": "Kind"}},
			{"/archive", url.Values{"reason": {r.reason("Timing")}}, o, obj{"data.archived.reason": r.reason("Timing")}},
			{"/unarchive", url.Values{}, o, obj{"data.archived": nil}},
			{"/hire", url.Values{}, o, obj{"data.archived.reason": r.reason("Hired")}},
			{"/apply", url.Values{"posting": {r.home.Postings[1].ID}}, "/opportunities", obj{"data.#": 2}},
			{"/anonymize", url.Values{}, o, obj{"data.isAnonymized": true}},
		}
		for _, s := range steps {
			if to := r.submit(one, one+s.form, s.values); to != one {
				t.Errorf("%s leads to %s", s.form, to)
			}
			r.api("GET", s.read, nil).must(200).want(s.want)
		}
		offers := r.api("GET", o+"/offers", nil)
		start := float64(time.Date(2030, 6, 1, 0, 0, 0, 0, time.UTC).UnixMilli())
		for field, want := range map[string]any{"salary_amount": 80000.5, "anticipated_start_date": start} {
			if got := offers.field("data.0.fields", field); got != want {
				t.Errorf("%s = %v, want %v", field, got, want)
			}
		}
		r.submit(one, one+"/offers/"+offers.text("data.0.id"), url.Values{"status": {"signed"}})
		r.api("GET", o+"/offers", nil).want(obj{"data.0.status": "signed"})
		interview := r.api("GET", o+"/interviews", nil).text("data.0.id")
		r.submit(one, one+"/interviews/"+interview+"/cancel", url.Values{})
		r.shows(one, "cancelled", "2030-05-01 10:00:00 UTC")
		if to := r.submit(one, one+"/delete", url.Values{}); to != home {
			t.Errorf("deleting leads to %s", to)
		}
		r.api("GET", o, nil).must(404)
		r.send("GET", "http://lever.test"+one, nil, nil).must(404)
	})
}

func TestTheWebhooksPage(t *testing.T) {
	inBubble(t, twin.Options{RetryPauses: []time.Duration{time.Hour}}, func(t *testing.T, r *rig) {
		at := "/accounts/" + r.home.Account
		hooks := at + "/webhooks"
		r.submit(hooks, hooks, url.Values{"event": {"contactCreated"}, "url": {"http://hooks.test/x"}})
		r.submit(hooks, at+"/switch", url.Values{"event": {"contactCreated"}, "on": {"true"}})
		w := r.ctl("GET", "/webhooks", nil)
		one := hooks + "/" + w.text("0.id")
		r.shows(hooks, "Not tested", w.text("0.signatureToken"), "On: turn off")
		r.receiver.answer = func(w http.ResponseWriter, _ *http.Request, nth int) {
			if nth%2 == 1 {
				http.Error(w, "no <b>thanks</b>", 400)
			}
		}
		r.submit(hooks, one+"/verify", url.Values{})
		r.shows(hooks, "✗ Not verified", "no &lt;b&gt;thanks&lt;/b&gt;")
		r.submit(hooks, one+"/verify", url.Values{})
		r.shows(hooks, "✓ Verified")
		r.candidate(desk.Candidate{Name: "x"})
		synctest.Wait()
		r.shows(hooks, "again at 2000-01-01 01:00:00 UTC")
		r.submit(hooks, one+"/rerun", url.Values{"delivery": {r.ctl("GET", "/deliveries", nil).text("2.delivery")}})
		r.ctl("GET", "/deliveries", nil).want(obj{"#": 4, "3.kind": "rerun", "3.success": true})
		r.submit(hooks, one+"/regenerate", url.Values{})
		if r.ctl("GET", "/webhooks", nil).text("0.signatureToken") == w.text("0.signatureToken") {
			t.Error("the token is the old one")
		}
		r.submit(hooks, one+"/delete", url.Values{})
		r.ctl("GET", "/webhooks", nil).want(obj{"#": 0})
	})
}

func TestKeysAndAppsPages(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		at := "/accounts/" + r.home.Account
		r.submit(
			at+"/keys", at+"/keys",
			url.Values{"name": {"narrow"}, "rights": {"GET /stages\r\n\r\nGET /tags\r\n"}, "confidential": {"on"}},
		)
		keys := r.twin.Keys(r.home.Account)
		if len(keys) != 2 || keys[1].Name != "narrow" || len(keys[1].Rights) != 2 || !keys[1].Confidential {
			t.Fatalf("keys %+v", keys)
		}
		r.submit(at+"/keys", at+"/keys/"+keys[1].ID+"/delete", url.Values{})
		if left := r.twin.Keys(r.home.Account); len(left) != 1 {
			t.Errorf("keys %+v", left)
		}
		app, err := r.twin.RegisterApp(oauth.App{Name: "Partner", Callbacks: []string{callback}})
		if err != nil {
			t.Fatal(err)
		}
		r.connect(app, "stages:read:admin")
		r.submit(at+"/apps", at+"/revoke", url.Values{"app": {app.ClientID}})
		if text := r.page(at + "/apps"); !strings.Contains(text, "No app has access.") || !strings.Contains(text, app.ClientID) {
			t.Errorf("page %s", text)
		}
	})
}

func TestPagesSayWhatIsWrong(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		home := "/accounts/" + r.home.Account
		c := r.candidate(desk.Candidate{Name: `<script>alert("x")</script>`})
		one := home + "/candidates/" + c.OpportunityID
		for form, values := range map[string]url.Values{
			"/stage": {"stage": {"nowhere"}}, "/offers": {
				"status": {"sent"}, "salary_amount": {"much"},
			}, "/interviews": {"date": {"tomorrow"}},
		} {
			to := r.submit(one, one+form, values)
			if !strings.HasPrefix(to, one+"?problem=") || !strings.Contains(r.page(to), `role="alert"`) {
				t.Errorf("%s leads to %s", form, to)
			}
		}
		to := r.submit(home+"/webhooks", home+"/webhooks", url.Values{"event": {"contactCreated"}, "url": {"nonsense"}})
		if !strings.Contains(r.page(to), "url is not an absolute") {
			t.Errorf("leads to %s", to)
		}
		text := r.page(one) + r.page(home)
		if strings.Contains(text, "<script>") {
			t.Error("a name is a script")
		}
		for _, away := range []string{"https://evil.example", "//evil.example", "javascript:alert(1)", ""} {
			got := r.send(
				"POST", "http://lever.test"+one+"/unarchive",
				http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
				strings.NewReader(url.Values{"back": {away}}.Encode()),
			)
			if loc := got.must(303).header.Get("Location"); loc != "/" {
				t.Errorf("back to %q leads to %q", away, loc)
			}
		}
		cross := r.send("POST", "http://lever.test"+one+"/hire", http.Header{"Sec-Fetch-Site": {"cross-site"}}, nil)
		cross.must(403)
		for _, path := range []string{
			"/accounts/nobody", "/accounts/nobody/webhooks", "/accounts/nobody/keys", "/accounts/nobody/apps",
			home + "/candidates/nobody", "/nowhere",
		} {
			r.send("GET", "http://lever.test"+path, nil, nil).must(404)
		}
	})
}

func TestTheFirstPageListsAccountsAndLongListsHavePages(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		r.submit("/", "/accounts", url.Values{"name": {"Kiln & Co"}})
		if text := r.page("/"); !strings.Contains(text, "Kiln &amp; Co") || !strings.Contains(text, ">Acme</a>") {
			t.Errorf("page %s", text)
		}
		r.ctl("POST", "/seed", obj{"count": 120}).must(204)
		home := "/accounts/" + r.home.Account
		for skip, want := range map[int]string{0: "?skip=50", 50: "?skip=100", 100: ""} {
			text := r.page(fmt.Sprintf("%s?skip=%d", home, skip))
			if has := strings.Contains(text, "?skip="); has != (want != "") || has && !strings.Contains(text, want) {
				t.Errorf("from %d on there is no %q", skip, want)
			}
		}
		for _, outside := range []string{"http://", "https://"} {
			for _, path := range []string{"/", home, home + "/webhooks", home + "/keys", home + "/apps"} {
				if at := regexp.MustCompile(`(src|href)="` + outside).FindString(r.page(path)); at != "" {
					t.Errorf("%s loads %s", path, at)
				}
			}
		}
	})
}

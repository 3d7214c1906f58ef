package justworks_test

import (
	"context"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"fulcrum/functions/partners/justworks"
	names "fulcrum/local/hostile"
	"fulcrum/local/rig"
	"fulcrum/shared/session"
)

// admin is an admin's browser on the review's pages.
type admin struct {
	s      scene
	cookie string
	at     string
	status int
	page   string
}

// signedIn is the browser of an admin for whom Justworks made a link.
func (s scene) signedIn(id string) *admin {
	s.t.Helper()
	var made struct{ URL string }
	if status := s.Call(http.MethodPost, connection+"/review-links", map[string]string{"admin": id}, &made); status != http.StatusCreated {
		s.t.Fatalf("link: status %d", status)
	}
	a := &admin{s: s}
	return a.get(made.URL).expect(http.StatusOK, "Continue").post(made.URL, nil).expect(http.StatusOK, "Employees")
}

func (a *admin) get(address string) *admin { a.s.t.Helper(); return a.do(http.MethodGet, address, nil) }

// field is a value that a form has, with the name in front.
var field = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)

// post sends the page's form, with changes.
func (a *admin) post(address string, changes url.Values) *admin {
	a.s.t.Helper()
	form := url.Values{}
	for _, m := range field.FindAllStringSubmatch(a.page, -1) {
		form.Set(m[1], html.UnescapeString(m[2]))
		if name, ok := strings.CutPrefix(m[1], "was."); ok {
			form.Set(name, html.UnescapeString(m[2]))
		}
	}
	for name, values := range changes {
		form[name] = values
	}
	return a.do(http.MethodPost, address, form)
}

func (a *admin) do(method, address string, form url.Values) *admin {
	time.Sleep(50 * time.Millisecond) // a person is no quicker than the gateway allows
	a.s.t.Helper()
	for range 4 {
		if !strings.HasPrefix(address, "http") {
			address = rig.Public + address
		}
		req, err := http.NewRequestWithContext(context.Background(), method, address, strings.NewReader(form.Encode()))
		a.s.must(err)
		if form != nil {
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set("Origin", rig.Public)
		}
		if a.cookie != "" {
			req.Header.Set("Cookie", a.cookie)
		}
		res, err := a.s.RoundTrip(req)
		a.s.must(err)
		text, err := io.ReadAll(res.Body)
		a.s.must(err)
		a.s.must(res.Body.Close())
		for _, c := range res.Cookies() {
			a.cookie = c.Name + "=" + c.Value
		}
		a.at, a.status, a.page = address, res.StatusCode, string(text)
		if address = res.Header.Get("Location"); address == "" {
			return a
		}
		method, form = http.MethodGet, nil
	}
	a.s.t.Fatalf("redirected again and again: %s", a.at)
	return a
}

func (s scene) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (a *admin) expect(status int, texts ...string) *admin {
	a.s.t.Helper()
	page := html.UnescapeString(a.page)
	for _, text := range texts {
		if !strings.Contains(page, text) {
			a.s.t.Fatalf("%s does not say %q:\n%s", a.at, text, page)
		}
	}
	if a.status != status {
		a.s.t.Fatalf("%s: status %d, want %d:\n%s", a.at, a.status, status, page)
	}
	return a
}

const hires = "/justworks/pending-hires"

func of(p person) string { return hires + "/" + p.OpportunityID }

// The review as the help center tells it: one Pending hire, Review, Review & Invite,
// Invite New Member.
func TestAnAdminReviewsAndInvites(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		a := s.signedIn("adm_1").expect(http.StatusOK, "No pending hires")
		p := s.hired(nil)
		a.get(hires).expect(http.StatusOK, "There is one Pending hire.", p.Name, "Review")
		a.get(of(p)).expect(http.StatusOK, "Review & Invite", "Still missing for an invitation", "work e-mail", "110000")
		a.get(of(p)+"?edit=yes").expect(http.StatusOK, "Invite New Member", "From Lever: offer", "Lisbon", "Dr. Hopper", `type="date"`)

		// What cannot be taken is said at its field, and nothing is saved.
		a.post(of(p)+"/save", url.Values{"workEmail": {"nobody"}, "compensationAmount": {"a lot"}, "then": {"invite"}})
		a.expect(http.StatusUnprocessableEntity, "It has to be an e-mail address.", "It has to be an amount", `value="a lot"`)
		if h := s.pending(p); h.Status != justworks.Pending || h.Field(justworks.WorkEmail).Value != "" {
			t.Errorf("%+v", h)
		}

		// Saved, then invited, by the admin.
		a.get(of(p)+"?edit=yes").post(of(p)+"/save", url.Values{"title": {"Principal Engineer"}, "then": {"save"}})
		a.expect(http.StatusOK, "Principal Engineer", "in review", "Changes")
		a.get(of(p)+"?edit=yes").post(of(p)+"/save", url.Values{"workEmail": {"new@customer.example"}, "office": {"Lisbon"}, "then": {"invite"}})
		a.expect(http.StatusOK, "Invited to Justworks.")
		h := s.pending(p)
		if h.Status != justworks.Invited || h.Invited.By != "adm_1" || h.Field(justworks.Title).Value != "Principal Engineer" {
			t.Errorf("%+v", h)
		}
		a.get(hires).expect(http.StatusOK, "No pending hires")
		a.get(of(p)+"?edit=yes").expect(http.StatusOK, "Invited to Justworks.")
		a.post(of(p)+"/save", url.Values{"then": {"save"}}).expect(http.StatusConflict, "not open for review")
	})
}

func TestAnAdminDismisses(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		p := s.hired(nil)
		s.signedIn("adm_2").get(of(p)).post(of(p)+"/dismiss", nil).expect(http.StatusOK, "No pending hires")
		if h := s.pending(p); h.Status != justworks.Dismissed || h.Dismissed.By != "adm_2" {
			t.Errorf("%+v", h)
		}
	})
}

// What Lever changes after an edit is shown, and not applied; a form that was filled
// in before saves nothing.
func TestWhatLeverChangesMeanwhileIsShown(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		p := s.hired(nil)
		a := s.signedIn("adm_1").get(of(p) + "?edit=yes")
		a.post(of(p)+"/save", url.Values{"compensationAmount": {"120000"}, "then": {"save"}}).expect(http.StatusOK, "120000")
		a.get(of(p) + "?edit=yes")
		s.offer(p, "signed", map[string]any{"salary_amount": 130000})
		s.look(p)
		a.post(of(p)+"/save", url.Values{"title": {"Boss"}, "then": {"save"}}).expect(http.StatusPreconditionFailed, "nothing of yours was saved", "Lever says <bdi>130000.00</bdi> now")
		a.get(of(p)).expect(http.StatusOK, "120000", "Lever says <bdi>130000.00</bdi> now; your value stays.")
		a.get(of(p)+"?edit=yes").post(of(p)+"/save", url.Values{"lever.compensationAmount": {"yes"}, "then": {"save"}}).expect(http.StatusOK, "130000")
	})
}

func TestWhatHasToBeConfirmedIsAsked(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		p := s.hired(map[string]any{"compensation_currency": "EUR"})
		a := s.signedIn("adm_1").get(of(p) + "?edit=yes")
		all := url.Values{"workEmail": {"new@customer.example"}, "office": {"Lisbon"}, "then": {"invite"}}
		a.post(of(p)+"/save", all).expect(http.StatusConflict, "Confirm what is marked", "not in US dollars")
		a.post(of(p)+"/save", url.Values{"confirm": {"currency_not_usd"}, "then": {"invite"}}).expect(http.StatusOK, "Invited to Justworks.")
	})
}

func TestOnlyAdminsWhoManageEmployeesReview(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		for id, want := range map[string]int{"adm_3": http.StatusForbidden, "nobody": http.StatusForbidden, "": http.StatusUnprocessableEntity} {
			if status := s.Call(http.MethodPost, connection+"/review-links", map[string]string{"admin": id}, nil); status != want {
				t.Errorf("%q: status %d", id, status)
			}
		}
		p := s.hired(nil)
		a := s.signedIn("adm_1")
		r := roster()
		r.Admins[0].ManageEmployees = false
		s.roster(r)
		a.get(of(p)).expect(http.StatusForbidden, "may manage employees")
	})
}

func TestTheReviewIsForWhoIsSignedIn(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		p := s.hired(nil)
		(&admin{s: s}).get(of(p)).expect(http.StatusUnauthorized, "not signed in")
		a := s.signedIn("adm_1").get(of(p))
		a.get(hires + "/none").expect(http.StatusNotFound)
		a.get("/justworks/elsewhere").expect(http.StatusNotFound)
		a.get(of(p))
		a.page = ""
		a.post(of(p)+"/dismiss", nil).expect(http.StatusForbidden, "not sent from this page")
		a.get(hires).post("/justworks/sign-out", nil).expect(http.StatusOK, "Signed out")
		a.get(hires).expect(http.StatusUnauthorized)
		b := s.signedIn("adm_1")
		time.Sleep(session.Idle)
		b.get(hires).expect(http.StatusUnauthorized)
	})
}

// Names are the candidate's own: whatever they are, the review's pages consist of
// the same.
func TestANameChangesNothingOfTheReview(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		p := s.hired(nil)
		link, a := s.link(p), s.signedIn("adm_1")
		structures := func(name string) map[string][]string {
			t.Helper()
			name = strings.TrimSpace(strings.Map(printable, strings.ToValidUTF8(name, "?")))
			s.edit(p, map[string]any{"firstName": "F" + name[:min(len(name), 200)], "title": "T" + name[:min(len(name), 200)]})
			_, mailed := s.open(link)
			all := map[string][]string{}
			for page, text := range map[string]string{"ticket": mailed, "list": a.get(hires).page, "form": a.get(of(p) + "?edit=yes").page} {
				var err error
				all[page], err = names.Structure(text)
				s.must(err)
			}
			return all
		}
		structures("Y") // from now on both fields are edited
		plain := structures("X")
		for all := names.Names(); len(all) > 0; all = all[min(rig.Stride(), len(all)):] {
			name := all[0]
			for page, structure := range structures(name) {
				if d := names.Difference(plain[page], structure); d != "" {
					t.Errorf("%.60q changes the %s: %s", name, page, d)
				}
			}
		}
	})
}

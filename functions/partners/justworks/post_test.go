package justworks_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"fulcrum/functions/partners/justworks"
	"fulcrum/local/aws"
	"fulcrum/local/rig"
)

// times are how often mails went to each of the two reviewers.
func (s scene) times() (meg, mo int) {
	to := s.to(hireTitle)
	return strings.Count(to, "meg@"), strings.Count(to, "mo@")
}

// Mail cannot be sent exactly once. What is known to have failed is sent once in
// the end, what is not known is sent three times at most, and nobody is left out.
func TestMailsInTrouble(t *testing.T) {
	tests := map[string]struct {
		fault aws.Fault
		meg   int
		mo    int
	}{
		"SES throttles":                      {aws.Fault{Service: "ses", Status: 429, Code: "TooManyRequestsException", Times: 9}, 1, 1},
		"SES is away for a while":            {aws.Fault{Service: "ses", Status: 503, Times: 9}, 1, 1},
		"SES's answer is lost":               {aws.Fault{Service: "ses", DropAnswer: true, Times: 1}, 2, 1},
		"every answer of SES is lost":        {aws.Fault{Service: "ses", DropAnswer: true, Times: -1}, 3, 3},
		"one address is refused":             {aws.Fault{Service: "ses", Status: 400, Code: "MessageRejected", Times: 1}, 0, 1},
		"the sender is not verified yet":     {aws.Fault{Service: "ses", Status: 400, Code: "MailFromDomainNotVerifiedException", Times: 3}, 1, 1},
		"all goes well, and the day goes by": {aws.Fault{Service: "none"}, 1, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			rig.Some(t)
			on(t, func(t *testing.T, s scene) {
				s.AWS.Inject(tt.fault)
				s.hired(nil)
				time.Sleep(3 * time.Hour)
				if meg, mo := s.times(); meg != tt.meg || mo != tt.mo {
					t.Errorf("%d and %d mails, want %d and %d", meg, mo, tt.meg, tt.mo)
				}
				if open := s.Attention(); len(open) != 0 {
					t.Errorf("attention %+v", open)
				}
			})
		})
	}
}

func TestASenderThatIsNotSetUpIsForAPerson(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		s.AWS.Inject(aws.Fault{Service: "ses", Status: 400, Code: "SendingPausedException", Times: -1})
		s.hired(nil)
		if open := s.Attention(); len(open) != 1 || open[0].Reason != "mail_not_set_up" || open[0].Step == "" {
			t.Errorf("attention %+v", open)
		}
	})
}

func TestAnAdminWhoComesLaterGetsNoOldMail(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		s.hired(nil)
		r := roster()
		r.Admins[2].ManageEmployees = true
		s.roster(r)
		time.Sleep(time.Hour)
		s.expectMail(hireTitle, reviewers)
		s.hired(nil)
		if to := s.to(hireTitle); strings.Count(to, "ned@") != 1 {
			t.Errorf("the next hire is told to %s", to)
		}
	})
}

func TestThePageOfALinkShowsWhereTheHireStands(t *testing.T) {
	tests := map[string]struct {
		act  func(s scene, p person)
		says string
	}{
		"it waits":                      {func(scene, person) {}, "Still missing for an invitation: work e-mail."},
		"it was dismissed":              {func(s scene, p person) { s.Call(http.MethodPost, at(p)+"/dismiss", nil, nil) }, "Dismissed by an admin"},
		"it was withdrawn":              {func(s scene, p person) { s.unhire(p) }, "Not hired any more in Lever."},
		"a newer hire took its place":   {func(s scene, p person) { s.hire(s.again(p)) }, "A newer hire of the same person"},
		"it was invited":                {invite, "Invited to Justworks."},
		"it was invited, then un-hired": {func(s scene, p person) { invite(s, p); s.unhire(p) }, "and not hired any more in Lever"},
		"it was invited, then changed": {func(s scene, p person) {
			invite(s, p)
			s.offer(p, "signed", map[string]any{"salary_amount": 5})
			s.look(p)
		}, "changed in Lever after the invitation"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			on(t, func(t *testing.T, s scene) {
				p := s.hired(nil)
				link := s.link(p)
				tt.act(s, p)
				status, page := s.open(link)
				if status != http.StatusOK || !strings.Contains(page, tt.says) || strings.Contains(page, "110000") {
					t.Errorf("status %d:\n%s", status, page)
				}
			})
		})
	}
}

func invite(s scene, p person) {
	s.edit(p, map[string]any{"workEmail": "new@customer.example"})
	if status := s.Call(http.MethodPost, at(p)+"/invite", nil, nil); status != http.StatusOK {
		s.t.Errorf("invite: status %d", status)
	}
}

// A name is what anybody typed: nothing of it becomes part of the page.
func TestANameChangesNothingOfThePage(t *testing.T) {
	for _, name := range []string{`<script>alert(1)</script> X`, `"><img src=x onerror=alert(1)> Y`, "\u202eevil Z"} {
		on(t, func(t *testing.T, s scene) {
			p := s.person()
			s.hire(p)
			s.edit(p, map[string]any{string(justworks.FirstName): strings.Map(printable, name)})
			_, page := s.open(s.link(p))
			if strings.Contains(page, "<script>") || strings.Contains(page, "<img") || strings.Contains(page, "\u202e") {
				t.Errorf("page\n%s", page)
			}
		})
	}
}

func printable(r rune) rune {
	if r < ' ' {
		return -1
	}
	return r
}

func TestThePageNeedsNothingFromElsewhereAndIsNotKept(t *testing.T) {
	on(t, func(t *testing.T, s scene) {
		res, err := (&http.Client{Transport: s}).Get(s.link(s.hired(nil)))
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		for header, want := range map[string]string{
			"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex",
			"X-Content-Type-Options": "nosniff", "Content-Type": "text/html; charset=utf-8",
		} {
			if got := res.Header.Get(header); got != want {
				t.Errorf("%s: %q", header, got)
			}
		}
		if csp := res.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("policy %q", csp)
		}
	})
}

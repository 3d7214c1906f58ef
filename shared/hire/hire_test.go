package hire_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/local/inproc"
	"fulcrum/local/twin"
	"fulcrum/local/twin/account"
	"fulcrum/local/twin/api"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/catalog"
	"fulcrum/shared/hire"
	"fulcrum/shared/lever"
)

const company = "11111111-1111-4111-8111-111111111111"

// lab is Lever's twin with one account, and a catalog of it.
type lab struct {
	*twin.Twin
	t       *testing.T
	account *catalog.Account
}

func in(t *testing.T, key desk.NewKey, f func(t *testing.T, l lab)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)))
		hosts := inproc.Hosts{}
		made, err := twin.New(twin.Options{Client: &http.Client{Transport: hosts}, BaseURL: "http://lever.test"})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(made.Close)
		hosts["lever.test"] = made
		l := lab{Twin: made, t: t}
		l.do(made.CreateAccount(desk.NewAccount{ID: company, Name: "Company", APIKey: "the first key"}))
		key.Secret = "the key of the test"
		l.do(made.CreateKey(company, key))
		client, err := lever.New(lever.Options{BaseURL: "http://lever.test/v1", Auth: lever.APIKey(key.Secret), Transport: hosts})
		l.do(client, err)
		l.account = catalog.New(time.Now).Of("con_1", client)
		f(t, l)
	})
}

func (l lab) do(_ any, err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

func (l lab) hired(c desk.Candidate, offers ...account.OfferFields) string {
	l.t.Helper()
	c.Name = "Ada Lovelace"
	added, err := l.AddCandidate(company, c)
	l.do(added, err)
	for _, o := range offers {
		l.do(l.AddOffer(company, added.OpportunityID, o))
		time.Sleep(time.Second)
	}
	l.do(l.Hire(company, added.OpportunityID, ""))
	return added.OpportunityID
}

func (l lab) read(id string) *hire.Hire {
	l.t.Helper()
	h, err := hire.Read(context.Background(), l.account, id)
	l.do(h, err)
	return h
}

func signed(fields map[string]any) account.OfferFields {
	return account.OfferFields{Status: new("signed"), Outside: true, Fields: fields}
}

func TestAHireIsReadWithItsPostingAndItsOffer(t *testing.T) {
	in(t, desk.NewKey{}, func(t *testing.T, l lab) {
		id := l.hired(desk.Candidate{Email: "ada@example.com", Posting: "Backend Engineer"},
			signed(map[string]any{"job_title": "Old"}), signed(map[string]any{"job_title": "New", "location/office": "Porto "}),
			account.OfferFields{Status: new("draft"), Fields: map[string]any{"job_title": "Draft"}})
		h := l.read(id)
		if h.Standing != hire.Hired || h.HiredAt().IsZero() || h.Email() != "ada@example.com" || h.Name() != (hire.Name{First: "Ada", Last: "Lovelace"}) {
			t.Errorf("%s at %v: %q, %+v", h.Standing, h.HiredAt(), h.Email(), h.Name())
		}
		if h.JobTitle() != "New" || h.Location() != "Porto " || h.Team() != "Engineering" || h.Department() != "Product" || h.Commitment() != "Full-time" || len(h.Offers) != 3 {
			t.Errorf("%q, %q, %q, %q, %q, %d offers", h.JobTitle(), h.Location(), h.Team(), h.Department(), h.Commitment(), len(h.Offers))
		}
		if h.Manager().Name != "Ruben Castell" || h.Confidential {
			t.Errorf("manager %+v, confidential %v", h.Manager(), h.Confidential)
		}
	})
}

func TestAManagerThatCameAlongCostsNoCall(t *testing.T) {
	in(t, desk.NewKey{}, func(t *testing.T, l lab) {
		users := map[string]string{}
		summary, err := l.Summary(company)
		l.do(summary, err)
		for _, u := range summary.Users {
			users[u.Name] = u.ID
		}
		for _, tt := range []struct {
			who, owner string
			calls      int
		}{{"Ruben Castell", "", 2}, {"Olive Ashby", "", 2}, {"Ines Moreau", "Ines Moreau", 2}, {"Ines Moreau", "", 3}, {"Ines Moreau", "", 2}} {
			l.read(l.hired(desk.Candidate{Posting: "Backend Engineer"})) // makes it warm
			id := l.hired(desk.Candidate{Posting: "Backend Engineer", Owner: tt.owner}, signed(map[string]any{"direct_manager": users[tt.who]}))
			before := l.Calls(company)
			if h := l.read(id); h.DirectManager.Name != tt.who || h.DirectManager.Email == "" || h.HiringManager.Name != "Ruben Castell" {
				t.Errorf("managers %+v and %+v, want %s", h.DirectManager, h.HiringManager, tt.who)
			}
			if took := l.Calls(company) - before; took != tt.calls {
				t.Errorf("%d calls for %s, want %d", took, tt.who, tt.calls)
			}
		}
	})
}

func TestAnOpportunityStands(t *testing.T) {
	for name, tt := range map[string]struct {
		then func(l lab, id string)
		want hire.Standing
	}{
		"hired":                       {func(lab, string) {}, hire.Hired},
		"back from the archive":       {func(l lab, id string) { l.do(l.Unarchive(company, id)) }, hire.NotHired},
		"archived for another reason": {func(l lab, id string) { l.do(l.Archive(company, id, "Withdrew")) }, hire.NotHired},
		"anonymized":                  {func(l lab, id string) { l.do(l.Anonymize(company, id)) }, hire.Anonymized},
		"deleted":                     {func(l lab, id string) { l.do(l.Delete(company, id)) }, hire.Gone},
		"hired with a reason of their own": {func(l lab, id string) {
			l.do(l.AddReason(company, "Welcome", "hired"))
			l.do(l.Archive(company, id, "Welcome"))
		}, hire.Hired},
		"confidential, with no access": {func(l lab, id string) {
			l.do(l.ChangeOpportunity(company, id, account.OpportunityFields{Confidential: new(true)}))
		}, hire.Confidential},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, desk.NewKey{}, func(t *testing.T, l lab) {
				id := l.hired(desk.Candidate{Posting: "Backend Engineer"})
				tt.then(l, id)
				h := l.read(id)
				if h.Standing != tt.want || (h.Standing == hire.Hired) == h.HiredAt().IsZero() {
					t.Errorf("%s at %v, want %s", h.Standing, h.HiredAt(), tt.want)
				}
				if gone := tt.want == hire.Gone; gone != lever.NotFound(h.Why) {
					t.Errorf("Lever's answer is %v", h.Why)
				}
			})
		})
	}
}

func TestAConfidentialPostingMakesAConfidentialHire(t *testing.T) {
	for _, sees := range []bool{true, false} {
		t.Run(fmt.Sprintf("with access %v", sees), func(t *testing.T) {
			in(t, desk.NewKey{Confidential: sees}, func(t *testing.T, l lab) {
				made, err := l.AddPosting(company, desk.Posting{PostingFields: account.PostingFields{Text: new("Secret"), Confidentiality: new("confidential")}})
				l.do(made, err)
				h := l.read(l.hired(desk.Candidate{Posting: "Secret"}))
				if h.Standing == hire.Hired && (!h.Confidential || (h.Posting != nil) != sees) {
					t.Errorf("%+v", h)
				}
				if !h.Confidential {
					t.Error("not confidential")
				}
			})
		})
	}
}

// A right that is missing must not pass for a confidential hire: the hire would be
// lost without a word.
func TestAMissingRightIsAnError(t *testing.T) {
	for _, right := range []string{"opportunities", "offers", "postings", "archive_reasons"} {
		t.Run(right, func(t *testing.T) {
			in(t, desk.NewKey{}, func(t *testing.T, l lab) {
				id := l.hired(desk.Candidate{Posting: "Backend Engineer"})
				match := "GET /v1/" + right + "*"
				if right == "offers" {
					match = "GET /v1/opportunities/*/offers"
				}
				l.do(nil, l.Inject(api.Fault{Match: match, Status: http.StatusForbidden, Times: -1}))
				_, err := hire.Read(context.Background(), l.account, id)
				if !lever.Forbidden(err) || !strings.Contains(err.Error(), "read ") {
					t.Errorf("error %v", err)
				}
			})
		})
	}
}

func TestAHireWithoutAnythingElseIsAHire(t *testing.T) {
	in(t, desk.NewKey{}, func(t *testing.T, l lab) {
		h := l.read(l.hired(desk.Candidate{}))
		texts := []string{h.JobTitle(), h.Location(), h.Team(), h.Department(), h.Commitment(), h.StartDate(), h.Email(), h.Phone()}
		if h.Standing != hire.Hired || h.Posting != nil || h.Offer != nil || h.Manager() != (hire.Person{}) || slices.ContainsFunc(texts, func(s string) bool { return s != "" }) {
			t.Errorf("%+v, %q", h, texts)
		}
	})
}

func TestAReadThatIsCancelledEnds(t *testing.T) {
	in(t, desk.NewKey{}, func(t *testing.T, l lab) {
		id := l.hired(desk.Candidate{})
		ctx, stop := context.WithCancel(context.Background())
		stop()
		if _, err := hire.Read(ctx, l.account, id); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	})
}

package connect_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"fulcrum/local/rig"
	twin "fulcrum/local/twin/api"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/store"
)

// directory has Joinedly give the customer's offices and teams.
func (w *world) directory(offices, teams []string) {
	w.t.Helper()
	entries := func(prefix string, names []string) []map[string]string {
		all := []map[string]string{}
		for i, n := range names {
			all = append(all, map[string]string{"id": fmt.Sprint(prefix, i), "name": n})
		}
		return all
	}
	body, err := json.Marshal(map[string]any{"offices": entries("o", offices), "teams": entries("t", teams)})
	w.must(err)
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPut, rig.Gateway+"/v1/joinedly/connections/"+w.connection+"/directory", strings.NewReader(string(body)))
	w.must(err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+w.Connection(w.t, "joinedly").PartnerAPIKey)
	res, err := (&http.Client{Transport: w}).Do(req)
	w.must(err)
	w.must(res.Body.Close())
	if res.StatusCode != http.StatusOK {
		w.t.Fatalf("the directory is answered with %d", res.StatusCode)
	}
}

// choices is what the form of the match page sends.
func choices(rows ...[3]string) url.Values {
	form := url.Values{}
	for _, r := range rows {
		form.Add("setting", r[0])
		form.Add("lever", r[1])
		form.Add("partner", r[2])
	}
	return form
}

// aliases are what is kept.
func (w *world) aliases() (offices, teams map[string]string) {
	w.t.Helper()
	s := w.settings()
	w.must(json.Unmarshal(s.Values["officeAliases"], &offices))
	w.must(json.Unmarshal(s.Values["teamAliases"], &teams))
	return offices, teams
}

func TestNamesAreMatchedOnThePage(t *testing.T) {
	as(t, "joinedly", func(t *testing.T, w *world) {
		b := w.connected()
		b.expect(http.StatusOK, "Match offices and teams")
		page := strings.SplitN(b.at, "?", 2)[0] + "?part=match"
		b.open(page).expect(http.StatusOK, "Joinedly has not sent its Offices yet", "Joinedly has not sent its Teams yet")
		w.directory([]string{"lisbon", "Windy City", "Oslo"}, []string{"Engineering", "Sales", "Sales", "Support"})
		b.open(page).expect(http.StatusOK, "Only unmatched (3)", "proposed, not confirmed", "▲ none", "▲ several", "✓ exact", "without a match in Lever: 3",
			`<option value="lisbon" selected>`, `<option value="">No match`)
		b.open(page+"&only=unmatched").expect(http.StatusOK, "Chicago", "Sales")
		if strings.Contains(b.page, "Support") {
			t.Error("what is matched is shown among the unmatched")
		}
		b.submit("match", choices([3]string{"officeAliases", "Lisbon", "lisbon"}, [3]string{"officeAliases", "Chicago", "Windy City"}))
		b.expect(http.StatusOK, "The matches are saved", "✓ confirmed", "Only unmatched (1)")
		offices, teams := w.aliases()
		if want := map[string]string{"Lisbon": "lisbon", "Chicago": "Windy City"}; !reflect.DeepEqual(offices, want) || len(teams) != 0 {
			t.Errorf("%v, %v", offices, teams)
		}
		b.submit("match", choices([3]string{"officeAliases", "Chicago", ""}, [3]string{"teamAliases", "Support", "Support"})).expect(http.StatusOK, "Only unmatched (2)")
		if offices, teams = w.aliases(); len(offices) != 1 || len(teams) != 0 {
			t.Errorf("%v, %v", offices, teams)
		}
	})
}

func TestAMatchThatIsNoneChangesNothing(t *testing.T) {
	as(t, "joinedly", func(t *testing.T, w *world) {
		b := w.connected()
		page := strings.SplitN(b.at, "?", 2)[0] + "?part=match"
		w.directory([]string{"Windy City"}, []string{"Sales", "Sales"})
		before := w.settings().Version
		for name, tt := range map[string]struct {
			form   url.Values
			status int
			says   string
		}{
			"a name that Joinedly has not":      {choices([3]string{"officeAliases", "Chicago", "Atlantis"}), http.StatusUnprocessableEntity, "“Atlantis” is none of the offices"},
			"a name that two have":              {choices([3]string{"teamAliases", "Support", "Sales"}), http.StatusUnprocessableEntity, "several have this name"},
			"choices that do not fit together":  {url.Values{"setting": {"officeAliases"}, "lever": {"a", "b"}, "partner": {""}}, http.StatusForbidden, "not sent from this page"},
			"settings that others have changed": {url.Values{"version": {"7"}}, http.StatusConflict, "Somebody else has changed"},
			"a version that is none":            {url.Values{"version": {"x"}}, http.StatusForbidden, "not sent from this page"},
		} {
			b.open(page).expect(http.StatusOK, "Match offices and teams")
			if b.submit("match", tt.form); b.status != tt.status || !strings.Contains(b.page, tt.says) {
				t.Errorf("%s: %d\n%s", name, b.status, b.page)
			}
		}
		if now := w.settings().Version; now != before {
			t.Errorf("version %d, before %d", now, before)
		}
		w.fault(twin.Fault{Match: "GET /v1/postings", Status: 503, Times: 20})
		time.Sleep(time.Minute) // until nothing is remembered
		b.open(page).expect(http.StatusServiceUnavailable, "Lever does not answer", "Go on")
	})
}

func TestALongListIsMatchedPartByPart(t *testing.T) {
	as(t, "joinedly", func(t *testing.T, w *world) {
		b := w.connected()
		offices := []string{}
		for i := range 60 {
			title := fmt.Sprintf("Job %d", i)
			p := desk.Posting{Location: new(fmt.Sprintf("Place %02d", i))}
			p.Text = &title
			_, err := w.Twin.AddPosting(w.account, p)
			w.must(err)
			offices = append(offices, fmt.Sprintf("Room %02d", i))
		}
		w.directory(offices, nil)
		b.open(strings.SplitN(b.at, "?", 2)[0]+"?part=match").expect(http.StatusOK, "<datalist", "12 more come when these are matched", "Joinedly has not sent its Teams yet")
		if strings.Contains(b.page, "<select") || len(b.page) > 40_000 {
			t.Errorf("%d bytes", len(b.page))
		}
	})
}

// A joiner that waits for a name goes on when the name is matched, without anybody's
// retry.
func TestWhatWaitsForANameGoesOn(t *testing.T) {
	as(t, "joinedly", func(t *testing.T, w *world) {
		b := w.connected()
		w.switchOn(b)
		w.directory([]string{"Windy City", "Lissabon"}, []string{"Engineering", "Sales", "Support"})
		made, err := w.Twin.AddCandidate(w.account, desk.Candidate{Name: "Ada", Email: "ada@example.com", Posting: "Backend Engineer"})
		w.must(err)
		_, err = w.Twin.Hire(w.account, made.OpportunityID, "")
		w.must(err)
		time.Sleep(time.Minute)
		open, err := w.Table.Attentions(t.Context(), w.connection, store.Paging{})
		w.must(err)
		if len(open.Items) != 1 || open.Items[0].Details["lever"] == "" {
			t.Fatalf("%+v", open.Items)
		}
		b.open(strings.SplitN(b.at, "?", 2)[0] + "?part=match")
		b.submit("match", choices([3]string{"officeAliases", open.Items[0].Details["lever"], "Windy City"})).expect(http.StatusOK, "saved")
		time.Sleep(time.Minute)
		a, err := w.Table.Attention(t.Context(), w.connection, open.Items[0].ID)
		if err != nil || a.ClearedAt == 0 {
			t.Errorf("%+v, %v", a, err)
		}
		if n := w.told("joiner.changed"); n != 1 {
			t.Errorf("told %d times", n)
		}
	})
}

func TestTheGuideSaysWhatIsToBeDone(t *testing.T) {
	as(t, "justworks", func(t *testing.T, w *world) {
		b := w.browser().open(w.newLink()).expect(http.StatusOK, "View connection guide", "Manage employees")
		b.submit("open", nil)
		b.open(strings.SplitN(b.at, "?", 2)[0] + "?part=match") // there is nothing to match, and no connection yet
		if b.status != http.StatusConflict {
			t.Errorf("status %d", b.status)
		}
	})
}

func TestTheFirstImportIsShownAsFarAsItIs(t *testing.T) {
	as(t, "evidenced", func(t *testing.T, w *world) {
		w.must(w.Twin.Seed(w.account, 300))
		b := w.connected().expect(http.StatusOK, "Import", "Candidates", "waiting")
		b.open(strings.SplitN(b.at, "?", 2)[0]+"?part=imports").expect(http.StatusOK, `data-live="`)
		time.Sleep(10 * time.Minute)
		b.open(b.at).expect(http.StatusOK, "✓ done", `class="number">240`)
		if strings.Contains(b.page, "data-live") {
			t.Error("the part renews itself, though nothing is left")
		}
	})
}

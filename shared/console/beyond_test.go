package console_test

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"fulcrum/local/hostile"
	"fulcrum/local/rig"
	twin "fulcrum/local/twin/api"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/session"
	"fulcrum/shared/store"
)

// rows are those of a file that the browser was given.
func (b *browser) rows() [][]string {
	b.w.t.Helper()
	if b.status != http.StatusOK || !strings.HasPrefix(b.header.Get("Content-Type"), "text/csv") || !strings.HasPrefix(b.header.Get("Content-Disposition"), "attachment") {
		b.w.t.Fatalf("%s: %d %v", b.at, b.status, b.header)
	}
	r := csv.NewReader(strings.NewReader(b.page))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	b.w.must(err)
	return rows
}

// park has n events parked, and gives their ids.
func (w *world) park(n int) (ids []string) {
	w.t.Helper()
	for i := range n {
		made, err := w.Twin.AddCandidate(w.c.Account, desk.Candidate{Name: fmt.Sprintf("Ada %d", i), Email: fmt.Sprintf("ada%d@example.com", i)})
		w.must(err)
		w.must(w.Twin.Inject(twin.Fault{Match: "GET /v1/opportunities/" + made.OpportunityID + "/offers", Status: 403, Times: 1}))
		_, err = w.Twin.Hire(w.c.Account, made.OpportunityID, "")
		w.must(err)
		time.Sleep(time.Minute)
		ids = append(ids, w.event())
	}
	return ids
}

func TestSelectedEventsAreDoneWithTogether(t *testing.T) {
	on(t, func(t *testing.T, w *world) {
		parked := w.park(3)
		w.hire("Grace")
		good := w.event()
		b := w.as("operator")
		b.connection("/events").expect(http.StatusOK, "Replay or dismiss selected", `aria-label="Select event `+good+`"`)
		b.act("/selected", url.Values{"event": append(parked[:2:2], good, good)}).expect(http.StatusOK, "3 events are selected, 2 of them parked", "Replay 3", "Dismiss 2 parked")
		b.act("/selected/dismiss", url.Values{"event": {parked[0], good}}).expect(http.StatusOK, "1 of 2 was dismissed", "It is not parked")
		b.connection("/events?state=ignored").expect(http.StatusOK, parked[0], "dismissed")
		b.connection("/events").act("/selected/replay", url.Values{"event": {parked[0], parked[1], good}}).expect(http.StatusOK, "3 of 3 were worked off again")
		time.Sleep(time.Minute)
		b.connection("/parked").expect(http.StatusOK, "lever_forbids").lacks("<td>2</td>")
		b.connection("/events?state=delivered").expect(http.StatusOK, parked[1], parked[0]+"-again-")
		b.connection("/audit").expect(http.StatusOK, "events.dismissed", "events.replayed", parked[1], "staff:Grace")
	})
}

func TestASelectionIsBounded(t *testing.T) {
	on(t, func(t *testing.T, w *world) {
		b := w.as("operator").connection("/events")
		many := url.Values{}
		for i := range 51 {
			many.Add("event", fmt.Sprintf("evt_%d", i))
		}
		for name, tt := range map[string]struct {
			form   url.Values
			status int
			says   string
		}{
			"nothing":                {nil, http.StatusConflict, "No event is selected"},
			"more than a page":       {many, http.StatusConflict, "50 events at once"},
			"what is no id":          {url.Values{"event": {"a b"}}, http.StatusNotFound, "none that was ever given"},
			"what is not there":      {url.Values{"event": {"evt_none"}}, http.StatusOK, "None of these events is there any more"},
			"a name that is no name": {url.Values{"event": {`"><script>`}}, http.StatusNotFound, "none that was ever given"},
		} {
			for _, page := range []string{"/selected", "/selected/replay", "/selected/dismiss"} {
				b.connection("/")
				if b.act(page, tt.form); b.status != tt.status || !strings.Contains(b.page, tt.says) {
					t.Errorf("%s to %s: %d\n%s", name, page, b.status, b.page)
				}
			}
		}
		if trail, err := w.Table.Audits(t.Context(), w.c.ID, store.Paging{}); err != nil || len(trail.Items) != 2 { // of what is not there
			t.Errorf("%d steps, %v", len(trail.Items), err)
		}
	})
}

func TestAFileHasWhatThePageShows(t *testing.T) {
	on(t, func(t *testing.T, w *world) {
		parked := w.park(2)
		w.hire("Grace Private")
		b := w.as("viewer")
		if rows := b.connection("/events.csv?state=parked").rows(); len(rows) != 3 || rows[0][0] != "receivedAt" || !slices.Contains(rows[2], parked[0]) || !slices.Contains(rows[1], "lever_forbids") {
			t.Errorf("%v", rows)
		}
		if rows := b.connection("/events.csv").rows(); len(rows) != 4 || strings.Contains(b.page, "Private") {
			t.Errorf("%v", rows)
		}
		b.connection("/events.csv?state=nonsense").expect(http.StatusUnprocessableEntity, "has to be of")
		b.connection("/events.csv?hours=x").expect(http.StatusUnprocessableEntity)
		time.Sleep(30 * time.Minute)
		b = w.as("viewer")
		if rows := b.connection("/completeness.csv").rows(); len(rows) < 2 || rows[0][0] != "number" || len(rows[1][8]) != 64 {
			t.Errorf("%v", rows)
		}
	})
}

// Formulas stay texts, whoever wrote them.
func TestNoCellOfAFileIsAFormula(t *testing.T) {
	on(t, func(t *testing.T, w *world) {
		b := w.as("viewer")
		c, err := w.Table.Connection(t.Context(), w.c.ID)
		w.must(err)
		for _, name := range hostile.Names() {
			c.Customer.Name = name
			w.must(w.Table.PutConnection(t.Context(), c))
			for _, row := range b.get("/console/usage.csv").rows()[1:] {
				if len(row) != 8 || strings.ContainsRune("=+-@\t\r", rune(row[2][0])) {
					t.Fatalf("%.60q: %q", name, row)
				}
			}
		}
	})
}

func TestUsageIsCountedByMonth(t *testing.T) {
	on(t, func(t *testing.T, w *world) {
		w.hire("Ada")
		w.hire("Grace")
		b := w.as("viewer")
		month := time.Now().UTC().Format("2006-01")
		cells := regexp.MustCompile(`<td>` + month + `</td><td class="number">(\d+)</td><td class="number">(\d+)</td><td class="number">0</td><td class="number">(\d+)</td><td class="number">\$0\.\d{4}</td>`)
		m := cells.FindStringSubmatch(b.connection("/numbers").expect(http.StatusOK, "By month", "99 of 100 within").page)
		if m == nil || m[1] != "2" || m[2] != "2" || m[3] == "0" {
			t.Fatalf("%v\n%s", m, b.page)
		}
		b.get("/console/usage").expect(http.StatusOK, w.c.ID, month, `data-every="60000"`)
		if rows := b.get("/console/usage.csv").rows(); len(rows) != 2 || rows[1][3] != "2" || rows[1][4] != "2" {
			t.Errorf("%v", rows)
		}

		b.get("/console/usage?month=2020-01").expect(http.StatusUnprocessableEntity, "one of the last year")
		b.get("/console/usage.csv?month=x").expect(http.StatusUnprocessableEntity)
	})
}

// What was counted outlives the ledger; what is new is added when somebody looks, and
// what is too old is forgotten.
func TestNumbersOutliveTheLedger(t *testing.T) {
	on(t, func(t *testing.T, w *world) {
		now := time.Now().UTC()
		day := func(ago int) string { return now.AddDate(0, 0, -ago).Format(time.DateOnly) }
		w.must(w.Table.PutFigures(t.Context(), w.c.ID, map[string]any{"at": now.Add(-3 * time.Hour).UnixMilli(), "days": map[string]any{
			day(200): map[string]any{"day": day(200), "events": 7}, day(0): map[string]any{"day": day(0), "events": 9}, day(500): map[string]any{"day": day(500), "events": 1},
		}}))
		w.hire("Edsger")
		b := w.as("viewer")
		b.connection("/numbers").expect(http.StatusOK, day(200), `data-every="100"`, `<td class="number">9</td>`)
		b.connection("/numbers?part=rows").expect(http.StatusOK, day(200), `data-every="60000"`).lacks(`<td class="number">9</td>`, "<html", day(500))
		rows := b.connection("/numbers.csv").rows()
		if len(rows) != 3 || rows[1][0] != day(0) || rows[1][3] != "1" || rows[2][0] != day(200) || rows[2][3] != "7" {
			t.Errorf("%v", rows)
		}
		b.get("/console/usage?month="+day(200)[:7]).expect(http.StatusOK, `<td class="number">7</td>`)
	})
}

// The balance, which reads all events, is counted again when somebody looks, and not
// while they wait.
func TestTheBalanceIsCountedWhileSomebodyLooks(t *testing.T) {
	on(t, func(t *testing.T, w *world) {
		b := w.as("viewer")
		b.connection("/completeness").expect(http.StatusOK, "<strong>0</strong> received", `data-every="60000"`)
		w.hire("Ada")
		b.connection("/completeness").expect(http.StatusOK, "<strong>0</strong> received", `data-every="100"`)
		b.connection("/completeness?part=balance").expect(http.StatusOK, "<strong>1</strong> received", `data-every="60000"`).lacks("<html", "Compared with")
		b.connection("/completeness").expect(http.StatusOK, "<strong>1</strong> received")
	})
}

func TestKeysAreMadeShownOnceAndRevoked(t *testing.T) {
	on(t, func(t *testing.T, w *world) {
		b := w.as("admin")
		b.get("/console/keys").expect(http.StatusOK, "✓ valid", "It is the only valid one").lacks(w.c.PartnerAPIKey)
		b.post("/console/keys", nil).expect(http.StatusCreated, "not shown again", "Revoke one before you make another").lacks("the only valid one")
		key := regexp.MustCompile(`ful_joinedly_[0-9a-v]{40}`).FindString(b.page)
		if got, _ := w.link(key, "Ada", "viewer"); got != http.StatusCreated {
			t.Fatalf("a call with the new key: %d", got)
		}
		ids := regexp.MustCompile(`/console/keys/(key_\w+)/revoke`).FindAllStringSubmatch(b.page, -1)
		if len(ids) != 2 {
			t.Fatalf("%v", ids)
		}
		b.post("/console/keys", nil).expect(http.StatusConflict, "two valid keys already")
		b.get("/console/keys").lacks(key)
		b.post("/console/keys/"+ids[1][1]+"/revoke", url.Values{"id": {"key_other"}}).expect(http.StatusUnprocessableEntity, "Nothing was revoked")
		b.post("/console/keys/key_none/revoke", url.Values{"id": {"key_none"}}).expect(http.StatusNotFound, "no such key")
		b.get("/console/keys").post("/console/keys/"+ids[1][1]+"/revoke", url.Values{"id": {" " + ids[1][1]}}).expect(http.StatusOK, "refused within a minute", "– revoked")
		time.Sleep(2 * time.Minute)
		if got := w.refused(key); got != http.StatusUnauthorized && got != http.StatusForbidden {
			t.Errorf("a call with the revoked key: %d", got)
		}
		b.get("/console/audit").expect(http.StatusOK, "api_key.made", "api_key.revoked", ids[1][1]).lacks(key)
	})
}

// refused is how a call with a key is answered.
func (w *world) refused(key string) int {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, rig.Gateway+"/v1/connections", nil)
	w.must(err)
	req.Header.Set("Authorization", "Bearer "+key)
	res, err := w.RoundTrip(req)
	w.must(err)
	w.must(res.Body.Close())
	return res.StatusCode
}

// A list that is followed shows what comes, offers nothing to select, and does not
// keep somebody signed in who is not there.
func TestTheListOfEventsIsFollowed(t *testing.T) {
	on(t, func(t *testing.T, w *world) {
		b := w.as("operator")
		b.connection("/events?live=1&state=delivered").expect(http.StatusOK, "Stop following").lacks("checkbox")
		part := regexp.MustCompile(`data-live="([^"]+)"`).FindStringSubmatch(b.page)
		if part == nil {
			t.Fatalf("nothing is live:\n%s", b.page)
		}
		address := strings.ReplaceAll(part[1], "&amp;", "&")
		b.get(address).expect(http.StatusOK, "No events match").lacks("<html")
		w.hire("Ada")
		b.get(address).expect(http.StatusOK, w.event())
		for range int(session.Idle / time.Minute) {
			time.Sleep(time.Minute)
			b.get(address)
		}
		b.expect(http.StatusUnauthorized, "not signed in")
	})
}

func TestChangesOfSettingsAreShown(t *testing.T) {
	on(t, func(t *testing.T, w *world) {
		b := w.as("viewer")
		b.connection("/settings").expect(http.StatusOK).lacks("<h2>Changes")
		for _, values := range []string{`{"onMismatch":"hold","contacts":["ada@example.com"]}`, `{"onMismatch":"create"}`} {
			s, err := w.Table.Settings(t.Context(), w.c.ID)
			w.must(err)
			s.Values = []byte(values)
			_, err = w.Table.ApplySettings(t.Context(), s, store.Audit{
				Connection: w.c.ID, Actor: "link:abc", Action: "settings.applied", Before: []byte("null"), After: []byte(values),
			})
			w.must(err)
		}
		b.connection("/settings").expect(http.StatusOK, "Version 2", "Changes", "link:abc", "onMismatch").lacks("ada@example.com")
	})
}

// What the console notes the clock does; see package connect.
func TestAnAdminDisconnects(t *testing.T) {
	on(t, func(t *testing.T, w *world) {
		w.as("operator").connection("").lacks("/disconnect")
		b := w.as("admin").connection("").expect(http.StatusOK, "Type", "to confirm", "kept for 14 days")
		token := b.page
		b.act("/disconnect", url.Values{"customer": {"somebody else"}}).expect(http.StatusConflict, "not the customer")
		b.page = token
		b.act("/disconnect", url.Values{"customer": {w.c.ID}}).expect(http.StatusOK, "is being disconnected")
		b.connection("").expect(http.StatusOK, "Disconnected", "being disconnected since").lacks("to confirm")
		if wanted, err := w.Table.Ending(t.Context(), w.c.ID); err != nil || wanted.Actor != "staff:Grace" {
			t.Errorf("%+v, %v", wanted, err)
		}
		b.connection("/audit").expect(http.StatusOK, "disconnecting", "staff:Grace")
		b.page = token
		b.act("/pause", nil).expect(http.StatusConflict)
	})
}

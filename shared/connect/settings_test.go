package connect_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"fulcrum/local/twin/desk"
	"fulcrum/shared/store"
)

// put applies settings by the API.
func (w *world) put(version int, values map[string]any) answer {
	w.t.Helper()
	return w.call(http.MethodPut, "/v1/connections/"+w.connection+"/settings", map[string]any{"version": version, "values": values})
}

// refused are the fields that a request was refused for.
func refused(w *world, a answer) (fields []string) {
	w.t.Helper()
	for _, e := range expect[struct{ Errors []struct{ Field string } }](w, a, http.StatusUnprocessableEntity).Errors {
		fields = append(fields, e.Field)
	}
	return fields
}

func (w *world) addUser(email string, active bool) {
	w.t.Helper()
	u, err := w.Twin.AddUser(w.account, desk.Person{Name: "Grace Hopper", Email: email})
	w.must(err)
	gone := !active
	_, err = w.Twin.ChangeUser(w.account, u.ID, desk.Person{Deactivated: &gone})
	w.must(err)
}

// The settings of the one partner whose configuration can be enabled only when all
// of it is right.
func TestEnablingNeedsEverything(t *testing.T) {
	as(t, "interviewing-io", func(t *testing.T, w *world) {
		w.browser().connect(w.newLink(), w.account)
		w.addUser("grace@acme.example", true)
		w.addUser("left@acme.example", false)
		tests := []struct {
			name   string
			values map[string]any
			fields string
		}{
			{"off, nothing is needed", map[string]any{"enabled": false}, ""},
			{"on, both are", map[string]any{"enabled": true}, "values.defaultStage values.performAs"},
			{"a user who is none", map[string]any{"enabled": true, "performAs": "nobody@acme.example", "defaultStage": "lead-new"}, "values.performAs"},
			{"a user who has left", map[string]any{"enabled": true, "performAs": "left@acme.example", "defaultStage": "lead-new"}, "values.performAs"},
			{"a stage that is none", map[string]any{"enabled": true, "performAs": "grace@acme.example", "defaultStage": "gone"}, "values.defaultStage"},
			{"a reason that is none", map[string]any{"unsuccessfulReason": "gone"}, "values.unsuccessfulReason"},
			{"a setting that is none", map[string]any{"enable": true}, "values.enable"},
			{"not of its kind", map[string]any{"enabled": "yes", "tags": "x"}, "values.enabled values.tags"},
		}
		version := 0
		for _, tt := range tests {
			a := w.put(version, tt.values)
			if tt.fields == "" {
				expect[settings](w, a, http.StatusOK)
				version++
				continue
			}
			if got := strings.Join(refused(w, a), " "); got != tt.fields {
				t.Errorf("%s: refused for %q", tt.name, got)
			}
			if now := w.settings(); now.Version != int64(version) || string(now.Values["enabled"]) != "false" {
				t.Errorf("%s: %+v was applied", tt.name, now)
			}
		}
		after := expect[settings](w, w.put(version, map[string]any{"enabled": true, "performAs": "grace@acme.example", "defaultStage": "lead-new"}), http.StatusOK)
		if after.Version != int64(version+1) || !strings.HasPrefix(after.ChangedBy, "key:key_") || string(after.Values["exportUnsuccessful"]) != "false" {
			t.Errorf("%+v", after)
		}
		if a := w.put(version, map[string]any{}); a.Status != http.StatusConflict {
			t.Errorf("an old version is answered %d", a.Status)
		}
	})
}

func TestTheTrailSaysWhoChangedWhat(t *testing.T) {
	as(t, "brainner", func(t *testing.T, w *world) {
		w.browser().connect(w.newLink(), w.account)
		expect[settings](w, w.put(0, map[string]any{"autoGenerateJobs": true}), http.StatusOK)
		trail, err := w.Table.Audits(t.Context(), w.connection, store.Paging{Backward: true, Limit: 1})
		if err != nil || len(trail.Items) != 1 {
			t.Fatalf("%+v, %v", trail, err)
		}
		if a := trail.Items[0]; a.Action != "settings.applied" || !strings.HasPrefix(a.Actor, "key:key_") || string(a.Before) != `{"autoGenerateJobs":false}` || string(a.After) != `{"autoGenerateJobs":true}` {
			t.Errorf("%s by %s: %s, then %s", a.Action, a.Actor, a.Before, a.After)
		}
	})
}

func TestSettingsByThePage(t *testing.T) {
	as(t, "interviewing-io", func(t *testing.T, w *world) {
		w.addUser("grace@acme.example", true)
		link := w.newLink()
		b := w.browser().connect(link, w.account)
		b.expect(http.StatusOK, "Default funnel stage", `<option value="lead-new">New lead`, "Save Changes")
		stale := w.browser()
		stale.cookies, stale.at = b.cookies, b.at
		stale.open(link)
		b.submit("settings", w.form(map[string]string{"enabled": "true"})).
			expect(http.StatusUnprocessableEntity, "Nothing was applied", "Default funnel stage has to be chosen first")
		b.submit("settings", w.form(map[string]string{"enabled": "true", "performAs": "nobody@acme.example", "defaultStage": "lead-new"})).
			expect(http.StatusUnprocessableEntity, "is not the e-mail address of an active Lever user", `value="nobody@acme.example"`)
		b.submit("settings", w.form(map[string]string{"enabled": "true", "performAs": "grace@acme.example", "defaultStage": "lead-new", "tags": "one\ntwo\n"})).
			expect(http.StatusOK, `<option value="lead-new" selected>`)
		if got := w.settings(); string(got.Values["tags"]) != `["one","two"]` || string(got.Values["enabled"]) != "true" || string(got.Values["posting"]) != "null" {
			t.Errorf("%s", got.Values)
		}
		stale.submit("settings", w.form(nil)).expect(http.StatusConflict, "Somebody else has changed the settings")
	})
}

func TestConfidentialPostingsNeedTheirOwnConsent(t *testing.T) {
	as(t, "joinedly", func(t *testing.T, w *world) {
		w.browser().connect(w.newLink(), w.account)
		if got := refused(w, w.put(0, map[string]any{"includeConfidential": true})); !slices.Equal(got, []string{"values.includeConfidential"}) {
			t.Errorf("refused for %v", got)
		}
		b := w.browser().open(w.newLink()).submit("open", nil)
		b.expect(http.StatusOK, "Connect again").submit("consent", url.Values{"confidential": {"on"}})
		b.open(b.callback(w.account, "accept")).expect(http.StatusOK, "Finish setup")
		expect[settings](w, w.put(0, map[string]any{"includeConfidential": true}), http.StatusOK)
	})
}

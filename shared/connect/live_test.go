package connect_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"fulcrum/shared/status"
	"fulcrum/shared/store"
)

// What the page awaits arrives in a part of it, which then asks no more.
func TestThePageWaitsForLeversTestRequest(t *testing.T) {
	everyone(t, func(t *testing.T, w *world) {
		b := w.browser().connect(w.newLink(), w.account).choose()
		live := strings.TrimPrefix(b.at, "https://gateway.test") + "?part=webhooks"
		b.expect(http.StatusOK, `data-live="`+live+`"`, "Waiting for Lever's test request")
		w.switchOn(b)
		time.Sleep(time.Minute) // the partner's first imports ask Lever, too
		before := requests(w)
		b.do(http.MethodGet, live, nil).expect(http.StatusOK, "Waiting for Lever's test request", "data-live")
		if n := requests(w); n != before {
			t.Errorf("a part that is asked for every other second makes %d requests of Lever", n-before)
		}
		w.verify()
		b.do(http.MethodGet, live, nil).expect(http.StatusOK, "Lever's test request was received", "Connected</span>")
		if strings.Contains(b.page, "data-live") || strings.Contains(b.page, "<h1>") {
			t.Errorf("it goes on, or it is a whole page:\n%s", b.page)
		}
		other := w.browser().do(http.MethodGet, "https://gateway.test"+live, nil)
		other.expect(http.StatusForbidden, "opened elsewhere")
	})
}

// requests is how often Lever was asked for something.
func requests(w *world) int {
	w.t.Helper()
	all, err := w.Twin.Requests(w.account)
	w.must(err)
	return len(all)
}

func TestWhoDisconnectsHasTypedTheName(t *testing.T) {
	everyone(t, func(t *testing.T, w *world) {
		b := w.browser().connect(w.newLink(), w.account).choose()
		w.switchOn(b)
		w.verify()
		for _, typed := range []string{"", "acm", "Somebody else"} {
			b.submit("disconnect", url.Values{"customer": {typed}}).expect(http.StatusUnprocessableEntity, "Nothing was disconnected")
		}
		w.expectState(status.Connected)
		b.submit("disconnect", url.Values{"customer": {" Acme "}}).expect(http.StatusOK, "Disconnected", "erased")
		w.expectState(status.Disconnected)
		if _, err := w.Table.Credential(t.Context(), w.connection); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the credential is still there: %v", err)
		}
		b.open(b.at[:strings.LastIndex(b.at, "/")]).expect(http.StatusOK, w.d.Connect.Button)
	})
}

// Brainner's settings come before its webhooks are shown.
func TestSettingsComeFirstWhereThePartnerSaysSo(t *testing.T) {
	as(t, "brainner", func(t *testing.T, w *world) {
		b := w.browser().connect(w.newLink(), w.account)
		if b.expect(http.StatusOK, "Apply Changes", "Auto-generate jobs"); strings.Contains(b.page, "Applications Created") {
			t.Error("the webhooks are shown before the settings are applied")
		}
		b.choose().expect(http.StatusOK, "Applications Created", "Verify Connection")
	})
}

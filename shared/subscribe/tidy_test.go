package subscribe_test

import (
	"testing"
	"time"

	engine "fulcrum/local/aws"
	"fulcrum/shared/lever"
	"fulcrum/shared/subscribe"
)

// A creation that was given up may be applied long after Ensure has looked for it.
func TestWhatIsMadeTooLateIsDeleted(t *testing.T) {
	in(t, engine.Options{}, func(t *testing.T, w *world) {
		w.ensure(hired)
		rows, err := w.of(w).Reserve(t.Context(), lever.CandidateDeleted) // made by hand
		w.must(err)
		add := func(event lever.Event, url string) {
			_, err := w.client(w).CreateWebhook(t.Context(), event, url)
			w.must(err)
		}
		add(hired, w.ours(hired)[0].URL)
		add(lever.CandidateDeleted, rows[0].Current.URL)
		add(lever.CandidateStageChange, "https://others.example/webhooks/1")
		tidy := func(want int) {
			t.Helper()
			there, err := lever.Collect(w.client(w).Webhooks(t.Context()))
			w.must(err)
			all, err := w.table().Webhooks(t.Context(), w.c.ID)
			w.must(err)
			if got := len(subscribe.Strays(all, there)); got != want {
				t.Errorf("%d webhooks are nobody's, want %d", got, want)
			}
			w.must(subscribe.Tidy(t.Context(), w.table(), w.client(w), w.c.ID, there))
		}

		busy, err := w.table().HoldWebhooks(t.Context(), w.c.ID, "another", time.Minute)
		w.must(err)
		if tidy(1); !busy || len(w.ours(hired)) != 2 {
			t.Errorf("%d webhooks are left while others are at work", len(w.ours(hired)))
		}
		w.must(w.table().ReleaseWebhooks(t.Context(), w.c.ID, "another"))

		tidy(1)
		w.expectOne(hired)
		tidy(0)
		all, err := w.lever.Webhooks(w.c.Account)
		if w.must(err); len(all) != 3 {
			t.Errorf("%d webhooks are left, want ours, the one made by hand and that of others", len(all))
		}
	})
}

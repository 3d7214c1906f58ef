package completeness_test

import (
	"fulcrum/local/rig"
	"os"
	"slices"
	"testing"
	"time"

	"fulcrum/local/twin/desk"
)

// night is how many opportunities change overnight; make soak has ten thousand.
func night() int {
	if os.Getenv("SOAK") == "" {
		return 300
	}
	return 10_000
}

// received counts the connection's events, and those of them that have ended.
func (o office) received() (all, ended int) {
	o.t.Helper()
	counts, err := o.Table.Balance(o.t.Context(), o.c.ID)
	o.must(err)
	for state, n := range counts {
		all += n
		if state.Ended() {
			ended += n
		}
	}
	return all, ended
}

// What changed while no webhook came is worked off with nine tenths of the calls
// that Lever allows, or more, and what its webhooks tell meanwhile is not delayed by
// it. The last tenth of the work is not counted: then what is left waits for its time,
// and there is too little of it to use the rate.
func TestANightsChangesDoNotDelayTheDay(t *testing.T) {
	rig.Whole(t)
	of(t, "evidenced", "", func(o office) {
		for _, hook := range o.c.Webhooks {
			o.switched(hook.Event, false)
		}
		o.must(o.Twin.Seed(o.c.Account, night()))
		o.moveAll()
		for _, hook := range o.c.Webhooks {
			o.switched(hook.Event, true)
		}
		all, ended := o.received()
		for before := all; all == before; all, ended = o.received() { // until the window is compared
			time.Sleep(time.Second)
		}
		begin, calls := time.Now(), o.Twin.Calls(o.c.Account)
		var took []time.Duration
		made, span := 0, time.Duration(0)
		for ; len(took) == 0 || all > ended; all, ended = o.received() {
			if time.Since(begin) > 4*time.Hour {
				o.t.Fatalf("%d of %d events have ended", ended, all)
			}
			if ended < night()*9/10 {
				made, span = o.Twin.Calls(o.c.Account)-calls, time.Since(begin)
			}
			took = append(took, o.live())
			time.Sleep(5 * time.Second)
		}
		share := float64(made) / (10 * span.Seconds())
		slices.Sort(took)
		o.t.Logf("%d calls in %v, %.0f %% of the rate; live events took up to %v", made, span.Round(time.Second), 100*share, took[len(took)-1])
		if share < 0.9 {
			o.t.Errorf("%.0f %% of the rate is used", 100*share)
		}
		if worst := took[len(took)-1]; worst > 10*time.Second {
			o.t.Errorf("a live event took %v", worst)
		}
		missed := o.missed()
		if len(missed) < night() {
			o.t.Errorf("the reports name %d changes", len(missed))
		}
	})
}

// moveAll moves everybody to another stage.
func (o office) moveAll() {
	o.t.Helper()
	rows, _, err := o.Twin.Candidates(o.c.Account, 0, night()+1000)
	o.must(err)
	for _, r := range rows {
		to := "Offer"
		if r.Stage == to {
			to = "New applicant"
		}
		_, err := o.Twin.Move(o.c.Account, r.OpportunityID, to)
		o.must(err)
	}
}

// live has something happen, and says how long it took to arrive.
func (o office) live() time.Duration {
	o.t.Helper()
	begin := time.Now()
	id := o.add(desk.Candidate{Name: "Live", Posting: "Backend Engineer"})
	for o.types(id) == "" && time.Since(begin) < time.Minute {
		time.Sleep(50 * time.Millisecond)
	}
	return time.Since(begin)
}

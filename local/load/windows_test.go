package load

import (
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/local/twin/api"
	"fulcrum/shared/store"
)

// patience is how long after a change without a webhook it has to be repaired: until
// the change is old enough, its window is due and the clock comes, and the quarter of
// an hour that a repair may take.
const patience = 40 * time.Minute

// Every connection's window is compared in time, and what no webhook told is repaired,
// however many CUSTOMERS there are with however many OPPORTUNITIES. Lever takes 300 ms
// for an answer, and the time is virtual.
func TestEveryWindowIsComparedInTime(t *testing.T) {
	customers, opportunities := number(t, "CUSTOMERS", 20), number(t, "OPPORTUNITIES", 100)
	synctest.Test(t, func(t *testing.T) {
		f := newField(t, customers, opportunities)
		f.must(f.Twin.Inject(api.Fault{Match: "GET *", DelayMS: 300, Times: -1}))
		calls := f.calls()
		began := time.Now()
		f.Start(t)
		for open := customers; open > 0; open = f.unrepaired() {
			if time.Since(began) > patience {
				t.Fatalf("after %v %d of %d customers' hires are not found", patience, open, customers)
			}
			time.Sleep(time.Minute)
		}
		f.Stop()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		t.Logf("%d customers with %d opportunities: every missed hire is repaired %v later, with %.1f Lever calls each; %d MB for all of it",
			customers, opportunities, time.Since(began), float64(f.calls()-calls)/float64(customers), m.HeapInuse>>20)
	})
}

// calls counts Lever's answers to all customers.
func (f *field) calls() (n int) {
	for _, c := range f.customers {
		n += f.Twin.Calls(c.Account)
	}
	return n
}

// unrepaired counts the customers whose hire, of which no webhook told, has not ended
// as an event of ours.
func (f *field) unrepaired() (n int) {
	f.t.Helper()
	for _, c := range f.customers {
		counts, err := f.Table.Balance(f.t.Context(), c.ID)
		f.must(err)
		if counts[store.Delivered]+counts[store.Ignored] == 0 {
			n++
		}
	}
	return n
}

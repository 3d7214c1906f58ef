package partnertest

import (
	"time"

	"fulcrum/functions/partners"
	"fulcrum/shared/backfill"
)

const (
	// quietCalls is how often a day Lever is asked at most for a customer with whom
	// nothing happens.
	quietCalls = 300
	// quietTime is how long it is looked at.
	quietTime = 4 * time.Hour
)

// quiet lets time pass for a customer whose set-up is finished, whose imports are begun
// and with whom nothing happens.
func (k kit) quiet() {
	d, err := partners.Named(k.Name)
	k.Do(d, err)
	c, err := k.Table.Connection(k.t.Context(), k.C.ID)
	k.Do(c, err)
	starter := backfill.StarterFromEnv(k.Env(k.t, k.sync()), k.Table)
	k.Do(nil, starter.Connect(k.t.Context(), c, backfill.Plan(d.Imports)))
	time.Sleep(time.Hour)
	before := k.Twin.Calls(k.Account)
	time.Sleep(quietTime)
	n, most := k.Twin.Calls(k.Account)-before, quietCalls*int(quietTime)/int(24*time.Hour)
	k.t.Logf("%d calls of Lever's API in %v", n, quietTime)
	if n == 0 || n > most {
		k.t.Errorf("%d calls of Lever's API in %v, at most %d", n, quietTime, most)
	}
}

package rig_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/local/inproc"
	"fulcrum/local/rig"
)

// The second of three calls is where the function dies.
func TestAMortalDiesAtItsCall(t *testing.T) {
	tests := map[string]struct {
		how      rig.Death
		answered [3]bool
		soon     int // calls that are applied at once
		all      int // calls that are applied in the end
		takes    time.Duration
	}{
		"before it":       {how: rig.Before, answered: [3]bool{true, false, false}, soon: 1, all: 1},
		"after it":        {how: rig.After, answered: [3]bool{true, false, false}, soon: 2, all: 2},
		"frozen it lives": {how: rig.Frozen, answered: [3]bool{true, true, true}, soon: 3, all: 3, takes: 10 * time.Minute},
		"a call is late":  {how: rig.Late, answered: [3]bool{true, false, true}, soon: 2, all: 3},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				applied := 0
				m := &rig.Mortal{At: 2, How: tt.how, Next: inproc.Hosts{"a": http.HandlerFunc(func(http.ResponseWriter, *http.Request) { applied++ })}}
				start := time.Now()
				for i, want := range tt.answered {
					if got := call(t, m); got != want {
						t.Errorf("call %d is answered: %v", i+1, got)
					}
				}
				if took := time.Since(start); applied != tt.soon || took != tt.takes || m.Calls() != 3 {
					t.Errorf("%d applied of %d in %v", applied, m.Calls(), took)
				}
				if err := m.Wait(); err != nil || applied != tt.all {
					t.Errorf("%d applied in the end, %v", applied, err)
				}
			})
		})
	}
}

// call reports whether a call is answered, whose caller waits no longer then.
func call(t *testing.T, through http.RoundTripper) bool {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://a/", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := through.RoundTrip(req)
	if err != nil {
		return false
	}
	return res.Body.Close() == nil
}

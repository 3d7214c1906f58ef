package fault_test

import (
	"errors"
	"fmt"
	"testing"

	"fulcrum/shared/fault"
)

var errGone = errors.New("gone")

func TestParks(t *testing.T) {
	tests := map[string]struct {
		err    error
		reason fault.Reason
		parks  bool
	}{
		"nothing parks nothing":                 {err: nil},
		"an unmarked error deserves a try":      {err: errGone},
		"nil stays nil when marked":             {err: fault.Permanent("gone", nil)},
		"a marked error parks":                  {err: fault.Permanent("gone", errGone), reason: "gone", parks: true},
		"the mark is found below a wrap":        {err: fmt.Errorf("read: %w", fault.Permanent("gone", errGone)), reason: "gone", parks: true},
		"the mark is found in a joined error":   {err: errors.Join(errors.New("other"), fault.Permanent("gone", errGone)), reason: "gone", parks: true},
		"the outermost of two marks counts":     {err: fault.Permanent("outer", fault.Permanent("inner", errGone)), reason: "outer", parks: true},
		"an error that wraps an unmarked error": {err: fmt.Errorf("read: %w", errGone)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			reason, parks := fault.Parks(tt.err)
			if reason != tt.reason || parks != tt.parks {
				t.Errorf("Parks(%v) = %q, %v; want %q, %v", tt.err, reason, parks, tt.reason, tt.parks)
			}
		})
	}
}

func TestPermanentKeepsTheError(t *testing.T) {
	err := fault.Permanent("gone", fmt.Errorf("read opportunity: %w", errGone))
	if !errors.Is(err, errGone) {
		t.Error("the marked error no longer wraps its cause")
	}
	if got := err.Error(); got != "read opportunity: gone" {
		t.Errorf("the mark changed the text: %q", got)
	}
}

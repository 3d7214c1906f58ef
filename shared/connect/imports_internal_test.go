package connect

import (
	"testing"
	"time"

	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

func TestWhatIsLeftOfAnImportIsReckonedFromWhatWasDone(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	begun := lever.At(now.Add(-10 * time.Minute))
	done, open := store.ImportPart{Pages: 20, Done: true}, store.ImportPart{}
	tests := map[string]struct {
		parts          []store.ImportPart
		calls, minutes int
	}{
		"not cut yet":                       {},
		"one part alone":                    {parts: []store.ImportPart{open}},
		"no part done":                      {parts: []store.ImportPart{{Pages: 5}, open}},
		"all done":                          {parts: []store.ImportPart{done, done}},
		"half done is half to go":           {parts: []store.ImportPart{done, open}, calls: 20, minutes: 10},
		"pages of a part on its way count":  {parts: []store.ImportPart{done, {Pages: 4}, open}, calls: 48, minutes: 20},
		"a part of a minute is a minute":    {parts: append(repeated(done, 30), open), calls: 20, minutes: 1},
		"a quarter done is three to follow": {parts: []store.ImportPart{done, open, open, open}, calls: 60, minutes: 30},
	}
	for name, tt := range tests {
		calls, minutes := left(store.Import{Parts: tt.parts, StartedAt: begun}, now)
		if calls != tt.calls || minutes != tt.minutes {
			t.Errorf("%s: %d calls, %d minutes", name, calls, minutes)
		}
	}
}

func repeated(p store.ImportPart, n int) []store.ImportPart {
	all := make([]store.ImportPart, n)
	for i := range all {
		all[i] = p
	}
	return all
}

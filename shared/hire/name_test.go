package hire

import "testing"

func TestNamesAreCutAfterTheFirstWord(t *testing.T) {
	tests := map[string]struct {
		name string
		want Name
	}{
		"two words":                       {"Ada Lovelace", Name{"Ada", "Lovelace", false}},
		"one word":                        {"Cher", Name{"Cher", "", true}},
		"more than two lose nothing":      {"Maria del Carmen Ruiz", Name{"Maria", "del Carmen Ruiz", true}},
		"family name first with a comma":  {"Lovelace, Ada", Name{"Ada", "Lovelace", false}},
		"two family names with a comma":   {"Ruiz Perez, Carmen", Name{"Carmen", "Ruiz Perez", true}},
		"a comma with nothing behind":     {"Lovelace,", Name{"Lovelace,", "", true}},
		"white space of all kinds":        {"  Ada \t Lovelace\n", Name{"Ada", "Lovelace", false}},
		"no name":                         {"", Name{"", "", true}},
		"letters that are not from Latin": {"李 小龙", Name{"李", "小龙", false}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := SplitName(tt.name); got != tt.want {
				t.Errorf("%+v, want %+v", got, tt.want)
			}
		})
	}
}

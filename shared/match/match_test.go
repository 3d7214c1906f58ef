package match

import (
	"reflect"
	"testing"
)

func TestOnlyTheSameTextIsExact(t *testing.T) {
	tests := map[string]struct {
		name  string
		among []string
		want  Match
	}{
		"the same text":                             {"Berlin", []string{"Paris", "Berlin"}, Match{Exact, 1, ""}},
		"an accent typed as a sign of its own":      {"Zu\u0308rich", []string{"Z\u00fcrich"}, Match{Exact, 0, ""}},
		"an accent on their side only composed":     {"Z\u00fcrich", []string{"Zu\u0308rich"}, Match{Exact, 0, ""}},
		"a blank behind is a suggestion":            {"Berlin ", []string{"Berlin"}, Match{Near, -1, "Berlin"}},
		"another case is a suggestion":              {"berlin", []string{"Berlin"}, Match{Near, -1, "Berlin"}},
		"a missing accent is a suggestion":          {"Zurich", []string{"Z\u00fcrich"}, Match{Near, -1, "Z\u00fcrich"}},
		"other signs are a suggestion":              {"R & D", []string{"Sales", "R&D"}, Match{Near, -1, "R&D"}},
		"a slip of the pen is a suggestion":         {"Enginering", []string{"Design", "Engineering"}, Match{Near, -1, "Engineering"}},
		"a letter that only looks the same is near": {"\uff22erlin", []string{"Berlin"}, Match{Near, -1, "Berlin"}},
		"the nearest is suggested":                  {"platforn", []string{"Platforms", "Platform"}, Match{Near, -1, "Platform"}},
		"an abbreviation is another name":           {"NYC", []string{"New York"}, Match{None, -1, ""}},
		"short names have to be the same letters":   {"HR", []string{"PR"}, Match{None, -1, ""}},
		"two of the same name are not chosen from":  {"Core", []string{"Core", "Web", "Core"}, Match{Several, -1, ""}},
		"nothing is not found":                      {"", []string{"", "Berlin"}, Match{None, -1, ""}},
		"signs alone are not near to nothing":       {"--", []string{"Berlin"}, Match{None, -1, ""}},
		"nowhere":                                   {"Berlin", nil, Match{None, -1, ""}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := Find(tt.name, tt.among); got != tt.want {
				t.Errorf("%+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestDistinctNamesAreInOrderAndOnce(t *testing.T) {
	got := Distinct([]string{"Paris", "", "Z\u00fcrich", "Berlin", "Zu\u0308rich", "Paris"})
	if want := []string{"Berlin", "Paris", "Z\u00fcrich"}; !reflect.DeepEqual(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

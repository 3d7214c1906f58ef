package console

import (
	"strings"
	"testing"
	"time"

	"fulcrum/shared/lever"
)

func TestNinetyNineOfAHundred(t *testing.T) {
	classes := func(at ...int) []int { // how many are in which class
		all := make([]int, len(bounds())+1)
		for i := 0; i < len(at); i += 2 {
			all[at[i]] = at[i+1]
		}
		return all
	}
	tests := map[string]struct {
		hours []Hour
		since lever.Time
		want  time.Duration
		ok    bool
	}{
		"nothing was delivered":                   {},
		"all at once":                             {hours: []Hour{{Took: classes(0, 5)}}, want: 500 * time.Millisecond, ok: true},
		"the slowest of a hundred does not count": {hours: []Hour{{Took: classes(0, 99, 8, 1)}}, want: 500 * time.Millisecond, ok: true},
		"two of a hundred do":                     {hours: []Hour{{Took: classes(0, 98, 8, 2)}}, want: time.Hour, ok: true},
		"more than an hour":                       {hours: []Hour{{Took: classes(0, 1, 9, 1)}}},
		"hours add up":                            {hours: []Hour{{Took: classes(1, 50)}, {Took: classes(2, 50)}}, want: 2 * time.Second, ok: true},
		"hours before do not count":               {hours: []Hour{{At: 1, Took: classes(8, 50)}, {At: 3, Took: classes(2, 50)}}, since: 2, want: 2 * time.Second, ok: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got, ok := (Figures{Hours: tt.hours}).p99(tt.since); got != tt.want || ok != tt.ok {
				t.Errorf("%v, %v", got, ok)
			}
		})
	}
}

func TestAChartHasEveryHourInItsBar(t *testing.T) {
	now := 100*hour + 17
	hours := []Hour{{At: 76 * hour, Received: 7}, {At: 77 * hour, Received: 2}, {At: 100 * hour, Received: 4}, {At: 101 * hour, Received: 9}}
	c := chartOf("Received", hours, now, hour, 24, func(h Hour) int { return h.Received })
	if c.Total != 6 || c.Most != 4 || len(c.Bars) != 24 || c.Bars[0].N != 2 || c.Bars[23].N != 4 || c.Bars[0].At != 77*hour || c.Bars[23].Until != 101*hour {
		t.Errorf("%+v", c)
	}
	if last := c.Bars[23]; last.Height != chartHeight || last.Y != chartTop || last.X+last.Width > chartWidth {
		t.Errorf("the highest bar is %+v", last)
	}
	week := chartOf("Received", hours, now, 6*hour, 28, func(h Hour) int { return h.Received })
	if week.Total != 13 || week.Bars[27].N != 4 || week.Bars[23].N != 7 || week.Bars[24].N != 2 {
		t.Errorf("%+v", week)
	}
	if none := chartOf("", nil, now, hour, 24, func(Hour) int { return 1 }); none.Total != 0 || none.Bars[3].Height != 0 {
		t.Errorf("%+v", none)
	}
}

func TestADurationIsSaid(t *testing.T) {
	for _, tt := range []struct {
		d    time.Duration
		want string
	}{{500 * time.Millisecond, "500ms"}, {2 * time.Second, "2s"}, {time.Minute, "1m"}, {5 * time.Minute, "5m"}, {time.Hour, "an hour"}} {
		if got := long(tt.d); got != tt.want {
			t.Errorf("%v is %s", tt.d, got)
		}
	}
}

func TestWhatMayBeAboutAPersonIsMasked(t *testing.T) {
	for text, want := range map[string]string{
		`{"name":"Ada","id":"1","hiredAt":"2026","pay":110000,"ok":true,"none":null}`: `{"hiredAt":"2026","id":"1","name":"•••","none":null,"ok":true,"pay":"•••"}`,
		`{"fields":[{"value":"Ada","reason":"no_job"}],"contactId":"c"}`:              `{"contactId":"c","fields":[{"reason":"no_job","value":"•••"}]}`,
		`{"id":{"name":"Ada"}}`: `{"id":{"name":"•••"}}`,
		`["Ada",1]`:             `["•••","•••"]`,
		`"Ada"`:                 `"•••"`,
		`Ada`:                   `"•••"`,
		``:                      `"•••"`,
	} {
		if got := string(mask([]byte(text))); got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
}

func TestAnAddressLeadsToItsPage(t *testing.T) {
	for address, want := range map[string]string{
		"GET /console": "/console", "GET /console/": "/console", "GET /console/connections/con_1/events/e": "/console/connections/{c}/events/{e}",
		"POST /console/connections/con_1/pause": "/console/connections/{c}/pause", "GET /console/connections/con_1/pause": "",
		"GET /console/connections/con_1/nothing": "", "GET /consoles": "", "GET /": "", "DELETE /console": "",
	} {
		method, path, _ := strings.Cut(address, " ")
		r, values, ok := find(method, path)
		if r.address != want || ok != (want != "") || want == "/console/connections/{c}/events/{e}" && (values["c"] != "con_1" || values["e"] != "e") {
			t.Errorf("%s: %s %v", address, r.address, values)
		}
	}
}

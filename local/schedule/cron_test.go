package schedule

import (
	"math"
	"strings"
	"testing"
	"time"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Skip("no time zones on this machine")
	}
	return z
}

// The examples with AWS's own words are from the EventBridge user guide, "Cron
// expressions reference".
func TestWhenAnExpressionFires(t *testing.T) {
	const layout = "2006-01-02 15:04"
	tests := map[string]struct {
		expression, zone, after string
		want                    string // the next times, or never
	}{
		"10:00 am (UTC+0) every day":                            {"cron(0 10 * * ? *)", "UTC", "2026-11-21 09:59", "2026-11-21 10:00, 2026-11-22 10:00"},
		"12:15 pm (UTC+0) every day":                            {"cron(15 12 * * ? *)", "UTC", "2026-11-21 12:15", "2026-11-22 12:15"},
		"6:00 pm (UTC+0) every Monday through Friday":           {"cron(0 18 ? * MON-FRI *)", "UTC", "2026-11-20 17:00", "2026-11-20 18:00, 2026-11-23 18:00"},
		"8:00 am (UTC+0) every 1st day of the month":            {"cron(0 8 1 * ? *)", "UTC", "2026-11-21 00:00", "2026-12-01 08:00, 2027-01-01 08:00"},
		"every 15 minutes":                                      {"cron(0/15 * * * ? *)", "UTC", "2026-11-21 23:44", "2026-11-21 23:45, 2026-11-22 00:00"},
		"every 10 minutes Monday through Friday":                {"cron(0/10 * ? * MON-FRI *)", "UTC", "2026-11-20 23:50", "2026-11-23 00:00, 2026-11-23 00:10"},
		"every 5 minutes Monday through Friday, 8:00 and 17:55": {"cron(0/5 8-17 ? * MON-FRI *)", "UTC", "2026-11-20 17:50", "2026-11-20 17:55, 2026-11-23 08:00"},
		"every tenth minute from the first":                     {"cron(1/10 * * * ? *)", "UTC", "2026-11-21 00:00", "2026-11-21 00:01, 2026-11-21 00:11"},
		"every second hour of a range":                          {"cron(0 8-12/2 * * ? *)", "UTC", "2026-11-21 09:00", "2026-11-21 10:00, 2026-11-21 12:00, 2026-11-22 08:00"},
		"every step of a star":                                  {"cron(*/30 0 * * ? *)", "UTC", "2026-11-21 00:00", "2026-11-21 00:30, 2026-11-22 00:00"},
		"a list":                                                {"cron(0 0 5,1 JAN,jul ? *)", "UTC", "2026-11-21 00:00", "2027-01-01 00:00, 2027-01-05 00:00, 2027-07-01 00:00"},
		"one year":                                              {"cron(0 0 1 1 ? 2028)", "UTC", "2026-11-21 00:00", "2028-01-01 00:00, never"},
		"Sunday is 1":                                           {"cron(0 0 ? * 1 *)", "UTC", "2026-11-21 00:00", "2026-11-22 00:00"},
		"Saturday is 7 and L":                                   {"cron(0 0 ? * L *)", "UTC", "2026-11-22 00:00", "2026-11-28 00:00"},
		"the last day of the month":                             {"cron(0 0 L * ? *)", "UTC", "2027-01-31 12:00", "2027-02-28 00:00, 2027-03-31 00:00"},
		"the 29th of February":                                  {"cron(0 0 29 2 ? *)", "UTC", "2026-11-21 00:00", "2028-02-29 00:00, 2032-02-29 00:00"},
		"a day that never comes":                                {"cron(0 0 30 2 ? *)", "UTC", "2026-11-21 00:00", "never"},
		"the weekday nearest to the 3rd":                        {"cron(0 0 3W * ? *)", "UTC", "2026-09-30 00:00", "2026-10-02 00:00, 2026-11-03 00:00"},
		"nearest to the 1st, a Saturday, stays in the month":    {"cron(0 0 1W 8 ? *)", "UTC", "2026-07-31 00:00", "2026-08-03 00:00"},
		"nearest to the 31st, a Sunday, stays in the month":     {"cron(0 0 31W 1 ? 2027)", "UTC", "2026-12-31 00:00", "2027-01-29 00:00, never"},
		"nearest to a Sunday is Monday":                         {"cron(0 0 15W 11 ? *)", "UTC", "2026-11-01 00:00", "2026-11-16 00:00"},
		"nearest to a day that some months do not have":         {"cron(0 0 31W 2,3 ? 2027)", "UTC", "2027-01-31 00:00", "2027-03-31 00:00, never"},
		"the last weekday of the month":                         {"cron(0 0 LW * ? *)", "UTC", "2026-10-01 00:00", "2026-10-30 00:00, 2026-11-30 00:00"},
		"the last Friday of the month":                          {"cron(0 9 ? * 6L *)", "UTC", "2026-11-21 00:00", "2026-11-27 09:00, 2026-12-25 09:00"},
		"the last Friday by its name":                           {"cron(0 9 ? * FRIL *)", "UTC", "2026-11-27 09:00", "2026-12-25 09:00"},
		"the second Tuesday of the month":                       {"cron(0 9 ? * 3#2 *)", "UTC", "2026-11-21 00:00", "2026-12-08 09:00, 2027-01-12 09:00"},
		"a fifth Monday":                                        {"cron(0 9 ? * MON#5 *)", "UTC", "2026-11-21 00:00", "2026-11-30 09:00, 2027-03-29 09:00"},
		"in another zone":                                       {"cron(30 9 * * ? *)", "Asia/Kolkata", "2026-11-21 09:00", "2026-11-21 09:30"},
		"a time that is skipped in spring":                      {"cron(30 2 * * ? *)", "Europe/Berlin", "2027-03-27 12:00", "2027-03-29 02:30"},
		"a time that comes twice in autumn":                     {"cron(30 2 * * ? *)", "Europe/Berlin", "2026-10-24 12:00", "2026-10-25 02:30, 2026-10-26 02:30"},
		"once":                                                  {"at(2026-12-24T18:00:00)", "Europe/Berlin", "2026-11-21 00:00", "2026-12-24 18:00, never"},
		"once, in the past":                                     {"at(2025-12-24T18:00:00)", "UTC", "2026-11-21 00:00", "never"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			z := zone(t, tt.zone)
			e, err := parse(tt.expression, z)
			if err != nil {
				t.Fatal(err)
			}
			at, err := time.ParseInLocation(layout, tt.after, z)
			if err != nil {
				t.Fatal(err)
			}
			want := strings.Split(tt.want, ", ")
			for i, w := range want {
				at = e.next(at)
				got := "never"
				if !at.IsZero() {
					got = at.In(z).Format(layout)
				}
				if got != w {
					t.Fatalf("time %d: %s, want %s", i+1, got, w)
				}
			}
		})
	}
}

func TestIntervalsCountFromTheirAnchor(t *testing.T) {
	anchor := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{"rate(1 minute)": time.Minute, "rate(5 minutes)": 5 * time.Minute, "rate(1 hour)": time.Hour, "rate(3 days)": 72 * time.Hour} {
		e, err := parse(text, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		e.anchor = anchor
		if got := e.next(anchor).Sub(anchor); got != want {
			t.Errorf("%s: first after %v", text, got)
		}
		if got := e.next(anchor.Add(2*want + want/3)).Sub(anchor); got != 3*want {
			t.Errorf("%s: then after %v", text, got)
		}
	}
}

func TestAnExpressionThatCannotBeReadSaysWhy(t *testing.T) {
	const unit = "not a number of minutes, hours or days (1 minute, 5 minutes)"
	tests := map[string]struct{ expression, want string }{
		"nothing known":                 {"every(5 minutes)", `"every(5 minutes)" is not a schedule: rate(…), cron(…) or at(…)`},
		"a rate of nothing":             {"rate(0 minutes)", "rate(0 minutes): " + unit},
		"a rate of seconds":             {"rate(30 seconds)", "rate(30 seconds): " + unit},
		"one of many":                   {"rate(1 minutes)", "rate(1 minutes): " + unit},
		"many of one":                   {"rate(5 minute)", "rate(5 minute): " + unit},
		"five fields":                   {"cron(0 10 * * ?)", "cron(0 10 * * ?): 5 fields; there are six: minutes, hours, day of month, month, day of week, year"},
		"two days":                      {"cron(0 10 1 * MON *)", "cron(0 10 1 * MON *): one of day of month and day of week is ?"},
		"no day":                        {"cron(0 10 ? * ? *)", "cron(0 10 ? * ? *): one of day of month and day of week is ?"},
		"a minute too many":             {"cron(60 10 * * ? *)", `cron(60 10 * * ? *): minutes: "60" is not 0 to 59`},
		"a month by a wrong name":       {"cron(0 10 * FOO ? *)", `cron(0 10 * FOO ? *): month: "FOO" is not 1 to 12`},
		"a range backwards":             {"cron(0 17-8 * * ? *)", "cron(0 17-8 * * ? *): hours: 17-8 ends before it begins"},
		"a range without an end":        {"cron(0 8- * * ? *)", `cron(0 8- * * ? *): hours: "" is not 0 to 23`},
		"a step of nothing":             {"cron(0/0 8 * * ? *)", `cron(0/0 8 * * ? *): minutes: "0" is not 1 to 59`},
		"a year before the first":       {"cron(0 8 * * ? 1969)", `cron(0 8 * * ? 1969): year: "1969" is not 1970 to 2199`},
		"a day 32":                      {"cron(0 8 32 * ? *)", `cron(0 8 32 * ? *): day of month: "32" is not 1 to 31`},
		"a weekday near nothing":        {"cron(0 8 0W * ? *)", `cron(0 8 0W * ? *): day of month: "0" is not 1 to 31`},
		"day 0 of the week":             {"cron(0 8 ? * 0 *)", `cron(0 8 ? * 0 *): day of week: "0" is not 1 to 7`},
		"the last of no day":            {"cron(0 8 ? * 8L *)", `cron(0 8 ? * 8L *): day of week: "8" is not 1 to 7`},
		"the sixth Monday":              {"cron(0 8 ? * 2#6 *)", `cron(0 8 ? * 2#6 *): day of week: "6" is not 1 to 5`},
		"a moment that cannot be read":  {"at(tomorrow)", `at(tomorrow): parsing time "tomorrow" as "2006-01-02T15:04:05": cannot parse "tomorrow" as "2006"`},
		"a step that is no number":      {"cron(0/x 8 * * ? *)", `cron(0/x 8 * * ? *): minutes: "x" is not 1 to 59`},
		"parentheses that do not close": {"rate(1 day", `"rate(1 day" is not a schedule: rate(…), cron(…) or at(…)`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := parse(tt.expression, time.UTC); err == nil || err.Error() != tt.want {
				t.Errorf("\n got %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestPauses(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"rate(1 minute)": time.Minute, "rate(6 hours)": 6 * time.Hour, "cron(0/5 * * * ? *)": 5 * time.Minute,
		"cron(15 12 * * ? *)": 24 * time.Hour, "at(2026-11-21T10:00:00)": math.MaxInt64, "hourly": 0,
	} {
		if got, err := Pause(text); got != want || (err != nil) != (want == 0) {
			t.Errorf("%s: %v, %v, want %v", text, got, err, want)
		}
	}
}

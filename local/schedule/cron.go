package schedule

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// lastYear is the last year of a cron expression.
const lastYear = 2199

// expression is when a schedule fires: every interval counted from anchor, at one
// moment, or by a calendar.
type expression struct {
	every  time.Duration
	anchor time.Time
	once   time.Time
	calendar
}

// calendar is a cron expression of six fields in a time zone. No cron library
// reads EventBridge's: it has a year, counts Sunday as 1, and has L, W and #.
type calendar struct {
	zone                         *time.Location
	minutes, hours, months, year []int
	day                          func(date time.Time) bool
}

// parse reads rate(…), cron(…) or at(…).
func parse(text string, zone *time.Location) (expression, error) {
	found := regexp.MustCompile(`^(rate|cron|at)\(([^()]+)\)$`).FindStringSubmatch(text)
	if found == nil {
		return expression{}, fmt.Errorf("%q is not a schedule: rate(…), cron(…) or at(…)", text)
	}
	var e expression
	var err error
	switch found[1] {
	case "rate":
		e.every, err = interval(found[2])
	case "at":
		e.once, err = time.ParseInLocation("2006-01-02T15:04:05", found[2], zone)
	default:
		e.calendar, err = readCalendar(found[2], zone)
	}
	if err != nil {
		return expression{}, fmt.Errorf("%s: %w", text, err)
	}
	return e, nil
}

// Pause is the time between the first two moments at which a schedule's expression
// fires, in UTC; for one that fires once, the longest there is.
func Pause(text string) (time.Duration, error) {
	e, err := parse(text, time.UTC)
	if err != nil {
		return 0, err
	}
	if e.every > 0 {
		return e.every, nil
	}
	first := e.next(time.Unix(0, 0))
	second := e.next(first)
	if second.IsZero() {
		return math.MaxInt64, nil
	}
	return second.Sub(first), nil
}

// interval reads "1 hour" or "5 minutes".
func interval(text string) (time.Duration, error) {
	number, unit, _ := strings.Cut(text, " ")
	n, err := strconv.Atoi(number)
	length, ok := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}[strings.TrimSuffix(unit, "s")]
	if err != nil || n < 1 || !ok || (n == 1) == strings.HasSuffix(unit, "s") {
		return 0, fmt.Errorf("not a number of minutes, hours or days (1 minute, 5 minutes)")
	}
	return time.Duration(n) * length, nil
}

// next is the first moment after a time at which the schedule fires, or zero.
func (e *expression) next(after time.Time) time.Time {
	switch {
	case e.every > 0:
		return e.anchor.Add((after.Sub(e.anchor)/e.every + 1) * e.every)
	case !e.once.IsZero():
		if after.Before(e.once) {
			return e.once
		}
		return time.Time{}
	}
	return e.calendar.next(after)
}

// next goes through the calendar of the zone. A time that its clocks skip in
// spring is left out; one that they show twice in autumn counts once.
func (c *calendar) next(after time.Time) time.Time {
	local := after.In(c.zone)
	for date := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC); date.Year() <= lastYear; date = date.AddDate(0, 0, 1) {
		if !slices.Contains(c.year, date.Year()) || !slices.Contains(c.months, int(date.Month())) || !c.day(date) {
			continue
		}
		for _, hour := range c.hours {
			for _, minute := range c.minutes {
				at := time.Date(date.Year(), date.Month(), date.Day(), hour, minute, 0, 0, c.zone)
				if at.Hour() == hour && at.Minute() == minute && at.After(after) {
					return at
				}
			}
		}
	}
	return time.Time{}
}

func readCalendar(text string, zone *time.Location) (calendar, error) {
	fields := strings.Fields(text)
	if len(fields) != 6 {
		return calendar{}, fmt.Errorf("%d fields; there are six: minutes, hours, day of month, month, day of week, year", len(fields))
	}
	if (fields[2] == "?") == (fields[4] == "?") {
		return calendar{}, fmt.Errorf("one of day of month and day of week is ?")
	}
	c := calendar{zone: zone}
	var err error
	for _, f := range []struct {
		name        string
		into        *[]int
		text        string
		least, most int
		names       []string
	}{
		{"minutes", &c.minutes, fields[0], 0, 59, nil},
		{"hours", &c.hours, fields[1], 0, 23, nil},
		{"month", &c.months, fields[3], 1, 12, months()},
		{"year", &c.year, fields[5], 1970, lastYear, nil},
	} {
		if *f.into, err = values(f.text, f.least, f.most, f.names); err != nil {
			return calendar{}, fmt.Errorf("%s: %w", f.name, err)
		}
	}
	if fields[4] == "?" {
		c.day, err = dayOfMonth(fields[2])
	} else {
		c.day, err = dayOfWeek(fields[4])
	}
	return c, err
}

func months() []string {
	return []string{"", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}
}

func weekdays() []string {
	return []string{"", "SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}
}

// values are those of a field: *, a, a-b, a/n, */n or a-b/n, with commas between
// them. names stand for their index.
func values(text string, least, most int, names []string) ([]int, error) {
	var out []int
	for item := range strings.SplitSeq(text, ",") {
		span, step, stepped := strings.Cut(item, "/")
		from, to, ranged := strings.Cut(span, "-")
		low, high := least, most
		var err error
		if span != "*" {
			if low, err = value(from, least, most, names); err != nil {
				return nil, err
			}
			switch {
			case ranged:
				high, err = value(to, least, most, names)
			case !stepped:
				high = low
			}
		}
		by := 1
		if stepped && err == nil {
			by, err = value(step, 1, most, nil)
		}
		if err != nil {
			return nil, err
		}
		if low > high {
			return nil, fmt.Errorf("%s ends before it begins", item)
		}
		for v := low; v <= high; v += by {
			out = append(out, v)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

func value(text string, least, most int, names []string) (int, error) {
	if i := slices.Index(names, strings.ToUpper(text)); i > 0 {
		return i, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		return 0, fmt.Errorf("%q is not %d to %d", text, least, most)
	}
	return n, nil
}

// dayOfMonth reads that field: L is the last day, 15W the weekday nearest to the
// 15th within the month, LW the last weekday.
func dayOfMonth(text string) (func(time.Time) bool, error) {
	if text == "L" {
		return func(d time.Time) bool { return d.Day() == lastDay(d) }, nil
	}
	if number, ok := strings.CutSuffix(text, "W"); ok {
		day := 31
		var err error
		if number != "L" {
			day, err = value(number, 1, 31, nil)
		}
		return func(d time.Time) bool {
			if number != "L" && day > lastDay(d) {
				return false
			}
			return d.Day() == nearestWeekday(d, min(day, lastDay(d)))
		}, wrap("day of month", err)
	}
	days, err := values(text, 1, 31, nil)
	return func(d time.Time) bool { return slices.Contains(days, d.Day()) }, wrap("day of month", err)
}

// dayOfWeek reads that field: 1 or SUN to 7 or SAT, L is Saturday, 6L the last
// Friday of the month, 3#2 the second Tuesday.
func dayOfWeek(text string) (func(time.Time) bool, error) {
	if text == "L" {
		text = "SAT"
	}
	if day, ok := strings.CutSuffix(text, "L"); ok {
		n, err := value(day, 1, 7, weekdays())
		return func(d time.Time) bool { return weekday(d) == n && d.Day() > lastDay(d)-7 }, wrap("day of week", err)
	}
	if day, nth, ok := strings.Cut(text, "#"); ok {
		n, err := value(day, 1, 7, weekdays())
		which, err2 := value(nth, 1, 5, nil)
		if err == nil {
			err = err2
		}
		return func(d time.Time) bool { return weekday(d) == n && (d.Day()-1)/7+1 == which }, wrap("day of week", err)
	}
	days, err := values(text, 1, 7, weekdays())
	return func(d time.Time) bool { return slices.Contains(days, weekday(d)) }, wrap("day of week", err)
}

func wrap(field string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", field, err)
}

func weekday(d time.Time) int { return int(d.Weekday()) + 1 }

func lastDay(d time.Time) int {
	return time.Date(d.Year(), d.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// nearestWeekday is the Monday to Friday nearest to a day, in the same month.
func nearestWeekday(d time.Time, day int) int {
	switch time.Date(d.Year(), d.Month(), day, 0, 0, 0, 0, time.UTC).Weekday() {
	case time.Saturday:
		if day == 1 {
			return 3
		}
		return day - 1
	case time.Sunday:
		if day == lastDay(d) {
			return day - 2
		}
		return day + 1
	}
	return day
}

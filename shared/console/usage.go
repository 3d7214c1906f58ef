package console

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"fulcrum/shared/api"
	"fulcrum/shared/frame"
	"fulcrum/shared/history"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

const (
	// recounted is how many days before the last count are counted again: what is
	// redriven later than that moves no number.
	recounted = 2
	// keptDays is how many days are kept of a connection's numbers; the ledger itself
	// has 35.
	keptDays = 400
	// monthLayout is a month as addresses and files have it.
	monthLayout = "2006-01"
)

// numbers are what a connection did, by day in UTC, as far as it was counted. They
// outlive the ledger.
type numbers struct {
	At   lever.Time             `json:"at"`
	Days map[string]history.Day `json:"days"`
}

// Stale says that they are to be counted again.
func (n numbers) stale(now time.Time) bool { return n.At <= lever.At(now)-fresh }

// newest are the days, the newest first.
func (n numbers) newest() []history.Day {
	var all []history.Day
	for _, day := range slices.Backward(slices.Sorted(maps.Keys(n.Days))) {
		all = append(all, n.Days[day])
	}
	return all
}

// sum adds up the days that begin with a prefix, such as a month.
func (n numbers) sum(prefix string) history.Day {
	var all history.Day
	for day, d := range n.Days {
		if strings.HasPrefix(day, prefix) {
			all = plus(all, d)
		}
	}
	return all
}

// plus adds what adds up; a percentile does not.
func plus(a, b history.Day) history.Day {
	return history.Day{
		Events: a.Events + b.Events, Delivered: a.Delivered + b.Delivered, Repaired: a.Repaired + b.Repaired,
		LeverCalls: a.LeverCalls + b.LeverCalls, USD: a.USD + b.USD,
	}
}

// numbersOf are a connection's numbers as they were last counted; again has those
// that are stale counted. What was never counted always is.
func (v *visit) numbersOf(ctx context.Context, connectionID string, again bool) (numbers, error) {
	var n numbers
	err := v.Table.Figures(ctx, connectionID, &n)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return n, err
	}
	if n.At != 0 && (!again || !n.stale(v.Now())) {
		return n, nil
	}
	return v.countNumbers(ctx, connectionID, n)
}

// countNumbers counts the days anew that may have changed since the last count.
func (v *visit) countNumbers(ctx context.Context, connectionID string, before numbers) (numbers, error) {
	days := int(store.Retention / (24 * time.Hour))
	if before.At != 0 {
		days = min(days, int(v.Now().Sub(before.At.Time()).Hours()/24)+1+recounted)
	}
	asked := *v
	asked.values = map[string]string{"c": connectionID}
	var counted struct{ Days []history.Day }
	err := asked.ask(ctx, "GET /v1/connections/{c}/numbers", map[string]string{"days": strconv.Itoa(days)}, nil, &counted)
	if err != nil {
		return before, err
	}
	now := numbers{At: lever.At(v.Now()), Days: before.Days}
	if now.Days == nil {
		now.Days = map[string]history.Day{}
	}
	for _, d := range counted.Days {
		if delete(now.Days, d.Day); d.Events+d.Repaired+d.LeverCalls > 0 {
			now.Days[d.Day] = d
		}
	}
	oldest := v.Now().UTC().AddDate(0, 0, -keptDays).Format(time.DateOnly)
	maps.DeleteFunc(now.Days, func(day string, _ history.Day) bool { return day < oldest })
	return now, v.Table.PutFigures(ctx, connectionID, now)
}

// numbersPage is what a connection did, day by day.
type numbersPage struct {
	tab
	Days   []history.Day
	Months []usageRow
	live
}

// live is how a part of a page renews itself.
type live struct {
	At lever.Time
	// Every is when, in milliseconds: at once where what is shown is old.
	Every int
}

func (v *visit) renewed(at lever.Time) live {
	l := live{At: at, Every: 60_000}
	if at <= lever.At(v.Now())-fresh {
		l.Every = 100
	}
	return l
}

func (v *visit) numbers(ctx context.Context) (answer, error) {
	part := v.part() != ""
	t, err := v.tab(ctx)
	if err != nil {
		return answer{}, err
	}
	n, err := v.numbersOf(ctx, t.Connection.ID, part)
	if err != nil {
		return answer{}, err
	}
	p := numbersPage{tab: t, Days: n.newest(), live: v.renewed(n.At)}
	for _, month := range v.months() {
		if sum := n.sum(month); sum != (history.Day{}) {
			p.Months = append(p.Months, usageRow{Month: month, Day: sum})
		}
	}
	if part {
		return v.show("numbers-part", p)
	}
	return v.show("numbers", p)
}

// months are those that may be asked for, the newest first: this one and a year
// back.
func (v *visit) months() []string {
	first := v.Now().UTC()
	first = time.Date(first.Year(), first.Month(), 1, 0, 0, 0, 0, time.UTC)
	var all []string
	for i := range 13 {
		all = append(all, first.AddDate(0, -i, 0).Format(monthLayout))
	}
	return all
}

// numbersFile is the days as a file.
func (v *visit) numbersFile(ctx context.Context) (answer, error) {
	c, err := v.connection(ctx)
	if err != nil {
		return answer{}, err
	}
	n, err := v.numbersOf(ctx, c.ID, true)
	if err != nil {
		return answer{}, err
	}
	rows := api.CSV{append([]string{"day", "p50Ms", "p99Ms"}, usageNames()...)}
	for _, d := range n.newest() {
		rows = append(rows, append([]string{d.Day, strconv.FormatInt(d.P50, 10), strconv.FormatInt(d.P99, 10)}, cells(d)...))
	}
	return v.file("numbers-"+c.ID+".csv", rows)
}

func usageNames() []string {
	return []string{"events", "delivered", "repaired", "leverCalls", "estimatedUsd"}
}

func cells(d history.Day) []string {
	return []string{strconv.Itoa(d.Events), strconv.Itoa(d.Delivered), strconv.Itoa(d.Repaired), strconv.Itoa(d.LeverCalls), fmt.Sprintf("%.6f", d.USD)}
}

// usagePage is what the connections did in a month, and what that cost.
type usagePage struct {
	frame.Frame
	Month  string
	Months []string
	Rows   []usageRow
	Total  history.Day
	// Cursor and Next are the part of the list, and the address of the next.
	Cursor, Next string
	live
}

// usageRow is one connection, or one month.
type usageRow struct {
	Connection, Name, Month string
	At                      lever.Time
	history.Day
}

// Part is the address at which the page renews itself.
func (p usagePage) Part() string {
	return "/console/usage?" + url.Values{"month": {p.Month}, "cursor": {p.Cursor}, "part": {"rows"}}.Encode()
}

// File is the address of the same month as a file.
func (p usagePage) File() string { return "/console/usage.csv?month=" + p.Month }

func (v *visit) usage(ctx context.Context) (answer, error) {
	month, err := v.month()
	if err != nil {
		return answer{}, err
	}
	part := v.part() != ""
	p := usagePage{Frame: v.frame("Usage"), Month: month, Months: v.months(), Cursor: v.request.QueryStringParameters["cursor"]}
	page, err := v.Table.ConnectionsAtOnce(ctx, v.Partner, store.Paging{Cursor: p.Cursor, Limit: shownAtOnce})
	if err != nil {
		return answer{}, err
	}
	if p.Rows, err = v.usageRows(ctx, page.Items, month, part); err != nil {
		return answer{}, err
	}
	oldest := lever.At(v.Now())
	for _, r := range p.Rows {
		p.Total, oldest = plus(p.Total, r.Day), min(oldest, r.At)
	}
	if page.Next != "" {
		p.Next = "?" + url.Values{"month": {month}, "cursor": {page.Next}}.Encode()
	}
	p.live = v.renewed(oldest)
	if part {
		return v.Pages.Show(http.StatusOK, "usage-part", p)
	}
	return v.Pages.Show(http.StatusOK, "usage", p)
}

// month is the one that the address says, this one where it says none.
func (v *visit) month() (string, error) {
	month := v.request.QueryStringParameters["month"]
	if month == "" {
		return v.months()[0], nil
	}
	if !slices.Contains(v.months(), month) {
		return "", api.Invalid("month", "has to be one of the last year's, such as "+v.months()[0])
	}
	return month, nil
}

func (v *visit) usageRows(ctx context.Context, all []store.Connection, month string, again bool) ([]usageRow, error) {
	rows := make([]usageRow, len(all))
	counting, ctx := errgroup.WithContext(ctx)
	counting.SetLimit(together)
	for i, c := range all {
		counting.Go(func() error {
			n, err := v.numbersOf(ctx, c.ID, again)
			rows[i] = usageRow{Connection: c.ID, Name: nameOf(c), At: n.At, Month: month, Day: n.sum(month)}
			return err
		})
	}
	return rows, counting.Wait()
}

// usageFile is the month of all connections as a file.
func (v *visit) usageFile(ctx context.Context) (answer, error) {
	month, err := v.month()
	if err != nil {
		return answer{}, err
	}
	rows := api.CSV{append([]string{"month", "connection", "customer"}, usageNames()...)}
	for page := (store.Paging{Limit: shownAtOnce}); len(rows) <= lookedAt; {
		part, err := v.Table.ConnectionsAtOnce(ctx, v.Partner, page)
		if err != nil {
			return answer{}, err
		}
		used, err := v.usageRows(ctx, part.Items, month, false)
		if err != nil {
			return answer{}, err
		}
		for _, r := range used {
			rows = append(rows, append([]string{month, r.Connection, r.Name}, cells(r.Day)...))
		}
		if page.Cursor = part.Next; page.Cursor == "" {
			return v.file("usage-"+month+".csv", rows)
		}
	}
	return v.file("usage-"+month+".csv", append(rows, []string{fmt.Sprintf("There is more than these %d connections.", lookedAt)}))
}

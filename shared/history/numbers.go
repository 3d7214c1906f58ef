package history

import (
	"context"
	"math"
	"slices"
	"strconv"
	"time"

	"fulcrum/shared/api"
	"fulcrum/shared/lever"
	"fulcrum/shared/rate"
	"fulcrum/shared/store"
)

// Day is what a connection did on a day in UTC.
type Day struct {
	Day    string `json:"day"`
	Events int    `json:"events"`
	// Delivered counts the events whose documents have arrived, P50 and P99 say in
	// milliseconds how long that took from the event's receipt.
	Delivered int   `json:"delivered"`
	P50       int64 `json:"p50Ms"`
	P99       int64 `json:"p99Ms"`
	// Repaired counts the changes that no webhook had told of.
	Repaired int `json:"repaired"`
	// LeverCalls is how many calls of Lever's API were let pass. A call that was let
	// pass and not made in time counts too.
	LeverCalls int     `json:"leverCalls"`
	USD        float64 `json:"estimatedUsd"`
}

// numbers answers GET …/numbers.
func (h *History) numbers(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	if err := api.Only(r, "days", "format"); err != nil {
		return nil, err
	}
	n, err := daysOf(r)
	if err != nil {
		return nil, err
	}
	formats, err := api.OneOf(r, "format", "json", "csv")
	if err != nil {
		return nil, err
	}
	days, err := h.days(ctx, c.ID, n)
	if err != nil {
		return nil, err
	}
	if slices.Equal(formats, []string{"csv"}) {
		return api.OK(table(days))
	}
	return api.OK(struct {
		Days []Day `json:"days"`
	}{days})
}

const (
	defaultDays = 7
	maxDays     = int(store.Retention / (24 * time.Hour))
)

func daysOf(r *api.Request) (int, error) {
	text := r.Query("days")
	if text == "" {
		return defaultDays, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxDays {
		return 0, api.Invalid("days", "has to be 1 to "+strconv.Itoa(maxDays))
	}
	return n, nil
}

func (h *History) days(ctx context.Context, connectionID string, n int) ([]Day, error) {
	first := h.now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 1-n)
	tallies, err := h.table.Tallies(ctx, connectionID, lever.At(first))
	if err != nil {
		return nil, err
	}
	used, err := h.table.Used(ctx, connectionID)
	if err != nil {
		return nil, err
	}
	var days []Day
	for i := range n {
		day := first.AddDate(0, 0, i).Format(time.DateOnly)
		t := tallies[day]
		if t == nil {
			t = &store.Tally{}
		}
		d := Day{
			Day: day, Events: t.Events, Delivered: len(t.Took), P50: percentile(t.Took, 50), P99: percentile(t.Took, 99),
			Repaired: t.Repaired, LeverCalls: int(used[day] / rate.PerCall),
		}
		d.USD = cost(d)
		days = append(days, d)
	}
	return days, nil
}

// percentile is the time in milliseconds within which p of a hundred took place.
func percentile(took []time.Duration, p int) int64 {
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return took[(len(took)*p+99)/100-1].Milliseconds()
}

// What AWS asks for, in dollars for a million, in us-east-1 in November 2026
// (aws.amazon.com/{api-gateway,lambda,sqs,dynamodb}/pricing): an HTTP API request, a
// Lambda request, a gigabyte-second on arm64, an SQS request, a DynamoDB write and
// read unit on demand.
const (
	gatewayPrice, requestPrice, secondPrice = 1.00, 0.20, 13.33
	messagePrice, writePrice, readPrice     = 0.40, 0.625, 0.125
)

// cost estimates what a day cost. An event is one request through the gateway, two
// functions, a message sent, received and deleted, and some twelve units of writes,
// of which the transaction counts double. A document is a function, a message and
// some ten units more; a call of Lever's API is a unit of the rate's bucket and some
// time of waiting.
func cost(d Day) float64 {
	const (
		event    = gatewayPrice + 2*requestPrice + 3*messagePrice + 12*writePrice + 6*readPrice + 0.05*secondPrice
		document = requestPrice + 3*messagePrice + 10*writePrice + 4*readPrice + 0.03*secondPrice
		call     = writePrice + 0.03*secondPrice
	)
	usd := (float64(d.Events)*event + float64(d.Delivered)*document + float64(d.LeverCalls)*call) / 1e6
	return math.Round(usd*1e6) / 1e6
}

// table is the days as a table whose first row has the names.
func table(days []Day) api.CSV {
	rows := api.CSV{{"day", "events", "delivered", "p50Ms", "p99Ms", "repaired", "leverCalls", "estimatedUsd"}}
	for _, d := range days {
		rows = append(rows, []string{
			d.Day, strconv.Itoa(d.Events), strconv.Itoa(d.Delivered), strconv.FormatInt(d.P50, 10), strconv.FormatInt(d.P99, 10),
			strconv.Itoa(d.Repaired), strconv.Itoa(d.LeverCalls), strconv.FormatFloat(d.USD, 'f', -1, 64),
		})
	}
	return rows
}

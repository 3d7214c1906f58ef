package console

import (
	"context"
	"encoding/csv"
	"strconv"
	"strings"

	"fulcrum/shared/api"
	"fulcrum/shared/document"
	"fulcrum/shared/history"
	"fulcrum/shared/store"
)

// mostRows is how many rows a file has at most.
const mostRows = 5000

// file answers with rows as a file for a spreadsheet.
func (v *visit) file(name string, rows api.CSV) (answer, error) {
	var text strings.Builder
	for _, row := range rows {
		for i := range row {
			row[i] = harmlessCell(row[i])
		}
	}
	err := csv.NewWriter(&text).WriteAll(rows)
	return v.Pages.File(name, "text/csv; charset=utf-8", text.String()), err
}

// harmlessCell is a text that no spreadsheet takes for a formula. A number stays one.
func harmlessCell(text string) string {
	if _, err := strconv.ParseFloat(text, 64); err == nil || text == "" || !strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return text
	}
	return "'" + text
}

// eventsFile is what the list of events shows, with the same filter, the newest
// first. Where there is more than fits, the last row says so.
func (v *visit) eventsFile(ctx context.Context) (answer, error) {
	c, err := v.connection(ctx)
	if err != nil {
		return answer{}, err
	}
	_, ask, err := v.filter()
	if err != nil {
		return answer{}, err
	}
	ask["limit"] = strconv.Itoa(store.MaxPage)
	rows := api.CSV{{"receivedAt", "endedAt", "state", "reason", "event", "origin", "id", "opportunity", "failedTries"}}
	for next := v.request.QueryStringParameters["cursor"]; ; {
		if ask["cursor"] = next; next == "" {
			delete(ask, "cursor")
		}
		var part list[history.Event]
		if err := v.ask(ctx, "GET /v1/connections/{c}/events", ask, nil, &part); err != nil {
			return answer{}, err
		}
		for _, e := range part.Items {
			rows = append(rows, []string{
				e.ReceivedAt, e.EndedAt, string(e.State), string(e.Reason), string(e.Event), string(e.Origin), e.ID, e.IDs.Opportunity, strconv.Itoa(e.Tries),
			})
		}
		if next = part.NextCursor; next == "" {
			break
		}
		if len(rows) > mostRows {
			rows = append(rows, []string{"There is more: narrow the filter."})
			break
		}
	}
	return v.file("events-"+c.ID+".csv", rows)
}

// completenessFile is the reports, the newest first.
func (v *visit) completenessFile(ctx context.Context) (answer, error) {
	c, err := v.connection(ctx)
	if err != nil {
		return answer{}, err
	}
	rows := api.CSV{{"number", "from", "until", "comparedAt", "changes", "accounted", "missed", "previous", "hash"}}
	for next := ""; len(rows) <= mostRows; {
		part, err := v.Table.ReportsOf(ctx, c.ID, store.Paging{Cursor: next, Limit: store.MaxPage})
		if err != nil {
			return answer{}, err
		}
		for _, r := range part.Items {
			rows = append(rows, []string{
				strconv.FormatInt(r.Number, 10), document.Time(r.From.Time()), document.Time(r.Until.Time()), document.Time(r.ComparedAt.Time()),
				strconv.Itoa(r.Changes), strconv.Itoa(r.Accounted), strconv.Itoa(len(r.Missed)), r.Previous, r.Hash,
			})
		}
		if next = part.Next; next == "" {
			break
		}
	}
	return v.file("completeness-"+c.ID+".csv", rows)
}

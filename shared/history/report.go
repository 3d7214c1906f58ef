package history

import (
	"context"
	"errors"

	"fulcrum/shared/api"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// Windows says how far Lever's changes were compared with the ledger.
type Windows struct {
	ComparedUntil string `json:"comparedUntil"`
	// Reports counts them since the beginning; Hash is that of the last one.
	Reports int64  `json:"reports"`
	Hash    string `json:"hash,omitempty"`
}

// windows is nil where nothing is compared: before set-up, and after the end.
func (h *History) windows(ctx context.Context, connectionID string) (*Windows, error) {
	w, err := h.table.Window(ctx, connectionID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return &Windows{ComparedUntil: at(w.Until), Reports: w.Reports, Hash: w.Hash}, err
}

// Report is what a window came to. Record is the text of which Hash is the SHA-256.
type Report struct {
	Number     int64         `json:"number"`
	From       string        `json:"from"`
	Until      string        `json:"until"`
	ComparedAt string        `json:"comparedAt"`
	Changes    int           `json:"changes"`
	Accounted  int           `json:"accounted"`
	Missed     []Missed      `json:"missed"`
	Reread     []Missed      `json:"reread"`
	Unseen     []lever.Event `json:"unseen"`
	Partial    bool          `json:"partial,omitempty"`
	Previous   string        `json:"previous"`
	Hash       string        `json:"hash"`
	Record     string        `json:"record"`
}

// Missed is a change that no webhook told of.
type Missed struct {
	Event       lever.Event `json:"event"`
	Opportunity string      `json:"opportunity"`
	At          string      `json:"at"`
	// ID is the event that was worked off instead.
	ID string `json:"id"`
}

func showReport(r store.Report) (Report, error) {
	record, err := r.Record()
	missed := func(m store.Missed) Missed { return Missed{m.Event, m.Opportunity, at(m.At), m.ID} }
	return Report{
		Number: r.Number, From: at(r.From), Until: at(r.Until), ComparedAt: at(r.ComparedAt), Changes: r.Changes, Accounted: r.Accounted,
		Missed: append([]Missed{}, each(r.Missed, missed)...), Reread: append([]Missed{}, each(r.Reread, missed)...),
		Unseen: append([]lever.Event{}, r.Unseen...), Partial: r.Partial, Previous: r.Previous, Hash: r.Hash, Record: string(record),
	}, err
}

// listReports answers GET …/completeness/reports: the newest first.
func (h *History) listReports(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	if err := api.Only(r, "cursor", "limit"); err != nil {
		return nil, err
	}
	page, err := api.Paging(r)
	if err != nil {
		return nil, err
	}
	list, err := h.table.ReportsOf(ctx, c.ID, page)
	if err != nil {
		return nil, err
	}
	var items []Report
	for _, report := range list.Items {
		shown, err := showReport(report)
		if err != nil {
			return nil, err
		}
		items = append(items, shown)
	}
	return api.List(items, list.Next)
}

// Chain is what checking the chain of reports came to.
type Chain struct {
	Whole   bool `json:"whole"`
	Checked int  `json:"checked"`
	// First and Last are the numbers of the oldest and the newest report that is
	// kept; Hash is the newest's.
	First int64  `json:"first,omitempty"`
	Last  int64  `json:"last,omitempty"`
	Hash  string `json:"hash,omitempty"`
	// BrokenAt is the number of the newest report that does not fit, zero for none.
	BrokenAt int64 `json:"brokenAt,omitempty"`
}

// chain answers GET …/completeness/chain: each report is hashed anew, and has to be
// what the one after it says that it is. The last one has to be what the window
// says.
func (h *History) chain(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	if err := api.Only(r); err != nil {
		return nil, err
	}
	w, err := h.table.Window(ctx, c.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	links := links{number: w.Reports, hash: w.Hash, begun: w.Reports == 0}
	err = h.table.EachReport(ctx, c.ID, links.follow)
	if err = errors.Join(err, links.err); err != nil {
		return nil, err
	}
	if links.Checked == 0 {
		links.BrokenAt = w.Reports
	}
	links.Whole = links.BrokenAt == 0
	return api.OK(links.Chain)
}

// links is how far a chain was followed: number and hash are those that the next
// report has to have. Where it has not begun, any may be the newest.
type links struct {
	Chain
	number int64
	hash   string
	begun  bool
	err    error
}

// follow looks at the next report, and reports whether to go on.
func (l *links) follow(r store.Report) bool {
	if l.Checked == 0 {
		l.Last, l.Hash = r.Number, r.Hash
		if l.begun || r.Number > l.number { // a window was compared just now, or none is any more
			l.number, l.hash = r.Number, r.Hash
		}
	}
	sealed, err := r.Sealed()
	if l.BrokenAt == 0 && (r.Number != l.number || sealed.Hash != l.hash || r.Hash != l.hash) {
		l.BrokenAt = max(r.Number, l.number)
	}
	l.Checked++
	l.First, l.number, l.hash, l.err = r.Number, r.Number-1, r.Previous, err
	return err == nil
}

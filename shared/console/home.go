package console

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"fulcrum/shared/frame"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// home is the first page: what needs somebody, and how it went.
type home struct {
	frame.Frame
	Figures
	// Week says that the charts are of seven days, not of 24 hours.
	Week   bool
	Charts []chart
	// Took is the 99th percentile from receipt to arrival, empty where nothing was
	// delivered.
	Took string
	// Address is where the part renews itself, and Every when, in milliseconds.
	Address string
	Every   int
}

// home shows the figures that there are, however old, and has them counted anew
// where they are. Only the very first time somebody waits for that.
func (v *visit) home(ctx context.Context) (answer, error) {
	var f Figures
	err := v.Table.Figures(ctx, v.Partner, &f)
	if errors.Is(err, store.ErrNotFound) {
		f, err = v.count(ctx, v.Partner, Figures{})
	}
	if err != nil {
		return answer{}, err
	}
	return v.Pages.Show(http.StatusOK, "home", v.homeOf(f))
}

// figures is the part of the first page that is renewed.
func (v *visit) figures(ctx context.Context) (answer, error) {
	var f Figures
	err := v.Table.Figures(ctx, v.Partner, &f)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return answer{}, err
	}
	if f.At <= lever.At(v.Now())-fresh {
		if f, err = v.count(ctx, v.Partner, f); err != nil {
			return answer{}, err
		}
	}
	return v.Pages.Show(http.StatusOK, "figures", v.homeOf(f))
}

func (v *visit) homeOf(f Figures) home {
	h := home{Frame: v.frame("Home"), Figures: f, Week: v.request.QueryStringParameters["days"] == "7", Address: "/console/figures", Every: 30_000}
	now, span, bars := lever.At(v.Now()), hour, 24
	if h.Week {
		span, bars, h.Address = 6*hour, 28, h.Address+"?days=7"
	}
	if f.At <= now-fresh {
		h.Every = 100
	}
	for _, of := range []struct {
		title string
		count func(Hour) int
	}{
		{"Received", func(h Hour) int { return h.Received }},
		{"Delivered", func(h Hour) int { return h.Delivered }},
		{"Parked", func(h Hour) int { return h.Parked }},
		{"Repaired", func(h Hour) int { return h.Repaired }},
	} {
		h.Charts = append(h.Charts, chartOf(of.title, f.Hours, now, span, bars, of.count))
	}
	switch took, ok := f.p99(now - span*lever.Time(bars)); {
	case ok:
		h.Took = "within " + long(took)
	case h.Charts[1].Total > 0:
		h.Took = "in more than an hour"
	}
	return h
}

// long is a duration as people say it.
func long(d time.Duration) string {
	switch {
	case d >= time.Hour:
		return "an hour"
	case d >= time.Minute:
		return strings.TrimSuffix(d.String(), "0s")
	}
	return d.String()
}

package bench

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// Row is one figure of the table.
type Row struct {
	Metric string  `json:"metric"`
	Value  float64 `json:"value"`
	Unit   string  `json:"unit"`
	// Goal is the most the value may be, where it has one; AtLeast turns that round.
	Goal    *float64 `json:"goal,omitempty"`
	AtLeast bool     `json:"atLeast,omitempty"`
	// Checked tells a count or a ratio, which does not depend on the machine: Check
	// fails on it. What is measured in time is only shown.
	Checked bool `json:"checked"`
	// Note says what was modelled, or why the goal is missed.
	Note string `json:"note,omitempty"`
}

// OK reports whether the goal is met.
func (r Row) OK() bool {
	if r.Goal == nil {
		return true
	}
	if r.AtLeast {
		return r.Value >= *r.Goal
	}
	return r.Value <= *r.Goal
}

// Report is one run.
type Report struct {
	At      string `json:"at"`
	Machine string `json:"machine"`
	Rows    []Row  `json:"rows"`
	// Raw are the single measurements by their metric, in milliseconds or as they
	// were counted.
	Raw map[string][]float64 `json:"raw"`
}

// Print writes the table.
func (r *Report) Print(w io.Writer) {
	fmt.Fprintf(w, "%s, %s\n\n", r.At, r.Machine)
	for _, row := range r.Rows {
		goal, verdict := "", ""
		if row.Goal != nil {
			sign := "≤"
			if row.AtLeast {
				sign = "≥"
			}
			goal = fmt.Sprintf("%s %g", sign, *row.Goal)
			if verdict = "ok"; !row.OK() {
				verdict = "missed"
			}
		}
		fmt.Fprintf(w, "  %-62s %9.2f %-8s %-8s %-6s %s\n", row.Metric, row.Value, row.Unit, goal, verdict, row.Note)
	}
}

// Missed are the checked rows that miss their goals.
func (r *Report) Missed() []Row {
	return slices.DeleteFunc(slices.Clone(r.Rows), func(row Row) bool { return !row.Checked || row.OK() })
}

func (r *Report) add(rows ...Row) { r.Rows = append(r.Rows, rows...) }

func count(metric string, value, goal float64) Row {
	return Row{Metric: metric, Value: value, Goal: &goal, Checked: true}
}

func ratio(metric string, value, goal float64) Row {
	return Row{Metric: metric, Value: value, Unit: "×", Goal: &goal, Checked: true}
}

func shown(metric string, value float64, unit string) Row {
	return Row{Metric: metric, Value: value, Unit: unit}
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func median(of []float64) float64 { return quantile(of, 0.5) }

func quantile(of []float64, q float64) float64 {
	if len(of) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(of))
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

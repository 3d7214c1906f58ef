package console

import "fulcrum/shared/lever"

// chart is one bar for each span of time, drawn on the server, with the numbers in a
// table behind it.
type chart struct {
	Title string
	Total int
	// Most is the highest bar's number.
	Most int
	Bars []bar
	// Width and Height are those of the drawing.
	Width, Height int
}

// bar is one span. X, Y, Width and Height are its place in the drawing.
type bar struct {
	At, Until           lever.Time
	N                   int
	X, Y, Width, Height int
}

const (
	chartHeight = 96
	chartWidth  = 336 // so that 24 and 28 bars have whole widths
	chartTop    = 12
)

// chartOf draws what of counts in spans of time up to now.
func chartOf(title string, hours []Hour, now, span lever.Time, bars int, of func(Hour) int) chart {
	c := chart{Title: title, Width: chartWidth, Height: chartHeight + chartTop}
	end := now - now%hour + hour
	start := end - span*lever.Time(bars)
	for i := range bars {
		at := start + span*lever.Time(i)
		c.Bars = append(c.Bars, bar{At: at, Until: at + span})
	}
	for _, h := range hours {
		if h.At < start || h.At >= end {
			continue
		}
		c.Bars[(h.At-start)/span].N += of(h)
		c.Total += of(h)
	}
	for _, b := range c.Bars {
		c.Most = max(c.Most, b.N)
	}
	wide := chartWidth / bars
	for i := range c.Bars {
		b := &c.Bars[i]
		b.X, b.Width = i*wide+1, wide-2
		if b.N > 0 {
			b.Height = max(2, b.N*chartHeight/c.Most)
		}
		b.Y = chartTop + chartHeight - b.Height
	}
	return c
}

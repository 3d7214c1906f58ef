package gateway

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"fulcrum/local/template"
)

// The kinds of segments of a path, the most specific first.
const (
	static    = iota // text
	parameter        // {name}
	greedy           // {name+}, the rest of the path
)

type segment struct {
	kind int
	text string // of a static segment, or the parameter's name
}

// pattern is a route, ready to be matched.
type pattern struct {
	template.Route
	segments []segment
	throttle *bucket
}

// compile puts the routes into the order in which they are tried. Source: API
// Gateway developer guide, "Routing API requests": full matches, then greedy
// ones, then $default. Of two full matches the one with the earlier static
// segment wins, and a method wins over ANY.
func compile(api template.API) ([]pattern, error) {
	var out []pattern
	for _, r := range api.Routes {
		p := pattern{Route: r, throttle: &bucket{Throttle: r.Throttle}}
		if r.Throttle == (template.Throttle{}) {
			p.throttle.Throttle = api.Throttle
		}
		if r.Path != "" {
			p.segments = split(r.Path)
		}
		for i, s := range p.segments {
			if s.kind == greedy && i < len(p.segments)-1 {
				return nil, fmt.Errorf("route %s: {%s+} is not the last segment", r.Key(), s.text)
			}
		}
		out = append(out, p)
	}
	slices.SortStableFunc(out, compare)
	return out, nil
}

func split(path string) []segment {
	var out []segment
	for text := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		s := segment{static, text}
		if inner, ok := strings.CutPrefix(text, "{"); ok && strings.HasSuffix(inner, "}") {
			s = segment{parameter, strings.TrimSuffix(inner, "}")}
			if name, ok := strings.CutSuffix(s.text, "+"); ok {
				s = segment{greedy, name}
			}
		}
		out = append(out, s)
	}
	return out
}

func (p *pattern) rank() int {
	switch {
	case p.Path == "":
		return 2
	case p.segments[len(p.segments)-1].kind == greedy:
		return 1
	}
	return 0
}

func compare(a, b pattern) int {
	if c := cmp.Compare(a.rank(), b.rank()); c != 0 {
		return c
	}
	for i := range min(len(a.segments), len(b.segments)) {
		if c := cmp.Compare(a.segments[i].kind, b.segments[i].kind); c != 0 {
			return c
		}
	}
	if c := cmp.Compare(len(b.segments), len(a.segments)); c != 0 {
		return c
	}
	return cmp.Compare(anyMethod(a.Method), anyMethod(b.Method))
}

func anyMethod(method string) int {
	if method == "ANY" {
		return 1
	}
	return 0
}

// match finds the route of a request, and the values of its path parameters. It
// is nil where no route fits.
func (g *Gateway) match(method, path string) (*pattern, map[string]string) {
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for i := range g.routes {
		p := &g.routes[i]
		if p.Method != "ANY" && p.Method != method {
			continue
		}
		if p.Path == "" {
			return p, nil
		}
		if params, ok := p.fits(parts); ok {
			return p, params
		}
	}
	return nil, nil
}

func (p *pattern) fits(parts []string) (map[string]string, bool) {
	if len(parts) < len(p.segments) || len(parts) > len(p.segments) && p.rank() == 0 {
		return nil, false
	}
	params := map[string]string{}
	for i, s := range p.segments {
		value := parts[i]
		if s.kind == greedy {
			value = strings.Join(parts[i:], "/")
		}
		switch {
		case s.kind == static && value != s.text, value == "" && s.kind != static:
			return nil, false
		case s.kind != static:
			params[s.text] = value
		}
	}
	return params, true
}

// named are the methods for which ANY stands.
func named(method string) []string {
	if method != "ANY" {
		return []string{method}
	}
	return []string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
}

// bucket is the token bucket of a route. Without a rate everything passes.
type bucket struct {
	template.Throttle
	mu     sync.Mutex
	tokens float64
	last   time.Time
}

// pass takes a token, if there is one at that time.
func (b *bucket) pass(now time.Time) bool {
	if b.Rate == 0 {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.last.IsZero() {
		b.tokens = float64(b.Burst)
	} else {
		b.tokens = min(float64(b.Burst), b.tokens+now.Sub(b.last).Seconds()*b.Rate)
	}
	b.last = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

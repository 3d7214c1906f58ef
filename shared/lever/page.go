package lever

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/url"
	"strconv"
)

// pageSize is the most that Lever gives in one page.
const pageSize = 100

// restarts is how often a list is begun anew when Lever no longer knows an
// offset.
const restarts = 3

// ErrEndless says that Lever gave the same offset twice: the list would never
// end.
var ErrEndless = errors.New("lever: the list repeats itself")

// Page is one page of a list.
type Page[T any] struct {
	Items []T
	// Next is the offset of the page behind this one, empty on the last. Lever
	// forgets offsets after a while.
	Next string
}

// pageAnswer is {"data": […], "hasNext": …, "next": …}. The last page has no
// next, short lists have neither. The documentation prints some lists bare.
type pageAnswer[T any] struct {
	Data    List[T] `json:"data"`
	HasNext bool    `json:"hasNext"`
	Next    string  `json:"next"`
}

var errNoPage = errors.New("no list, or no way to its next page")

// UnmarshalJSON reads a page. What is none must not pass for an empty list, nor
// for the end of one.
func (p *pageAnswer[T]) UnmarshalJSON(raw []byte) error {
	if first(raw) == '[' {
		return json.Unmarshal(raw, &p.Data)
	}
	type plain pageAnswer[T]
	if err := json.Unmarshal(raw, (*plain)(p)); err != nil {
		return err
	}
	if p.Data == nil || p.HasNext && p.Next == "" {
		return errNoPage
	}
	return nil
}

// pages walks a list from its first page, or from the offset in query. When
// Lever no longer knows an offset it begins anew, so an item can come twice.
// Lever's order is by stage: an item that moves meanwhile can come twice or, when
// it moves back, not at all; whoever needs all walks again by updated_at_start.
func pages[T any](ctx context.Context, c *Client, query url.Values, path ...string) iter.Seq2[Page[T], error] {
	return func(yield func(Page[T], error) bool) {
		seen, begun := map[string]bool{}, 0
		for offset := query.Get("offset"); ; {
			page, err := onePage[T](ctx, c, query, offset, path)
			if offset != "" && InvalidOffset(err) && begun < restarts {
				begun++
				clear(seen)
				offset = ""
				continue
			}
			if err == nil && seen[page.Next] {
				err = ErrEndless
			}
			if !yield(page, err) || err != nil || page.Next == "" {
				return
			}
			offset = page.Next
			seen[offset] = true
		}
	}
}

func onePage[T any](ctx context.Context, c *Client, query url.Values, offset string, path []string) (Page[T], error) {
	q := url.Values{"limit": {strconv.Itoa(pageSize)}}
	for name, values := range query {
		q[name] = values
	}
	q.Del("offset")
	if offset != "" {
		// The token is percent-encoded already and is encoded once more, as
		// any value of a query is.
		q.Set("offset", offset)
	}
	var answer pageAnswer[T]
	if err := c.read(ctx, q, &answer, path...); err != nil {
		return Page[T]{}, err
	}
	page := Page[T]{Items: answer.Data}
	if answer.HasNext {
		page.Next = answer.Next
	}
	return page, nil
}

// each is the items of all pages.
func each[T any](pages iter.Seq2[Page[T], error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for page, err := range pages {
			for _, item := range page.Items {
				if !yield(item, nil) {
					return
				}
			}
			if err != nil {
				var none T
				yield(none, err)
				return
			}
		}
	}
}

// Collect is a list's items. It stops at the first error.
func Collect[T any](items iter.Seq2[T, error]) ([]T, error) {
	var all []T
	for item, err := range items {
		if err != nil {
			return all, err
		}
		all = append(all, item)
	}
	return all, nil
}

package api

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// Only refuses a query with parameters other than these: a filter that is
// misspelt would otherwise show everything.
func Only(r *Request, names ...string) error {
	for name := range r.QueryStringParameters {
		if !slices.Contains(names, name) {
			return Invalid(clip(name), "is no parameter of this route")
		}
	}
	return nil
}

// maxCursor is longer than any cursor that is given out, and short enough that the
// keys in it are none that DynamoDB does not take.
const maxCursor = 1024

// Paging is the part of a list that the request asks for by cursor and limit.
func Paging(r *Request) (store.Paging, error) {
	p := store.Paging{Cursor: r.Query("cursor")}
	if len(p.Cursor) > maxCursor {
		return p, store.ErrCursor
	}
	limit := r.Query("limit")
	if limit == "" {
		return p, nil
	}
	var err error
	if p.Limit, err = strconv.Atoi(limit); err != nil || p.Limit < 1 || p.Limit > store.MaxPage {
		return p, Invalid("limit", "has to be 1 to "+strconv.Itoa(store.MaxPage))
	}
	return p, nil
}

// OneOf are the values of a parameter that takes one or more of some, with commas
// between them; none where it is missing.
func OneOf(r *Request, name string, of ...string) ([]string, error) {
	text := r.Query(name)
	if text == "" {
		return nil, nil
	}
	values := strings.Split(text, ",")
	for _, v := range values {
		if !slices.Contains(of, v) {
			return nil, Invalid(name, "has to be of "+strings.Join(of, ", "))
		}
	}
	return values, nil
}

// Time is the time that a parameter names as RFC 3339 has it; zero where it is
// missing.
func Time(r *Request, name string) (lever.Time, error) {
	text := r.Query(name)
	if text == "" {
		return 0, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || at.Unix() <= 0 {
		return 0, Invalid(name, "has to be a time such as 2026-11-21T12:00:00Z")
	}
	return lever.At(at), nil
}

// Word is a parameter that names one of our words, such as a reason: small letters,
// digits and underscores, at most 64. It is empty where it is missing.
func Word(r *Request, name string) (string, error) {
	text := r.Query(name)
	if len(text) > 64 || strings.Trim(text, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
		return "", Invalid(name, "has to be a word of small letters, digits and underscores")
	}
	return text, nil
}

// clip shortens what somebody sent to what may be repeated.
func clip(s string) string { return s[:min(len(s), 64)] }

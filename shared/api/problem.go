package api

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"time"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/rate"
	"fulcrum/shared/store"
)

// Problem is an error as the partner gets it (RFC 9457). It holds nothing that the
// partner did not send, and no secret.
type Problem struct {
	// Type is about:blank or a word under which the kind of problem is known.
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
	// Errors name the members of the request that are wrong.
	Errors []Wrong `json:"errors,omitempty"`
	// Missing says what has to be there before this can be done, for people.
	Missing []string `json:"missing,omitempty"`
	// Choices are those that there are, where one was named that is not among them.
	Choices []Choice `json:"choices,omitempty"`
	// RetryAfter is when it may go better, 0 where that is not known. It goes out
	// as the header Retry-After, in whole seconds.
	RetryAfter time.Duration `json:"-"`
}

// Wrong is a member of a request that is wrong, and how.
type Wrong struct {
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

// Choice is one of the things that can be chosen, such as a stage of Lever's. The
// id stays, the text is the customer's.
type Choice struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// Error is the problem's text.
func (p *Problem) Error() string {
	if len(p.Errors) > 0 {
		return p.Errors[0].Field + " " + p.Errors[0].Detail
	}
	return cmp.Or(p.Detail, p.Title, http.StatusText(p.Status))
}

// NotFound says that there is no such thing, also where there is one that belongs
// to another partner.
func NotFound(detail string) *Problem { return &Problem{Status: http.StatusNotFound, Detail: detail} }

// Malformed says that a request cannot be read.
func Malformed(detail string) *Problem {
	return &Problem{Status: http.StatusBadRequest, Detail: detail}
}

// Conflict says that something is not in the state that the request needs.
func Conflict(detail string) *Problem { return &Problem{Status: http.StatusConflict, Detail: detail} }

// Invalid says that a member of the request is wrong. The detail follows its name:
// "has to be a list".
func Invalid(field, detail string) *Problem { return InvalidAll(Wrong{field, detail}) }

// InvalidEach is InvalidAll of what is wrong by its field.
func InvalidEach(wrong map[string]string) *Problem {
	var all []Wrong
	for _, field := range slices.Sorted(maps.Keys(wrong)) {
		all = append(all, Wrong{field, wrong[field]})
	}
	return InvalidAll(all...)
}

// InvalidAll says that members of the request are wrong.
func InvalidAll(wrong ...Wrong) *Problem {
	return &Problem{Status: http.StatusUnprocessableEntity, Detail: "The request is not valid.", Errors: wrong}
}

// Away says that something that we need does not answer just now.
func Away(detail string, retryAfter time.Duration) *Problem {
	return &Problem{Status: http.StatusServiceUnavailable, Detail: detail, RetryAfter: retryAfter}
}

// problemOf is the problem that an error is, complete and the caller's own: a
// Problem may be shared by requests. It is false for an error that nobody foresaw.
func problemOf(err error) (*Problem, bool) {
	var p *Problem
	if !errors.As(err, &p) {
		p = cmp.Or(ofStore(err), ofLever(err))
	}
	if p == nil && errors.Is(err, context.DeadlineExceeded) {
		p = Away("It took too long. Try again.", time.Second)
	}
	foreseen := p != nil
	if !foreseen {
		p = &Problem{Status: http.StatusInternalServerError, Detail: "The request could not be answered. Try again."}
	}
	own := *p
	own.Type = cmp.Or(own.Type, "about:blank")
	own.Title = cmp.Or(own.Title, http.StatusText(own.Status))
	return &own, foreseen
}

// ofStore is the problem that an error of the table is, nil for any other.
func ofStore(err error) *Problem {
	switch {
	case errors.Is(err, store.ErrNotFound):
		return NotFound("There is no such thing.")
	case errors.Is(err, store.ErrMoved):
		return Conflict("It changed meanwhile. Read it again.")
	case errors.Is(err, store.ErrKeyReused):
		return KeyReused()
	case errors.Is(err, store.ErrCursor):
		return Invalid("cursor", "is none that was given for this list")
	}
	return nil
}

// ofLever is the problem that an answer of Lever's is, or the lack of one; nil for
// any other error. Where Lever does not take the connection's credential, the
// problem's type is the reason that parks events as well.
func ofLever(err error) *Problem {
	if reason, parks := fault.Parks(err); parks {
		return &Problem{Type: string(reason), Status: http.StatusConflict, Detail: "The connection does not work; a person has to mend it. See its attention items."}
	}
	switch {
	case errors.Is(err, rate.ErrBusy):
		return Away("The connection's share of Lever's rate is used up.", time.Second)
	case lever.Retryable(err):
		return Away("Lever does not answer just now.", 10*time.Second)
	case lever.NotFound(err):
		return NotFound("Lever has no such thing.")
	case lever.Forbidden(err):
		return Conflict("Lever does not allow this connection to see it.")
	case lever.StatusOf(err) != 0:
		return &Problem{Status: http.StatusBadGateway, Detail: "Lever refused the call."}
	}
	return nil
}

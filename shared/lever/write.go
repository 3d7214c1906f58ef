package lever

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// unsent is an error from before a request was sent.
type unsent struct{ error }

func (u unsent) Unwrap() error { return u.error }

// NotApplied reports whether err says for certain that Lever has not done the
// write: it was not sent, or Lever refused it. Of any other error a write may have
// been done all the same, now or in a while; Lever has no idempotency keys, so
// whoever repeats it has to look first.
func NotApplied(err error) bool {
	if u := (unsent{}); errors.As(err, &u) {
		return true
	}
	var e *Error
	return errors.As(err, &e) && e.Status/100 >= 3 && e.Status/100 <= 4 && e.Status != http.StatusRequestTimeout
}

type latest struct{}

// NotAfter gives a context in which no request is sent once the clock is past at.
// The clock is asked right before a request goes out, because a function may be
// frozen at any point, and timers with it.
func NotAfter(ctx context.Context, at time.Time, now func() time.Time) context.Context {
	return context.WithValue(ctx, latest{}, func() error {
		if now().After(at) {
			return unsent{&Error{Code: "TooLate", text: "too late to send", cause: context.DeadlineExceeded}}
		}
		return nil
	})
}

// inTime is the error of NotAfter's context when it is too late.
func inTime(ctx context.Context) error {
	if check, ok := ctx.Value(latest{}).(func() error); ok {
		return check()
	}
	return nil
}

package lever

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Error is a call that Lever did not answer as wanted. It holds no address, no
// body and no credential.
type Error struct {
	// Status is the answer's, 0 if there was none.
	Status int
	// Code is Lever's ("ResourceNotFound"), or ours where Lever gives none.
	Code string

	text   string
	retry  bool
	offset bool
	cause  error
}

// Error says status and code.
func (e *Error) Error() string {
	switch {
	case e.Status == 0:
		return fmt.Sprintf("lever: %s", e.text)
	case e.text == "":
		return fmt.Sprintf("lever: %d %s", e.Status, e.Code)
	}
	return fmt.Sprintf("lever: %d %s: %s", e.Status, e.Code, e.text)
}

// Unwrap gives a time-out or a cancelled context.
func (e *Error) Unwrap() error { return e.cause }

// StatusOf is the status that an error carries, 0 if it carries none.
func StatusOf(err error) int {
	var e *Error
	if errors.As(err, &e) {
		return e.Status
	}
	return 0
}

// NotFound reports whether Lever says that the object is not there.
func NotFound(err error) bool { return StatusOf(err) == http.StatusNotFound }

// Unauthorized reports whether Lever does not take the credential.
func Unauthorized(err error) bool { return StatusOf(err) == http.StatusUnauthorized }

// Forbidden reports whether the credential has not the right, or the object is
// confidential.
func Forbidden(err error) bool { return StatusOf(err) == http.StatusForbidden }

// Retryable reports whether another try of the same call can help.
func Retryable(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.retry
}

// InvalidOffset reports whether Lever does not know the offset of a page, or knows
// it no longer.
func InvalidOffset(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.offset
}

// maxError is enough for {code, message}.
const maxError = 64 << 10

// answerError makes an error of an answer other than 2xx. Lever's message is not
// kept: it may repeat what was asked.
func answerError(res *http.Response) error {
	e := &Error{Status: res.StatusCode, Code: cmp.Or(http.StatusText(res.StatusCode), "Unknown")}
	var said struct{ Code, Message string }
	body, err := io.ReadAll(io.LimitReader(res.Body, maxError))
	if err == nil && json.Unmarshal(body, &said) == nil {
		if isCode(said.Code) {
			e.Code = said.Code
		}
		e.offset = strings.Contains(strings.ToLower(said.Message), "invalid offset")
	}
	switch {
	case res.StatusCode/100 == 3:
		e.text = "a redirect; is the account in another region?"
	case res.StatusCode == http.StatusRequestTimeout, res.StatusCode == http.StatusTooManyRequests, res.StatusCode >= 500:
		e.retry = true
	}
	return e
}

// isCode reports whether s looks like Lever's codes, which are words such as
// ResourceNotFound: something else may be what was asked.
func isCode(s string) bool {
	if s == "" || len(s) > maxID || s[0] < 'A' || s[0] > 'Z' {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') })
}

// transportError keeps what net/http says out of the error: its texts hold the
// address with the query.
func transportError(err error) error {
	e := &Error{Code: "NoAnswer", text: "no answer", retry: true}
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, context.Canceled):
		e.text, e.cause, e.retry = "cancelled", context.Canceled, false
	case errors.As(err, &timeout) && timeout.Timeout():
		e.text, e.cause = "no answer in time", context.DeadlineExceeded
	}
	return e
}

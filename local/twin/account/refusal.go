package account

import (
	"fmt"
	"net/http"
)

// Error is a refusal in the shape of Lever's errors. Lever publishes no list of
// codes; ResourceNotFound, UnauthorizedError and RequestTimeout were seen, the
// others follow their pattern.
type Error struct {
	Status  int    `json:"-"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Error is the refusal in one line: status, code and message.
func (e *Error) Error() string { return fmt.Sprintf("%d %s: %s", e.Status, e.Code, e.Message) }

// NotFound says that the collection kind has no object with the id.
func NotFound(kind, id string) *Error {
	return &Error{http.StatusNotFound, "ResourceNotFound", fmt.Sprintf("%s %s was not found", kind, id)}
}

// Invalid says what is wrong with a request.
func Invalid(format string, args ...any) *Error {
	return &Error{http.StatusBadRequest, "BadRequestError", fmt.Sprintf(format, args...)}
}

// Forbidden says what the caller may not do.
func Forbidden(format string, args ...any) *Error {
	return &Error{http.StatusForbidden, "ForbiddenError", fmt.Sprintf(format, args...)}
}

// Unprocessable says which file has no content to hand out.
func Unprocessable(format string, args ...any) *Error {
	return &Error{http.StatusUnprocessableEntity, "UnprocessableEntityError", fmt.Sprintf(format, args...)}
}

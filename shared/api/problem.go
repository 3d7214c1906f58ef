package api

import (
	"encoding/base64"
	"net/http"
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
}

// Wrong is a member of a request that is wrong, and how.
type Wrong struct {
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

// Error is the problem's text.
func (p *Problem) Error() string {
	if len(p.Errors) > 0 {
		return p.Errors[0].Field + " " + p.Errors[0].Detail
	}
	return p.Detail
}

func (p *Problem) fill() {
	if p.Type == "" {
		p.Type = "about:blank"
	}
	if p.Title == "" {
		p.Title = http.StatusText(p.Status)
	}
}

// Unauthorized says that the request had no key that is valid.
var Unauthorized error = &Problem{Type: "about:blank", Title: "Unauthorized", Status: http.StatusUnauthorized, Detail: "The request needs a valid API key."}

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

// InvalidAll says that members of the request are wrong.
func InvalidAll(wrong ...Wrong) *Problem {
	return &Problem{Status: http.StatusUnprocessableEntity, Detail: "The request is not valid.", Errors: wrong}
}

func (r *Request) raw() ([]byte, error) {
	if r.IsBase64Encoded {
		return base64.StdEncoding.DecodeString(r.Body)
	}
	return []byte(r.Body), nil
}

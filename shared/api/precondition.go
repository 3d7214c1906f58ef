package api

import (
	"net/http"
	"strconv"
	"strings"
)

// IfMatch is the version that the header If-Match names, as Answer.Version gave it
// in ETag: what is written is to replace that version and no other. It is false
// where the request has no such header, or has the * that any version matches.
func IfMatch(r *Request) (version int64, ok bool, err error) {
	text := strings.TrimSpace(r.Header("if-match"))
	if text == "" || text == "*" {
		return 0, false, nil
	}
	unquoted, err := strconv.Unquote(text)
	if err == nil {
		version, err = strconv.ParseInt(unquoted, 10, 64)
	}
	if err != nil || version < 1 || text[0] != '"' {
		return 0, false, &Problem{Status: http.StatusPreconditionFailed, Detail: "If-Match is none that was given as ETag."}
	}
	return version, true, nil
}

// Changed says that what was to be replaced has another version than If-Match
// names.
func Changed() *Problem {
	return &Problem{Status: http.StatusPreconditionFailed, Detail: "It changed since it was read. Read it again."}
}

// maxKey is the longest Idempotency-Key.
const maxKey = 255

// IdempotencyKey is the header by which a partner makes a POST safe to repeat: the
// same key on the same route is the same wish. It is empty where there is none.
// The quotes that draft-ietf-httpapi-idempotency-key-header asks for may be left
// out, as most clients do.
func IdempotencyKey(r *Request) (string, error) {
	text := r.Header("idempotency-key")
	if quoted, ok := strings.CutPrefix(text, `"`); ok && strings.HasSuffix(quoted, `"`) {
		text = strings.TrimSuffix(quoted, `"`)
	}
	if len(text) > maxKey || strings.ContainsFunc(text, func(c rune) bool { return c < '!' || c > '~' }) {
		return "", Invalid("Idempotency-Key", "has to be at most 255 visible characters of ASCII")
	}
	return text, nil
}

// KeyReused refuses an Idempotency-Key that came with another request.
func KeyReused() *Problem {
	return &Problem{
		Type: "idempotency-key-reused", Title: "Idempotency-Key reused", Status: http.StatusUnprocessableEntity,
		Detail: "This Idempotency-Key came with another request. Use a new one.",
	}
}

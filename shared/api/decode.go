package api

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"
)

// maxBody is the longest request body in bytes; results with a résumé's analysis
// are the longest there are.
const maxBody = 1 << 20

// Decode reads a request's body into v. Members that v does not have are refused,
// so that a slip of the pen is not taken for a wish.
func Decode(r *Request, v any) error {
	body, err := r.body()
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return malformed(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Malformed("The body has more than one JSON value.")
	}
	return nil
}

// body is the request's body, decoded where the gateway has encoded it.
func (r *Request) body() ([]byte, error) {
	body, err := r.raw()
	switch {
	case err != nil:
		return nil, Malformed("The body cannot be read.")
	case len(body) > maxBody:
		return nil, &Problem{Status: http.StatusRequestEntityTooLarge, Detail: "The body is longer than 1 MiB."}
	case len(bytes.TrimSpace(body)) == 0:
		return nil, Malformed("The body is empty; it has to be JSON.")
	}
	return body, nil
}

func (r *Request) raw() ([]byte, error) {
	if r.IsBase64Encoded {
		return base64.StdEncoding.DecodeString(r.Body)
	}
	return []byte(r.Body), nil
}

// malformed names the member that encoding/json stumbled over, and repeats nothing
// else of the body.
func malformed(err error) error {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) && kind.Field != "" {
		return Invalid(kind.Field, "has to be "+article(kind.Type.Kind()))
	}
	if errors.As(err, &kind) {
		return Malformed("The body has to be " + article(kind.Type.Kind()) + ".")
	}
	if _, name, ok := strings.Cut(err.Error(), "unknown field "); ok {
		if field, err := strconv.Unquote(name); err == nil && len(field) < 64 {
			return Invalid(field, "is no member of this request")
		}
	}
	return Malformed("The body is not the JSON that this route takes.")
}

// article is a kind of JSON value in words.
func article(k reflect.Kind) string {
	switch k {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Float32, reflect.Float64:
		return "a number"
	}
	return "a whole number"
}

package gateway

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// response is what goes back.
type response struct {
	id     string
	status int
	header http.Header
	body   []byte
}

// refusal is an answer of API Gateway's own: the status and its name.
func refusal(id string, status int) response {
	return response{id, status, http.Header{"Content-Type": {"application/json"}},
		fmt.Appendf(nil, `{"message":%q}`, http.StatusText(status))}
}

// format2 is a response of payload format 2.0.
type format2 struct {
	StatusCode      json.RawMessage            `json:"statusCode"`
	Headers         map[string]json.RawMessage `json:"headers"`
	Cookies         []string                   `json:"cookies"`
	Body            string                     `json:"body"`
	IsBase64Encoded bool                       `json:"isBase64Encoded"`
}

// read turns the answer of a function into HTTP. An object with a statusCode is
// a response of format 2.0; any other JSON is the body of a 200. An error means
// that API Gateway would answer 500.
func read(payload []byte) (response, error) {
	if !json.Valid(payload) {
		return response{}, errors.New("the answer is not JSON")
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(payload, &object); err != nil || object["statusCode"] == nil {
		return response{status: http.StatusOK, header: http.Header{"Content-Type": {"application/json"}}, body: payload}, nil
	}
	var a format2
	if err := json.Unmarshal(payload, &a); err != nil {
		return response{}, err
	}
	return a.response()
}

func (a *format2) response() (response, error) {
	out := response{header: http.Header{"Content-Type": {"text/plain;charset=UTF-8"}}, body: []byte(a.Body)}
	if err := json.Unmarshal(a.StatusCode, &out.status); err != nil || out.status < 100 || out.status > 599 {
		return response{}, fmt.Errorf("the statusCode is %s", a.StatusCode)
	}
	for name, value := range a.Headers {
		switch name = http.CanonicalHeaderKey(name); name {
		case "Connection", "Content-Length", "Keep-Alive", "Transfer-Encoding", "Upgrade": // the gateway's own
		default:
			out.header.Set(name, headerText(value))
		}
	}
	for _, cookie := range a.Cookies {
		out.header.Add("Set-Cookie", cookie)
	}
	if !a.IsBase64Encoded {
		return out, nil
	}
	var err error
	out.body, err = base64.StdEncoding.DecodeString(a.Body)
	return out, err
}

// headerText is a header's value; numbers and bools may stand without quotes.
func headerText(value json.RawMessage) string {
	var text string
	if err := json.Unmarshal(value, &text); err != nil {
		return string(value)
	}
	return text
}

// Package elsewhere runs the bundle, with the binaries that are deployed, on other
// implementations of AWS than the embedded one: those that
//
//	AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL_SQS,
//	AWS_ENDPOINT_URL_SECRETS_MANAGER, AWS_ENDPOINT_URL_SESV2
//
// name, as every SDK reads them. `make elsewhere` starts moto and DynamoDB Local
// where they are installed, and sets them. What an implementation is known to do
// otherwise than AWS is in differences, and a change either way fails the run.
package elsewhere

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
)

// Older stands before a DynamoDB Local of before May 2020 and adds what DynamoDB has
// learned since and the bundle uses: texts that are empty, and the old item in the
// answer to a single write whose condition fails. The second takes another read, so
// that the item may be younger than the refusal; a writer that tries again finds out.
// Whatever else differs goes through as it is.
func Older(target *url.URL) http.Handler {
	return &older{target: target, proxy: &httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ModifyResponse: func(res *http.Response) error { return rewrite(res, restored) },
	}}
}

type older struct {
	target *url.URL
	proxy  *httputil.ReverseProxy
}

// ServeHTTP passes a request on.
func (o *older) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	text = replaced(text)
	asked := write{}
	if json.Unmarshal(text, &asked) != nil || asked.Wants != "ALL_OLD" {
		o.pass(w, r, text)
		return
	}
	answer := &answer{header: http.Header{}, status: http.StatusOK}
	o.pass(answer, r, text)
	if said := answer.body.Bytes(); answer.status == http.StatusBadRequest && bytes.Contains(said, []byte("ConditionalCheckFailedException")) {
		answer.body = *bytes.NewBuffer(o.withItem(r, asked, said))
	}
	answer.writeTo(w)
}

func (o *older) pass(w http.ResponseWriter, r *http.Request, text []byte) {
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	o.proxy.ServeHTTP(w, r)
}

// write is what says of a single write which item it is about.
type write struct {
	Table string                     `json:"TableName"`
	Key   map[string]json.RawMessage `json:"Key"`
	Item  map[string]json.RawMessage `json:"Item"`
	Wants string                     `json:"ReturnValuesOnConditionCheckFailure"`
}

// key are the attributes that name the item, which the bundle calls pk and sk.
func (w write) key() map[string]json.RawMessage {
	if w.Key != nil {
		return w.Key
	}
	return map[string]json.RawMessage{"pk": w.Item["pk"], "sk": w.Item["sk"]}
}

// withItem is a refusal with the item that was in the way, or as it was when that
// cannot be read.
func (o *older) withItem(r *http.Request, asked write, refusal []byte) []byte {
	question, err := json.Marshal(map[string]any{"TableName": asked.Table, "Key": asked.key(), "ConsistentRead": true})
	if err != nil {
		return refusal
	}
	read := r.Clone(r.Context())
	read.Header.Set("X-Amz-Target", "DynamoDB_20120810.GetItem")
	answer := &answer{header: http.Header{}, status: http.StatusOK}
	o.pass(answer, read, question)
	said, found := map[string]json.RawMessage{}, map[string]json.RawMessage{}
	if json.Unmarshal(refusal, &said) != nil || json.Unmarshal(answer.body.Bytes(), &found) != nil || found["Item"] == nil {
		return refusal
	}
	said["Item"] = found["Item"]
	if text, err := json.Marshal(said); err == nil {
		return text
	}
	return refusal
}

// The forms of an empty text, and what stands for it: it sorts before every other,
// as the empty one does, and is no text of ours.
const (
	emptyText = `{"S":""}`
	standsFor = `{"S":"\u0000"}`
)

func replaced(text []byte) []byte {
	return bytes.ReplaceAll(text, []byte(emptyText), []byte(standsFor))
}

func restored(text []byte) []byte {
	return bytes.ReplaceAll(text, []byte(standsFor), []byte(emptyText))
}

// rewrite changes an answer's body, and with it what is said of its length and its
// checksum.
func rewrite(res *http.Response, change func([]byte) []byte) error {
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	text = change(text)
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	res.Header.Set("Content-Length", strconv.Itoa(len(text)))
	res.Header.Del("X-Amz-Crc32")
	return nil
}

// answer keeps what is answered until it is whole.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header is that of the answer.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader keeps the status.
func (a *answer) WriteHeader(status int) { a.status = status }

// Write keeps a part of the body.
func (a *answer) Write(p []byte) (int, error) { return a.body.Write(p) }

func (a *answer) writeTo(w http.ResponseWriter) {
	for name, values := range a.header {
		if !strings.EqualFold(name, "Content-Length") {
			w.Header()[name] = values
		}
	}
	w.WriteHeader(a.status)
	if _, err := w.Write(a.body.Bytes()); err != nil {
		return // who asked has gone
	}
}

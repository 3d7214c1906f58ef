// Package inproc hands HTTP requests to handlers in this process. A test that
// runs in virtual time (testing/synctest) cannot wait on sockets; it can wait
// on this.
package inproc

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
)

// Hosts is an http.RoundTripper that serves each host by a handler. A handler
// that panics with http.ErrAbortHandler cuts the connection: the caller gets an
// error, whatever the handler had done before.
type Hosts map[string]http.Handler

// RoundTrip serves one request, unless its context is over before it is sent. The
// handler sees the caller's context.
func (h Hosts) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	handler, ok := h[req.URL.Host]
	if !ok {
		return nil, fmt.Errorf("dial %s: no such host in this process", req.URL.Host)
	}
	var body []byte
	if req.Body != nil {
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
		req.Body.Close()
	}
	in := req.Clone(req.Context())
	in.Body = io.NopCloser(bytes.NewReader(body))
	in.Host, in.RequestURI, in.RemoteAddr = req.URL.Host, req.URL.RequestURI(), "127.0.0.1:1"

	type outcome struct {
		res *http.Response
		err error
	}
	done := make(chan outcome, 1)
	go func() {
		rec := httptest.NewRecorder()
		defer func() {
			if p := recover(); p != nil {
				if p != http.ErrAbortHandler {
					panic(p)
				}
				done <- outcome{err: fmt.Errorf("read answer of %s: %w", req.URL.Host, io.ErrUnexpectedEOF)}
			}
		}()
		handler.ServeHTTP(rec, in)
		done <- outcome{res: rec.Result()}
	}()
	select {
	case o := <-done:
		if o.res != nil {
			o.res.Request = req
		}
		return o.res, o.err
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
}

package lever_test

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/shared/lever"
)

// loopback is a real server, of HTTP/1.1 or HTTP/2, and a client's way to it.
func loopback(t *testing.T, h2 bool, h http.HandlerFunc) (*httptest.Server, *http.Transport) {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.EnableHTTP2 = h2
	if h2 {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	transport, ok := s.Client().Transport.(*http.Transport)
	if !ok {
		t.Fatal("the server's client has another transport")
	}
	return s, transport
}

// at is a client of the server.
func at(t *testing.T, s *httptest.Server, transport http.RoundTripper) *lever.Client {
	t.Helper()
	c, err := lever.New(lever.Options{BaseURL: s.URL + "/v1", Auth: lever.APIKey("secret-key"), Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// cutting answers requests for /v1/warm and cuts the connection of others once it
// has read them. It keeps what came.
type cutting struct {
	mu    sync.Mutex
	calls []string
	from  []string
}

func (c *cutting) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return
	}
	c.mu.Lock()
	c.calls, c.from = append(c.calls, r.Method), append(c.from, r.RemoteAddr)
	c.mu.Unlock()
	if r.URL.Path != "/v1/users/warm" {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprint(w, `{"data":{"id":"warm"}}`)
}

// take gives what came since it was last asked.
func (c *cutting) take() (calls, from []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	calls, from = c.calls, c.from
	c.calls, c.from = nil, nil
	return calls, from
}

// Whatever becomes of a write's answer, nobody sends the write again: neither the
// client nor net/http, which repeats other requests on a connection that was used
// before. That it does is the first part of the test.
func TestAWriteIsNeverRepeated(t *testing.T) {
	for _, h2 := range []bool{false, true} {
		t.Run(fmt.Sprintf("HTTP/2 %v", h2), func(t *testing.T) {
			server := &cutting{}
			s, transport := loopback(t, h2, server.ServeHTTP)
			client := at(t, s, transport)
			warm := func() {
				t.Helper()
				if _, err := client.User(t.Context(), "warm"); err != nil {
					t.Fatal(err)
				}
			}
			if warm(); !h2 {
				if res, err := (&http.Client{Transport: transport}).Get(s.URL + "/v1/cut"); err == nil {
					t.Errorf("status %d of a cut connection", res.StatusCode)
				}
				if calls, _ := server.take(); len(calls) != 3 {
					t.Fatalf("net/http made %v: if it repeats no GET, this test shows nothing", calls)
				}
			}
			for name, u := range uses() {
				if strings.HasPrefix(u.asks, "GET ") {
					continue
				}
				warm()
				w := cannedWorld(t)
				w.client = client
				_, err := u.do(t.Context(), w)
				if calls, from := server.take(); !lever.Retryable(err) || len(calls) < 2 || calls[len(calls)-2] != "GET" || from[len(from)-2] != from[len(from)-1] {
					t.Errorf("%s: %v after %v", name, err, calls)
				}
			}
		})
	}
}

func TestAWriteIsTriedOnce(t *testing.T) {
	silence := trip(func(req *http.Request) (*http.Response, error) {
		<-req.Context().Done()
		return nil, req.Context().Err()
	})
	next := map[string]http.RoundTripper{"silence": silence, "a broken connection": &canned{list: []answer{{err: io.ErrUnexpectedEOF}}}}
	for _, status := range []int{400, 401, 403, 404, 408, 409, 425, 429, 500, 502, 503, 504} {
		next[fmt.Sprint("status ", status)] = &canned{list: []answer{{status: status}}}
	}
	for name, next := range next {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for use, u := range uses() {
					if strings.HasPrefix(u.asks, "GET ") {
						continue
					}
					w := cannedWorld(t)
					w.wire.next = next
					start := time.Now()
					if _, err := u.do(t.Context(), w); err == nil || len(w.wire.asks) != 1 || time.Since(start) > 11*time.Second {
						t.Errorf("%s: %d attempts in %v, %v", use, len(w.wire.asks), time.Since(start), err)
					}
				}
			})
		})
	}
}

func TestWhatIsNotLeversAnswerIsAnError(t *testing.T) {
	const page = "<!doctype html><title>Sign in</title>"
	tests := map[string]answer{
		"a page with status 200":       {status: 200, body: page, kind: "text/html; charset=utf-8"},
		"a page that is called JSON":   {status: 200, body: page},
		"JSON that is called a page":   {status: 200, body: `{"data":{"id":"a"}}`, kind: "text/html"},
		"nothing with status 200":      {status: 200},
		"JSON that ends too early":     {status: 201, body: `{"data":{"id":"a","na`},
		"an answer of the wrong form":  {status: 200, body: `"ok"`},
		"an error with a good status":  {status: 200, body: `{"code":"X","message":"y"}`},
		"a redirect to a sign-in page": {status: 302, body: page, kind: "text/html"},
	}
	for name, a := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for use, u := range uses() {
					w := cannedWorld(t)
					w.wire.next = &canned{list: []answer{a}}
					// A write of whose answer nothing is wanted takes any JSON for
					// one: Lever's are of many forms.
					if _, err := u.do(t.Context(), w); err == nil && (u.want != "" || !strings.HasPrefix(a.body, "{") && !strings.HasPrefix(a.body, `"`)) {
						t.Errorf("%s works", use)
					}
				}
			})
		})
	}
}

func TestNoContentIsAnAnswerToAWriteAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for use, u := range uses() {
			w := cannedWorld(t)
			w.wire.next = trip(func(req *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: 204, Header: http.Header{}, Body: http.NoBody, Request: req}, nil
			})
			if got, err := u.do(t.Context(), w); (err == nil) != (u.want == "") {
				t.Errorf("%s: %v, %v", use, got, err)
			}
		}
	})
}

func TestARedirectIsNotFollowed(t *testing.T) {
	elsewhere := 0
	other, _ := loopback(t, false, func(http.ResponseWriter, *http.Request) { elsewhere++ })
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, to := range []string{other.URL + "/v1/users", "/v1/users"} {
			calls := 0
			s, transport := loopback(t, false, func(w http.ResponseWriter, r *http.Request) {
				calls++
				http.Redirect(w, r, to, status)
			})
			c := at(t, s, transport)
			_, read := c.User(t.Context(), "u-1")
			_, list := lever.Collect(c.Users(t.Context(), lever.UserFilter{}))
			_, download := c.DownloadResume(t.Context(), "o", "f", 9)
			write := c.MoveToStage(t.Context(), "u", "o", "s")
			for kind, err := range map[string]error{"read": read, "list": list, "download": download, "write": write} {
				if lever.StatusOf(err) != status || lever.Retryable(err) || strings.Contains(err.Error(), "http") {
					t.Errorf("%d of a %s: %v", status, kind, err)
				}
			}
			if calls != 4 || elsewhere != 0 {
				t.Errorf("%d: %d calls, %d elsewhere", status, calls, elsewhere)
			}
		}
	}
}

func TestASlowBodyEndsWithTheAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for use, u := range uses() {
			w := cannedWorld(t)
			w.wire.next = trip(func(req *http.Request) (*http.Response, error) {
				slow := &pieces{req.Context(), 3 * time.Second, strings.Split(`{"data":{"id":"this will never end"}}`, ""), io.EOF}
				res, err := body(slow, -1).RoundTrip(req)
				res.Header.Set("Content-Type", "application/json")
				return res, err
			})
			attempts := 1
			if strings.HasPrefix(u.asks, "GET ") {
				attempts = 3
			}
			start := time.Now()
			_, err := u.do(t.Context(), w)
			took := time.Since(start)
			if !errors.Is(err, context.DeadlineExceeded) || len(w.wire.asks) != attempts || took > time.Duration(attempts)*11*time.Second {
				t.Errorf("%s: %v after %v and %d attempts", use, err, took, len(w.wire.asks))
			}
		}
	})
}

func TestABodyThatIsCutOff(t *testing.T) {
	for name, write := range map[string]func(w http.ResponseWriter){
		"with its length told": func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, `{"data":{"noteId":"n-1"}}`)
		},
		"in chunks": func(w http.ResponseWriter) {
			fmt.Fprint(w, `{"data":{"noteId":"n-1"}}`)
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, transport := loopback(t, false, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				write(w)
				panic(http.ErrAbortHandler)
			})
			id, err := at(t, s, transport).CreateNote(t.Context(), "", "o", "value")
			if id != "" || !lever.Retryable(err) || strings.Contains(err.Error(), "127.0.0.1") {
				t.Errorf("%q, %v", id, err)
			}
		})
	}
}

// A few bytes on the wire may be gigabytes in memory.
func TestAGzipBombDoesNotGoOff(t *testing.T) {
	for _, status := range []int{200, 500} {
		ended := make(chan struct{})
		s, transport := loopback(t, false, func(w http.ResponseWriter, _ *http.Request) {
			defer close(ended)
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Encoding", "gzip")
			w.WriteHeader(status)
			z, spaces := gzip.NewWriter(w), []byte(strings.Repeat(" ", 1<<16))
			for err := error(nil); err == nil; {
				_, err = z.Write(spaces)
			}
		})
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := at(t, s, transport).MoveToStage(t.Context(), "u", "o", "s")
		runtime.ReadMemStats(&after)
		if lever.StatusOf(err) != status || lever.Retryable(err) != (status == 500) {
			t.Errorf("%d: %v", status, err)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 256<<20 {
			t.Errorf("%d: %d MiB were allocated", status, used>>20)
		}
		<-ended
	}
}

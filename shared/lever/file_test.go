package lever_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/local/twin/desk"
	"fulcrum/shared/lever"
)

// downloads are the methods that give a stream.
func downloads() map[string]func(ctx context.Context, w *world, limit int64) (*lever.Download, error) {
	return map[string]func(ctx context.Context, w *world, limit int64) (*lever.Download, error){
		"resumes/{resume}": func(ctx context.Context, w *world, limit int64) (*lever.Download, error) {
			return w.client.DownloadResume(ctx, w.id("opportunity"), w.id("resume"), limit)
		},
	}
}

// content is what a download gives until it ends.
func content(d *lever.Download, err error) (string, error) {
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(d.Body)
	return string(text), errors.Join(err, d.Body.Close())
}

func TestDownloadsFromTheTwin(t *testing.T) {
	texts := map[string]string{"resumes/{resume}": "Ten seasons"}
	for path, download := range downloads() {
		t.Run(path, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := twinWorld(t)
				for _, auth := range []lever.Auth{lever.APIKey(w.home.APIKey), w.consent(scopes)} {
					w.client, w.wire.asks = w.through(auth), nil
					if got, err := content(download(t.Context(), w, 100)); got != texts[path] || err != nil {
						t.Errorf("%q, %v", got, err)
					}
					if got := w.wire.asks[0].line; got != w.fill("GET /opportunities/{opportunity}/"+path+"/download") {
						t.Errorf("asked %s", got)
					}
				}
				for name, r := range refusals() {
					w.client = w.through(r.auth(w))
					if _, err := content(download(t.Context(), w, 100)); !r.is(err) {
						t.Errorf("%s: %v", name, err)
					}
				}
				w.client = w.through(lever.APIKey(w.home.APIKey))
				unread, err := w.twin.AddFile(w.home.Account, w.id("opportunity"), desk.Upload{Name: "x.bin", Text: "x", Status: "error"})
				w.check(err)
				w.ids["file"], w.ids["resume"] = unread.ID, "nowhere"
				if _, err := download(t.Context(), w, 100); err == nil || lever.Retryable(err) {
					t.Errorf("what is not there, or not processed: %v", err)
				}
			})
		})
	}
}

// body is a canned answer with this content; its length is told or not.
func body(content io.Reader, length int64) http.RoundTripper {
	return trip(func(req *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: 200, Header: http.Header{"Content-Type": {"application/pdf"}}, Request: req,
			Body: io.NopCloser(content), ContentLength: length,
		}, nil
	})
}

type trip func(*http.Request) (*http.Response, error)

func (f trip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// over is a client over a transport.
func over(t testing.TB, next http.RoundTripper) *lever.Client {
	t.Helper()
	c, err := lever.New(lever.Options{BaseURL: "https://api.lever.example/v1", Auth: lever.APIKey("secret-key"), Transport: next})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestADownloadIsCapped(t *testing.T) {
	tests := map[string]struct {
		size  int
		limit int64
		whole bool
	}{
		"a file under the limit":     {10, 11, true},
		"a file at the limit":        {10, 10, true},
		"a file one byte over":       {11, 10, false},
		"a file far over":            {1 << 20, 10, false},
		"an empty file":              {0, 0, true},
		"a byte where none may be":   {1, 0, false},
		"a limit below nothing":      {1, -5, false},
		"a limit as large as can be": {10, math.MaxInt64, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			file := bytes.Repeat([]byte("x"), tt.size)
			for _, length := range []int64{-1, int64(tt.size)} {
				d, err := over(t, body(bytes.NewReader(file), length)).DownloadResume(t.Context(), "o", "f", tt.limit)
				got, err := content(d, err)
				if tt.whole != (err == nil) || !tt.whole && !errors.Is(err, lever.ErrTooLarge) {
					t.Errorf("length %d: %v", length, err)
				}
				if want := min(int64(tt.size), max(tt.limit, 0)); tt.whole && len(got) != tt.size || int64(len(got)) > want {
					t.Errorf("length %d: %d bytes came through", length, len(got))
				}
				if tt.whole && (d.Type != "application/pdf" || d.Size != length) {
					t.Errorf("type %s, size %d", d.Type, d.Size)
				}
			}
		})
	}
}

func TestADownloadThatEndedStaysSo(t *testing.T) {
	d, err := over(t, body(strings.NewReader("abcdef"), -1)).DownloadResume(t.Context(), "o", "f", 3)
	if err != nil {
		t.Fatal(err)
	}
	p := make([]byte, 1)
	var got []byte
	for range 10 {
		n, err := d.Body.Read(p)
		if got = append(got, p[:n]...); len(got) == 3 && n == 0 && !errors.Is(err, lever.ErrTooLarge) {
			t.Errorf("read on: %v", err)
		}
	}
	if string(got) != "abc" {
		t.Errorf("%q came through", got)
	}
}

// pieces is a body that waits before each piece, as long as the request lives.
type pieces struct {
	ctx    context.Context
	pause  time.Duration
	pieces []string
	end    error
}

func (p *pieces) Read(b []byte) (int, error) {
	select {
	case <-time.After(p.pause):
	case <-p.ctx.Done():
		return 0, p.ctx.Err()
	}
	if len(p.pieces) == 0 {
		return 0, p.end
	}
	n := copy(b, p.pieces[0])
	p.pieces = p.pieces[1:]
	return n, nil
}

func TestADownloadTakesItsTimeAsLongAsItArrives(t *testing.T) {
	broken := errors.New("read tcp 10.0.0.1->api.lever.example: reset")
	tests := map[string]struct {
		pause time.Duration
		end   error
		retry bool
		want  string
	}{
		"slow and steady":                      {pause: 9 * time.Second, end: io.EOF, want: "abc"},
		"a stream that stops":                  {pause: time.Hour, end: io.EOF, retry: true},
		"a stream that breaks off":             {pause: time.Second, end: broken, retry: true, want: "abc"},
		"a stream that ends before its length": {pause: time.Second, end: io.ErrUnexpectedEOF, retry: true, want: "abc"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := over(t, trip(func(req *http.Request) (*http.Response, error) {
					return body(&pieces{req.Context(), tt.pause, []string{"a", "b", "c"}, tt.end}, -1).RoundTrip(req)
				}))
				start := time.Now()
				got, err := content(c.DownloadResume(t.Context(), "o", "f", 100))
				if got != tt.want || (err != nil) != tt.retry || lever.Retryable(err) != tt.retry {
					t.Errorf("%q, %v", got, err)
				}
				if took := time.Since(start); took > 40*time.Second {
					t.Errorf("it took %v", took)
				}
				if err != nil && (strings.Contains(err.Error(), "tcp") || errors.Is(err, broken)) {
					t.Errorf("the error shows %v", err)
				}
			})
		})
	}
}

func TestADownloadThatDoesNotBegin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asks := 0
		c := over(t, trip(func(req *http.Request) (*http.Response, error) {
			asks++
			<-req.Context().Done()
			return nil, req.Context().Err()
		}))
		start := time.Now()
		_, err := c.DownloadResume(t.Context(), "o", "r", 100)
		if took := time.Since(start); !lever.Retryable(err) || !errors.Is(err, context.DeadlineExceeded) || asks != 3 || took < 30*time.Second || took > 33*time.Second {
			t.Errorf("%v after %v and %d attempts", err, took, asks)
		}
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		if _, err := c.DownloadResume(ctx, "o", "r", 100); !errors.Is(err, context.DeadlineExceeded) || asks != 4 {
			t.Errorf("%v after %d attempts, with a second left", err, asks)
		}
	})
}

func TestADownloadIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, a := client(t, answer{status: 503}, answer{err: io.ErrUnexpectedEOF}, ok("found"))
		if got, err := content(c.DownloadResume(t.Context(), "o", "f", 100)); got != "found" || err != nil || len(a.asks) != 3 {
			t.Errorf("%q, %v after %d attempts", got, err, len(a.asks))
		}
	})
}

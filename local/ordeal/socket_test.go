package ordeal_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"fulcrum/local/tried"
	"fulcrum/shared/boot"
	"fulcrum/shared/lever"
)

// slams are ways in which a real connection ends without an answer.
func slams() map[string]func(c *net.TCPConn, rw *bufio.ReadWriter) error {
	say := func(rw *bufio.ReadWriter, text string) error {
		_, err := rw.WriteString(text)
		if err != nil {
			return err
		}
		return rw.Flush()
	}
	const begin = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 200\r\n\r\n{\"data\":{"
	return map[string]func(c *net.TCPConn, rw *bufio.ReadWriter) error{
		"it is reset":              func(c *net.TCPConn, _ *bufio.ReadWriter) error { return c.SetLinger(0) },
		"it is half closed":        func(c *net.TCPConn, _ *bufio.ReadWriter) error { return c.CloseWrite() },
		"the answer is truncated":  func(_ *net.TCPConn, rw *bufio.ReadWriter) error { return say(rw, begin) },
		"the answer is none":       func(_ *net.TCPConn, rw *bufio.ReadWriter) error { return say(rw, "SSH-2.0-OpenSSH_9.9\r\n") },
		"the header is cut off":    func(_ *net.TCPConn, rw *bufio.ReadWriter) error { return say(rw, begin[:30]) },
		"it is reset in an answer": func(c *net.TCPConn, rw *bufio.ReadWriter) error { return firstOf(say(rw, begin), c.SetLinger(0)) },
	}
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// slammer is a server on loopback that reads each request and ends its connection in
// a way, and counts the requests. The first request is answered, so that the ones
// after it come on a connection that was kept.
func slammer(t *testing.T, slam func(*net.TCPConn, *bufio.ReadWriter) error, answer string) (string, *atomic.Int64) {
	t.Helper()
	var calls atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			t.Error(err)
		}
		if calls.Add(1) == 1 {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, answer)
			return
		}
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		if err := slam(conn.(*net.TCPConn), rw); err != nil {
			t.Log(err) // the caller may have gone first
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, &calls
}

// Whatever a real connection does: a write to Lever is sent once, because nobody
// knows whether it was applied, and what is said is an error.
func TestAWriteIsSentOnceWhateverTheConnectionDoes(t *testing.T) {
	for name, slam := range slams() {
		t.Run(name, func(t *testing.T) {
			url, calls := slammer(t, slam, `{"data":{"id":"u-1"}}`)
			client, err := lever.New(lever.Options{BaseURL: url + "/v1", Auth: lever.APIKey("key"), Transport: http.DefaultTransport.(*http.Transport).Clone()})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := client.User(t.Context(), "u-1"); err != nil {
				t.Fatal(err)
			}
			id, err := client.CreateNote(t.Context(), "u-1", "o-1", "a note")
			if err == nil || id != "" || calls.Load() != 2 {
				t.Errorf("note %q, %v, after %d requests", id, err, calls.Load())
			}
			tried.Note(t, "faults of real connections", 1)
		})
	}
}

// A call to AWS is made as often as its patience says, and no longer.
func TestAWSIsAskedNoLongerThanThePatience(t *testing.T) {
	slow := func(c *net.TCPConn, _ *bufio.ReadWriter) error {
		_, err := io.Copy(io.Discard, c) // until the caller gives up
		return err
	}
	all := slams()
	all["nothing comes"] = slow
	for name, slam := range all {
		t.Run(name, func(t *testing.T) {
			url, calls := slammer(t, slam, `{"QueueUrls":[]}`)
			env := boot.NewEnv(func(key string) string {
				return map[string]string{"AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}[key]
			})
			client := sqs.NewFromConfig(env.AWS("SQS", boot.Patience{Attempt: 200 * time.Millisecond, Attempts: 2, Backoff: 10 * time.Millisecond}))
			if _, err := client.ListQueues(t.Context(), &sqs.ListQueuesInput{}); err != nil {
				t.Fatal(err)
			}
			_, err := client.ListQueues(t.Context(), &sqs.ListQueuesInput{})
			if made := calls.Load() - 1; err == nil || made > 2 {
				t.Errorf("%v after %d requests", err, made)
			}
			tried.Note(t, "faults of real connections", 1)
		})
	}
}

package mail_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"fulcrum/local/aws"
	"fulcrum/local/inproc"
	"fulcrum/shared/boot"
	"fulcrum/shared/fault"
	"fulcrum/shared/mail"
)

const (
	from = "fulcrum@example.com"
	to   = "admin@example.org"
)

func hello() mail.Message { return mail.Message{Subject: "Hello", Text: "Hi\n", HTML: "<p>Hi</p>"} }

// office is an AWS in which from may send, and a Sender there.
type office struct {
	*mail.Sender
	*aws.Engine
	calls atomic.Int64 // of SendEmail
}

func open(t testing.TB, variables map[string]string) *office {
	t.Helper()
	o := &office{}
	var err error
	o.Engine, err = aws.New(aws.Options{Observe: func(r aws.Record) {
		if r.Action == "SendEmail" {
			o.calls.Add(1)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{"AWS_REGION": aws.Region, "AWS_ENDPOINT_URL_SESV2": "http://aws.test", "AWS_ACCESS_KEY_ID": "Sync", "AWS_SECRET_ACCESS_KEY": "local", "MAIL_FROM": from}
	for name, value := range variables {
		all[name] = value
	}
	env := boot.NewEnv(func(name string) string { return all[name] }).Through(inproc.Hosts{"aws.test": o.Engine})
	sender := from
	if _, err := sesv2.NewFromConfig(env.AWS("SESV2", boot.Working)).CreateEmailIdentity(t.Context(), &sesv2.CreateEmailIdentityInput{EmailIdentity: &sender}); err != nil {
		t.Fatal(err)
	}
	o.Sender = mail.FromEnv(env)
	return o
}

func TestAMailArrivesAsItWasWritten(t *testing.T) {
	o := open(t, nil)
	m := mail.Message{Subject: "Zoë, Łukasz & 李", Text: "☃\n\tend\n", HTML: "<p>☃ &amp; <b>more</b></p>"}
	id, err := o.Send(t.Context(), to, m)
	if err != nil {
		t.Fatal(err)
	}
	mails := o.Mails()
	if len(mails) != 1 {
		t.Fatalf("%d mails", len(mails))
	}
	got := mails[0]
	if got.ID != id || got.From != from || len(got.To) != 1 || got.To[0] != to || got.Subject != m.Subject || got.Text != m.Text || got.HTML != m.HTML {
		t.Errorf("arrived as %+v", got)
	}
}

func TestWhatIsNotSent(t *testing.T) {
	long := strings.Repeat("x", 151)
	tests := map[string]struct {
		variables map[string]string
		to        string
		change    func(*mail.Message)
		reason    fault.Reason
	}{
		"no sender is set":                   {variables: map[string]string{"MAIL_FROM": ""}, reason: mail.NotSetUp},
		"the sender is no address":           {variables: map[string]string{"MAIL_FROM": "Fulcrum <fulcrum@example.com>"}, reason: mail.NotSetUp},
		"SES knows no such sender":           {variables: map[string]string{"MAIL_FROM": "other@example.com"}, reason: mail.NotSetUp},
		"SES knows no such set":              {variables: map[string]string{"MAIL_CONFIGURATION_SET": "none"}, reason: mail.NotSetUp},
		"nobody":                             {to: "-", reason: mail.Refused},
		"a name before the address":          {to: "Admin <admin@example.org>", reason: mail.Refused},
		"a comment behind the address":       {to: "admin@example.org (boss)", reason: mail.Refused},
		"two addresses":                      {to: "a@example.org, b@example.org", reason: mail.Refused},
		"a line break in the address":        {to: "admin@example.org\r\nBcc: all@example.org", reason: mail.Refused},
		"a line break that is folded":        {to: "\"a\r\n b\"@example.org", reason: mail.Refused},
		"a quoted local part":                {to: `"a b"@example.org`, reason: mail.Refused},
		"an address that is not ASCII":       {to: "ädmin@example.org", reason: mail.Refused},
		"a domain that is not ASCII":         {to: "admin@exämple.org", reason: mail.Refused},
		"a domain without a dot":             {to: "admin@localhost", reason: mail.Refused},
		"an IP address for a domain":         {to: "admin@[127.0.0.1]", reason: mail.Refused},
		"an address without end":             {to: strings.Repeat("a", 250) + "@example.org", reason: mail.Refused},
		"no subject":                         {change: func(m *mail.Message) { m.Subject = "" }, reason: mail.Refused},
		"a subject of two lines":             {change: func(m *mail.Message) { m.Subject = "a\r\nBcc: all@example.org" }, reason: mail.Refused},
		"a subject that turns the direction": {change: func(m *mail.Message) { m.Subject = "a\u202eb" }, reason: mail.Refused},
		"a subject without end":              {change: func(m *mail.Message) { m.Subject = long }, reason: mail.Refused},
		"no text part":                       {change: func(m *mail.Message) { m.Text = "" }, reason: mail.Refused},
		"no HTML part":                       {change: func(m *mail.Message) { m.HTML = "" }, reason: mail.Refused},
		"a text that is not UTF-8":           {change: func(m *mail.Message) { m.Text = "a\xff" }, reason: mail.Refused},
		"a NUL":                              {change: func(m *mail.Message) { m.HTML = "a\x00" }, reason: mail.Refused},
		"a part without end":                 {change: func(m *mail.Message) { m.Text = strings.Repeat("x", 100<<10+1) }, reason: mail.Refused},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			o, m := open(t, tt.variables), hello()
			if tt.change != nil {
				tt.change(&m)
			}
			if tt.to == "" {
				tt.to = to
			}
			_, err := o.Send(t.Context(), tt.to, m)
			if reason, parks := fault.Parks(err); !parks || reason != tt.reason {
				t.Errorf("%v is parked as %q, want %q", err, reason, tt.reason)
			}
			if err != nil && strings.Contains(err.Error(), "example") {
				t.Errorf("the error holds an address: %v", err)
			}
			if n := len(o.Mails()); n != 0 {
				t.Errorf("%d mails were sent", n)
			}
		})
	}
}

// What SES answers decides whether the call is made again at once, again later,
// or never.
func TestWhatSESAnswers(t *testing.T) {
	tests := map[string]struct {
		fault   aws.Fault
		reason  fault.Reason
		unknown bool
		calls   int64
		sent    int
	}{
		"its rate is exceeded for a moment": {fault: aws.Fault{Status: 429, Code: "TooManyRequestsException", Times: 3}, calls: 4, sent: 1},
		"its rate is exceeded":              {fault: aws.Fault{Status: 429, Code: "TooManyRequestsException", Times: 9}, calls: 4},
		"it is overloaded":                  {fault: aws.Fault{Status: 503, Code: "ServiceUnavailableException", Times: 9}, calls: 1},
		"it fails":                          {fault: aws.Fault{Status: 500, Times: 9}, calls: 1, unknown: true},
		"it fails at its gate":              {fault: aws.Fault{Status: 504, Times: 9}, calls: 1, unknown: true},
		"its answer is lost":                {fault: aws.Fault{DropAnswer: true, Times: 9}, calls: 1, unknown: true, sent: 1},
		"it does not answer":                {fault: aws.Fault{DelayMS: 60_000, Times: 9}, calls: 1, unknown: true},
		"the mail is rejected":              {fault: aws.Fault{Status: 400, Code: "MessageRejected", Times: 9}, calls: 1, reason: mail.Refused},
		"sending is paused":                 {fault: aws.Fault{Status: 400, Code: "SendingPausedException", Times: 9}, calls: 1, reason: mail.NotSetUp},
		"the function may not send":         {fault: aws.Fault{Status: 403, Code: "AccessDeniedException", Times: 9}, calls: 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := open(t, nil)
				o.Inject(tt.fault)
				id, err := o.Send(t.Context(), to, hello())
				reason, _ := fault.Parks(err)
				if reason != tt.reason || errors.Is(err, mail.ErrUnknown) != tt.unknown {
					t.Errorf("error %v, parked as %q", err, reason)
				}
				if done := err == nil; done != (id != "") || done && tt.sent == 0 {
					t.Errorf("id %q and error %v", id, err)
				}
				time.Sleep(time.Hour)
				if o.calls.Load() != tt.calls || len(o.Mails()) != tt.sent {
					t.Errorf("%d calls and %d mails, want %d and %d", o.calls.Load(), len(o.Mails()), tt.calls, tt.sent)
				}
			})
		})
	}
}

func TestNobodyToAskIsNotUnknown(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = over("http://"+l.Addr().String()).Send(t.Context(), to, hello())
	if _, parks := fault.Parks(err); err == nil || parks || errors.Is(err, mail.ErrUnknown) {
		t.Errorf("error %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := open(t, nil).Send(ctx, to, hello()); !errors.Is(err, context.Canceled) || errors.Is(err, mail.ErrUnknown) {
		t.Errorf("without time: %v", err)
	}
}

// over is a Sender to an SES on a socket.
func over(url string) *mail.Sender {
	return mail.FromEnv(boot.NewEnv(func(name string) string {
		return map[string]string{"AWS_REGION": aws.Region, "AWS_ENDPOINT_URL_SESV2": url, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "MAIL_FROM": from}[name]
	}))
}

// Over sockets the SDK's own client makes a call twice now and then; see
// boot.WholeBody.
func TestOneMailIsOneCall(t *testing.T) {
	var calls atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"MessageId":"1"}`)
	}))
	t.Cleanup(srv.Close)
	sender := over(srv.URL)
	for range 300 {
		if _, err := sender.Send(t.Context(), to, hello()); err != nil {
			t.Fatal(err)
		}
	}
	if calls.Load() != 300 {
		t.Errorf("%d calls for 300 mails", calls.Load())
	}
}

func TestLinks(t *testing.T) {
	tests := map[string]struct {
		link string
		ok   bool
	}{
		"a page over TLS":             {"https://app.example.com/hires/1?t=a%20b#x", true},
		"a page on this machine":      {"http://127.0.0.1:3000/review", true},
		"a page on localhost":         {"http://localhost:3000/review", true},
		"a page without TLS":          {"http://app.example.com/", false},
		"a script":                    {"javascript:alert(1)", false},
		"data":                        {"data:text/html,x", false},
		"a path":                      {"/hires/1", false},
		"a host without a scheme":     {"//example.com/x", false},
		"no host":                     {"https:///x", false},
		"another user's host":         {"https://example.com@evil.test/", false},
		"a line break":                {"https://example.com/\r\nBcc:", false},
		"a quote":                     {`https://example.com/"onclick="x`, false},
		"a host that looks like ours": {"https://exаmple.com/", false},
		"without end":                 {"https://example.com/" + strings.Repeat("x", 2000), false},
		"nothing":                     {"", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			err := mail.CheckLink(tt.link)
			if _, parks := fault.Parks(err); (err == nil) != tt.ok || err != nil && !parks {
				t.Errorf("%q: %v", tt.link, err)
			}
		})
	}
}

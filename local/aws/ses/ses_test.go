package ses_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/smithy-go"

	engine "fulcrum/local/aws"
	"fulcrum/local/inproc"
	"fulcrum/shared/boot"
)

// office is an engine with SES, and the SDK's client of it.
type office struct {
	*sesv2.Client
	*testing.T
	engine *engine.Engine
}

var at = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func open(t *testing.T, dir string) office {
	t.Helper()
	e, err := engine.New(engine.Options{Dir: dir, Now: func() time.Time { return at }})
	if err != nil {
		t.Fatal(err)
	}
	env := boot.NewEnv(func(name string) string {
		return map[string]string{"AWS_REGION": engine.Region, "AWS_ENDPOINT_URL_SESV2": "http://aws.test", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "local"}[name]
	}).Through(inproc.Hosts{"aws.test": e})
	return office{sesv2.NewFromConfig(env.AWS("SESV2", boot.Patience{Attempt: time.Minute, Attempts: 1})), t, e}
}

func (o office) verify(identities ...string) office {
	o.Helper()
	for _, identity := range identities {
		if _, err := o.CreateEmailIdentity(o.Context(), &sesv2.CreateEmailIdentityInput{EmailIdentity: &identity}); err != nil {
			o.Fatal(err)
		}
	}
	return o
}

// letter is a mail that is accepted, after change.
func letter(change func(*sesv2.SendEmailInput)) *sesv2.SendEmailInput {
	utf8 := func(text string) *types.Content {
		return &types.Content{Data: aws.String(text), Charset: aws.String("UTF-8")}
	}
	in := &sesv2.SendEmailInput{
		FromEmailAddress: aws.String("us@example.com"),
		Destination:      &types.Destination{ToAddresses: []string{"them@example.org"}},
		Content: &types.EmailContent{Simple: &types.Message{
			Subject: utf8("Hé"), Body: &types.Body{Text: utf8("☃\n"), Html: utf8("<p>☃</p>")},
		}},
	}
	if change != nil {
		change(in)
	}
	return in
}

// Source: SES developer guide, "Amazon SES email sending errors".
func TestARejectionNamesTheIdentity(t *testing.T) {
	_, err := open(t, "").SendEmail(t.Context(), letter(nil))
	if want := "Email address is not verified. The following identities failed the check in region US-EAST-1: us@example.com"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("answer %v", err)
	}
}

// code is the code of an error of AWS with its status; "" of none.
func code(t *testing.T, err error) (string, int) {
	t.Helper()
	if err == nil {
		return "", http.StatusOK
	}
	var api smithy.APIError
	var response interface{ HTTPStatusCode() int }
	if !errors.As(err, &api) || !errors.As(err, &response) {
		t.Fatalf("not an answer of AWS: %v", err)
	}
	return api.ErrorCode(), response.HTTPStatusCode()
}

func TestAMailIsKept(t *testing.T) {
	o := open(t, "").verify("us@example.com")
	out, err := o.SendEmail(t.Context(), letter(nil))
	if err != nil {
		t.Fatal(err)
	}
	mails := o.engine.Mails()
	if len(mails) != 1 {
		t.Fatalf("%d mails", len(mails))
	}
	m := mails[0]
	if m.ID != *out.MessageId || m.From != "us@example.com" || !slices.Equal(m.To, []string{"them@example.org"}) ||
		m.Subject != "Hé" || m.Text != "☃\n" || m.HTML != "<p>☃</p>" || !m.At.Equal(at) {
		t.Errorf("kept %+v", m)
	}
}

func TestWhatIsRefused(t *testing.T) {
	tests := map[string]struct {
		change func(*sesv2.SendEmailInput)
		code   string
		status int
	}{
		"a sender who is not verified": {func(in *sesv2.SendEmailInput) { in.FromEmailAddress = aws.String("you@example.com") }, "MessageRejected", 400},
		"an address without a domain":  {func(in *sesv2.SendEmailInput) { in.Destination.ToAddresses[0] = "them" }, "BadRequestException", 400},
		"an address with a line break": {func(in *sesv2.SendEmailInput) {
			in.Destination.ToAddresses[0] = "them@example.org\r\nBcc: all@example.org"
		}, "BadRequestException", 400},
		"an address that is not ASCII": {func(in *sesv2.SendEmailInput) { in.Destination.ToAddresses[0] = "thém@example.org" }, "BadRequestException", 400},
		"nobody":                       {func(in *sesv2.SendEmailInput) { in.Destination.ToAddresses = nil }, "BadRequestException", 400},
		"51 recipients": {func(in *sesv2.SendEmailInput) {
			in.Destination.ToAddresses = slices.Repeat([]string{"a@example.org"}, 51)
		}, "BadRequestException", 400},
		"no subject":                 {func(in *sesv2.SendEmailInput) { in.Content.Simple.Subject.Data = aws.String("") }, "BadRequestException", 400},
		"a subject of two lines":     {func(in *sesv2.SendEmailInput) { in.Content.Simple.Subject.Data = aws.String("a\r\nBcc: x@example.org") }, "BadRequestException", 400},
		"no text":                    {func(in *sesv2.SendEmailInput) { in.Content.Simple.Body = &types.Body{} }, "BadRequestException", 400},
		"a text without its charset": {func(in *sesv2.SendEmailInput) { in.Content.Simple.Body.Text.Charset = nil }, "BadRequestException", 400},
		"another charset":            {func(in *sesv2.SendEmailInput) { in.Content.Simple.Body.Text.Charset = aws.String("ISO-8859-1") }, "NotSupportedHere", 501},
		"a configuration set":        {func(in *sesv2.SendEmailInput) { in.ConfigurationSetName = aws.String("none") }, "NotFoundException", 404},
		"a raw mail": {func(in *sesv2.SendEmailInput) {
			in.Content = &types.EmailContent{Raw: &types.RawMessage{Data: []byte("x")}}
		}, "NotSupportedHere", 501},
		"no content": {func(in *sesv2.SendEmailInput) { in.Content = &types.EmailContent{} }, "BadRequestException", 400},
		"a copy":     {func(in *sesv2.SendEmailInput) { in.Destination.CcAddresses = []string{"c@example.org"} }, "NotSupportedHere", 501},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			o := open(t, "").verify("us@example.com")
			_, err := o.SendEmail(t.Context(), letter(tt.change))
			if got, status := code(t, err); got != tt.code || status != tt.status {
				t.Errorf("answer %d %s, want %d %s", status, got, tt.status, tt.code)
			}
			if n := len(o.engine.Mails()); n != 0 {
				t.Errorf("%d mails were kept", n)
			}
		})
	}
}

func TestWhoMaySend(t *testing.T) {
	tests := map[string]struct {
		from string
		may  bool
	}{
		"an address that is verified":      {"one@example.com", true},
		"with a name":                      {`"Us, here" <one@example.com>`, true},
		"its domain in capitals":           {"one@EXAMPLE.com", true},
		"its first part in capitals":       {"ONE@example.com", false},
		"a neighbour":                      {"two@example.com", false},
		"anybody of a domain":              {"two@example.net", true},
		"anybody of a domain below":        {"two@mail.example.net", true},
		"a domain that only ends the same": {"two@badexample.net", false},
	}
	o := open(t, "").verify("one@example.com", "example.net")
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := o.SendEmail(t.Context(), letter(func(in *sesv2.SendEmailInput) { in.FromEmailAddress = &tt.from }))
			if got, _ := code(t, err); (got == "") != tt.may || got != "" && got != "MessageRejected" {
				t.Errorf("answer %q", got)
			}
		})
	}
}

func TestAnIdentityIsMadeOnce(t *testing.T) {
	o := open(t, "").verify("us@example.com")
	for identity, want := range map[string]string{"us@Example.com": "AlreadyExistsException", "": "BadRequestException", "a b@example.com": "BadRequestException"} {
		_, err := o.CreateEmailIdentity(t.Context(), &sesv2.CreateEmailIdentityInput{EmailIdentity: &identity})
		if got, _ := code(t, err); got != want {
			t.Errorf("%q: answer %q, want %s", identity, got, want)
		}
	}
}

func TestMailsOutliveTheEngine(t *testing.T) {
	dir := t.TempDir()
	for i := range 12 {
		o := open(t, dir)
		if i == 0 {
			o.verify("us@example.com")
		}
		if _, err := o.SendEmail(t.Context(), letter(func(in *sesv2.SendEmailInput) {
			in.Content.Simple.Subject.Data = aws.String(strings.Repeat("i", i+1))
		})); err != nil {
			t.Fatal(err)
		}
		mails := o.engine.Mails()
		if len(mails) != i+1 || len(mails[i].Subject) != i+1 || mails[0].Subject != "i" {
			t.Errorf("run %d has %d mails: %+v", i, len(mails), mails)
		}
		if err := o.engine.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

package rig_test

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/local/aws"
	"fulcrum/local/provision"
	"fulcrum/local/rig"
	"fulcrum/shared/boot"
	"fulcrum/shared/mail"
	"fulcrum/shared/store"
)

// mails are what the sandbox shows of the mail to an address, field by field.
func mails(t *testing.T, l *rig.Live, to string) []map[string]any {
	t.Helper()
	res, err := (&http.Client{Transport: l}).Get(rig.Partner + "/_sandbox/mail?to=" + to)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var all []map[string]any
	if err := json.NewDecoder(res.Body).Decode(&all); err != nil {
		t.Fatal(err)
	}
	return all
}

// A function that the template lets send mail sends one, however often it runs and
// whatever goes wrong, and the sandbox shows it. One of which nobody knows whether it
// went out goes out again.
func TestAFunctionSendsMail(t *testing.T) {
	tests := map[string]struct {
		fault  aws.Fault
		copies int
	}{
		"when all goes well":              {aws.Fault{Service: "none"}, 1},
		"when SES throttles":              {aws.Fault{Service: "ses", Status: 429, Code: "TooManyRequestsException", Times: 6}, 1},
		"when SES is away":                {aws.Fault{Service: "ses", Status: 503, Times: 2}, 1},
		"when SES fails":                  {aws.Fault{Service: "ses", Status: 500, Times: 1}, 1},
		"when SES's answer is lost":       {aws.Fault{Service: "ses", DropAnswer: true, Times: 1}, 2},
		"when the claim's answer is lost": {aws.Fault{Action: "UpdateItem", DropAnswer: true, Times: 2}, 1},
		"when the claim cannot be made":   {aws.Fault{Action: "UpdateItem", Status: 500, Times: 6}, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := rig.NewLive(t, aws.Options{})
				l.AWS.Inject(tt.fault)
				key := mail.Key("hello", "admin@example.org")
				handler, err := boot.Start(t.Context(), l.Env(t, "HubConnect"), func(env *boot.Env) any {
					sender, table := mail.FromEnv(env), store.FromEnv(env)
					return func(ctx context.Context) error {
						return sender.Once(ctx, table.Mails("con_1"), key, "admin@example.org", mail.Message{Subject: "Hello", Text: "Hi", HTML: "<p>Hi"})
					}
				})
				if err != nil {
					t.Fatal(err)
				}
				run, ok := handler.(func(context.Context) error)
				if !ok {
					t.Fatalf("handler %T", handler)
				}
				err = run(t.Context())
				for range 4 {
					time.Sleep(time.Minute)
					err = run(t.Context())
				}
				if err != nil {
					t.Errorf("the last run: %v", err)
				}
				expectMail(t, l, tt.copies)
			})
		})
	}
}

func expectMail(t *testing.T, l *rig.Live, copies int) {
	t.Helper()
	got := mails(t, l, "Admin@example.org")
	if len(got) != copies || len(mails(t, l, "")) != copies || len(mails(t, l, "other@example.org")) != 0 {
		t.Fatalf("the sandbox shows %v", got)
	}
	m := got[0]
	to, ok := m["to"].([]any)
	if !ok || !slices.Equal(to, []any{"admin@example.org"}) || m["from"] != provision.MailFrom || m["subject"] != "Hello" || m["text"] != "Hi" || m["html"] != "<p>Hi" {
		t.Errorf("the mail is %v", m)
	}
	text, ok := m["at"].(string)
	if at, err := time.Parse(time.RFC3339, text); !ok || err != nil || time.Since(at) > time.Hour {
		t.Errorf("at %v (%v)", m["at"], err)
	}
}

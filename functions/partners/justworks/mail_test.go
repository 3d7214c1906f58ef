package justworks_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"fulcrum/functions/partners/justworks"
	"fulcrum/local/aws"
	"fulcrum/local/inproc"
	"fulcrum/local/provision"
	"fulcrum/shared/boot"
	"fulcrum/shared/fault"
	"fulcrum/shared/mail"

	"github.com/aws/aws-sdk-go-v2/service/sesv2"
)

const reviewLink = "https://app.example.com/justworks/hires/hire_1?token=abc&lang=en"

func notice() justworks.Notice {
	return justworks.Notice{Name: "Ada Lovelace", Company: "Analytical Engines", Link: reviewLink, DaysLeft: 3}
}

// The golden files are what an admin reads. UPDATE_GOLDEN=1 writes them anew.
func TestMailsReadAsWritten(t *testing.T) {
	for name, write := range map[string]func(justworks.Notice) (mail.Message, error){"hired": justworks.HiredMail, "reminder": justworks.ReminderMail} {
		m, err := write(notice())
		if err != nil {
			t.Fatal(err)
		}
		for ending, got := range map[string]string{".txt": m.Text, ".html": m.HTML} {
			golden := filepath.Join("testdata", "mail-"+name+ending)
			if os.Getenv("UPDATE_GOLDEN") != "" {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil || got != string(want) {
				t.Errorf("%s (%v) differs:\n%s", golden, err, got)
			}
		}
	}
}

func TestWhatAMailSays(t *testing.T) {
	tests := map[string]struct {
		write   func(justworks.Notice) (mail.Message, error)
		change  func(*justworks.Notice)
		subject string
		says    string // in the text part
		lacks   string
	}{
		"the first has the promised title":     {justworks.HiredMail, func(*justworks.Notice) {}, "A candidate has been hired in Lever!", "Ada Lovelace was hired in Lever at Analytical Engines.", "yet"},
		"a reminder says that it is one":       {justworks.ReminderMail, func(*justworks.Notice) {}, "Reminder: a candidate hired in Lever is not invited to Justworks yet", "and is not invited to Justworks yet.", "!"},
		"the link stands on a line of its own": {justworks.HiredMail, func(*justworks.Notice) {}, "", "\n" + reviewLink + "\n", ""},
		"some days are left":                   {justworks.ReminderMail, func(*justworks.Notice) {}, "", "The start date is in 3 days.", ""},
		"one day is left":                      {justworks.ReminderMail, func(n *justworks.Notice) { n.DaysLeft = 1 }, "", "The start date is tomorrow.", ""},
		"no start date is known":               {justworks.ReminderMail, func(n *justworks.Notice) { n.DaysLeft = 0 }, "", "Ada Lovelace", "start date"},
		"the start date is over":               {justworks.ReminderMail, func(n *justworks.Notice) { n.DaysLeft = -2 }, "", "Ada Lovelace", "start date"},
		"the hire has no name":                 {justworks.HiredMail, func(n *justworks.Notice) { n.Name = " \u200b" }, "", "A candidate was hired in Lever at", ""},
		"the company has no name":              {justworks.HiredMail, func(n *justworks.Notice) { n.Company = "" }, "", "was hired in Lever.", " at "},
		"a name is cut":                        {justworks.HiredMail, func(n *justworks.Notice) { n.Name = strings.Repeat("a", 100) }, "", strings.Repeat("a", 79) + "… was", strings.Repeat("a", 80)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			n := notice()
			tt.change(&n)
			m, err := tt.write(n)
			if err != nil {
				t.Fatal(err)
			}
			if tt.subject != "" && m.Subject != tt.subject {
				t.Errorf("subject %q", m.Subject)
			}
			if !strings.Contains(m.Text, tt.says) || tt.lacks != "" && strings.Contains(m.Text, tt.lacks) {
				t.Errorf("want %q and no %q in\n%s", tt.says, tt.lacks, m.Text)
			}
		})
	}
}

func TestAMailWithABadLinkIsNotWritten(t *testing.T) {
	for _, link := range []string{"", "javascript:alert(1)", "http://app.example.com/", "https://a@b.test/", "https://a.test/\r\nBcc: x"} {
		n := notice()
		n.Link = link
		for _, write := range []func(justworks.Notice) (mail.Message, error){justworks.HiredMail, justworks.ReminderMail} {
			m, err := write(n)
			if reason, parks := fault.Parks(err); !parks || reason != mail.Refused || m != (mail.Message{}) {
				t.Errorf("%q: %v, %+v", link, err, m)
			}
		}
	}
}

// nodes are the elements of an HTML part with their attributes, and how many texts
// stand between them.
func nodes(t *testing.T, html string) string {
	t.Helper()
	var out strings.Builder
	d := xml.NewDecoder(strings.NewReader(html))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return out.String()
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, html)
		}
		switch token := token.(type) {
		case xml.StartElement:
			fmt.Fprintf(&out, "<%s %v>", token.Name.Local, token.Attr)
		case xml.EndElement:
			fmt.Fprintf(&out, "</%s>", token.Name.Local)
		case xml.CharData:
			out.WriteString("#")
		default:
			fmt.Fprintf(&out, "?%T", token)
		}
	}
}

// hostile are names that strangers may type: those of package mail, each alone,
// before and behind another.
func hostile(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../../../shared/mail/testdata/names.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for line := range strings.Lines(string(text)) {
		name, err := strconv.Unquote(strings.TrimSpace(line))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, name, name+" Lovelace", "Ada "+name)
	}
	return all
}

// Whatever a name is, the mail has the elements, the lines and the links that it
// has with the name X, and SES takes it.
func TestANameChangesNothingButTheName(t *testing.T) {
	sender, engine := office(t)
	names := hostile(t)
	for _, write := range []func(justworks.Notice) (mail.Message, error){justworks.HiredMail, justworks.ReminderMail} {
		plain, err := write(justworks.Notice{Name: "X", Company: "X", Link: reviewLink})
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			m, err := write(justworks.Notice{Name: name, Company: name + ".", Link: reviewLink})
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case m.Subject != plain.Subject, nodes(t, m.HTML) != nodes(t, plain.HTML):
				t.Errorf("%.60q changes the subject or the HTML:\n%s", name, m.HTML)
			case strings.Count(m.Text, "\n") != strings.Count(plain.Text, "\n"),
				strings.Count(m.Text, "://") != 1, strings.Count(m.HTML, "://") != 1, strings.Contains(m.Text, "@"):
				t.Errorf("%.60q adds a line or a link:\n%s", name, m.Text)
			}
			if _, err := sender.Send(t.Context(), "admin@example.org", m); err != nil {
				t.Errorf("%.60q: %v", name, err)
			}
		}
	}
	if n := len(engine.Mails()); n != 2*len(names) || n < 600 {
		t.Errorf("%d mails of %d names arrived", n, len(names))
	}
}

// office is a sender at an SES of its own.
func office(t *testing.T) (*mail.Sender, *aws.Engine) {
	t.Helper()
	engine, err := aws.New(aws.Options{})
	if err != nil {
		t.Fatal(err)
	}
	env := boot.NewEnv(func(name string) string {
		return map[string]string{
			"AWS_REGION": aws.Region, "AWS_ENDPOINT_URL": "http://aws.test", "MAIL_FROM": provision.MailFrom,
			"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "local",
		}[name]
	}).Through(inproc.Hosts{"aws.test": engine})
	if err := (provision.Clients{Mail: sesv2.NewFromConfig(env.AWS("SESV2", boot.Working))}).Sender(t.Context()); err != nil {
		t.Fatal(err)
	}
	return mail.FromEnv(env), engine
}

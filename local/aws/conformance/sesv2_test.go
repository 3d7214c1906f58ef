package conformance

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/smithy-go"
)

// mailFailures are the checks of SES that moto 5.2.1 does not pass.
var mailFailures = map[string]map[string]string{
	"moto": {
		"M03": "makes an identity anew that is there",
		"M05": "answers MessageRejected to too many recipients",
		"M06": "answers the older InvalidParameterValue, and takes addresses with blanks and line breaks",
		"M07": "does not look at the configuration set",
	},
}

// desk is an SES under test, with an identity of its own.
type desk struct {
	*sesv2.Client
	t    *testing.T
	ctx  context.Context
	from string
}

func newDesk(t *testing.T, e endpoint) *desk {
	d := &desk{Client: sesv2.NewFromConfig(e.config()), t: t, ctx: background(t), from: strings.ToLower(rand.Text()) + "@example.com"}
	if err := d.verify(d.from); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *desk) verify(identity string) error {
	_, err := d.CreateEmailIdentity(d.ctx, &sesv2.CreateEmailIdentityInput{EmailIdentity: &identity})
	return err
}

// send sends a mail, after change, and gives its id.
func (d *desk) send(change func(*sesv2.SendEmailInput)) (string, error) {
	utf8 := func(text string) *types.Content {
		return &types.Content{Data: aws.String(text), Charset: aws.String("UTF-8")}
	}
	in := &sesv2.SendEmailInput{
		FromEmailAddress: &d.from, Destination: &types.Destination{ToAddresses: []string{"success@simulator.amazonses.com"}},
		Content: &types.EmailContent{Simple: &types.Message{
			Subject: utf8("é ☃"), Body: &types.Body{Text: utf8("☃"), Html: utf8("<p>☃</p>")},
		}},
	}
	if change != nil {
		change(in)
	}
	out, err := d.SendEmail(d.ctx, in)
	if err != nil {
		return "", err
	}
	return aws.ToString(out.MessageId), nil
}

// wantCode wants an error of AWS.
func (d *desk) wantCode(err error, code, message string) {
	d.t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code || !strings.Contains(api.ErrorMessage(), message) {
		d.t.Errorf("answer %v, want %s with %q", err, code, message)
	}
}

// M01: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html
func TestM01Send(t *testing.T) {
	beside(t)
	everywhere(t, "sesv2", "M01", func(t *testing.T, e endpoint) {
		d := newDesk(t, e)
		first, err := d.send(nil)
		if err != nil {
			t.Fatal(err)
		}
		if second, err := d.send(nil); err != nil || first == "" || second == first {
			t.Errorf("ids %q and %q (%v): no mail is the other's repetition", first, second, err)
		}
	})
}

// M02: https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-error-messages.html
func TestM02ASenderWhoIsNotVerified(t *testing.T) {
	beside(t)
	everywhere(t, "sesv2", "M02", func(t *testing.T, e endpoint) {
		d := newDesk(t, e)
		_, err := d.send(func(in *sesv2.SendEmailInput) { in.FromEmailAddress = aws.String("nobody@example.org") })
		d.wantCode(err, "MessageRejected", "")
	})
}

// M03: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_CreateEmailIdentity.html
func TestM03AnIdentityIsMadeOnce(t *testing.T) {
	beside(t)
	everywhere(t, "sesv2", "M03", func(t *testing.T, e endpoint) {
		d := newDesk(t, e)
		d.wantCode(d.verify(d.from), "AlreadyExistsException", "")
	})
}

// M04: https://docs.aws.amazon.com/ses/latest/dg/creating-identities.html (an
// identity that is a domain covers its addresses).
func TestM04ADomainCoversItsAddresses(t *testing.T) {
	beside(t)
	everywhere(t, "sesv2", "M04", func(t *testing.T, e endpoint) {
		d := newDesk(t, e)
		domain := strings.ToLower(rand.Text()) + ".example.net"
		if err := d.verify(domain); err != nil {
			t.Fatal(err)
		}
		if _, err := d.send(func(in *sesv2.SendEmailInput) { in.FromEmailAddress = aws.String("Anybody <any@" + domain + ">") }); err != nil {
			t.Error(err)
		}
	})
}

// M05: https://docs.aws.amazon.com/ses/latest/dg/quotas.html (50 recipients).
func TestM05Recipients(t *testing.T) {
	beside(t)
	everywhere(t, "sesv2", "M05", func(t *testing.T, e endpoint) {
		d := newDesk(t, e)
		for n, want := range map[int]string{50: "", 51: "BadRequestException"} {
			_, err := d.send(func(in *sesv2.SendEmailInput) {
				in.Destination.ToAddresses = slices.Repeat([]string{"success@simulator.amazonses.com"}, n)
			})
			if want != "" {
				d.wantCode(err, want, "")
			} else if err != nil {
				t.Errorf("%d recipients: %v", n, err)
			}
		}
	})
}

// M06: RFC 5322, section 3.4.1; no address has a line break.
func TestM06AddressesThatAreNone(t *testing.T) {
	beside(t)
	everywhere(t, "sesv2", "M06", func(t *testing.T, e endpoint) {
		d := newDesk(t, e)
		for _, to := range []string{"nobody", "a b@example.com", "a@example.com\r\nBcc: b@example.com", "a@example.com, b@example.com"} {
			_, err := d.send(func(in *sesv2.SendEmailInput) { in.Destination.ToAddresses[0] = to })
			d.wantCode(err, "BadRequestException", "")
		}
	})
}

// M07: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html#API_SendEmail_Errors
func TestM07AConfigurationSetThatIsNotThere(t *testing.T) {
	beside(t)
	everywhere(t, "sesv2", "M07", func(t *testing.T, e endpoint) {
		d := newDesk(t, e)
		_, err := d.send(func(in *sesv2.SendEmailInput) { in.ConfigurationSetName = aws.String("none") })
		d.wantCode(err, "NotFoundException", "Configuration set <none> does not exist")
	})
}

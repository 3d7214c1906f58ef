// Package mail sends e-mail through SES. The rooms that own a mail write it with
// text/template and html/template and hand it over as a Message; whatever a
// stranger typed goes through Plain before, in both parts, and every link through
// CheckLink.
//
// SES has no idempotency keys: a call that is repeated is a second mail. So a
// Sender repeats only what SES has refused for its rate. Where the answer is lost,
// Send fails with ErrUnknown, and whoever sends again then may send twice. Once
// leaves it to a Ledger how often that is done.
//
// Errors never hold an address or a text. An error says nothing deserves another
// try, as everywhere, unless it is marked with one of the reasons here.
package mail

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/smithy-go"

	"fulcrum/shared/fault"
	"fulcrum/shared/pause"
)

// The reasons under which a mail is not sent.
const (
	// NotSetUp: there is no sender, or AWS does not let it send. Somebody who runs
	// the bundle has to act; the work that wanted a mail goes on without.
	NotSetUp fault.Reason = "mail_not_set_up"
	// Refused: the address or the mail itself is not acceptable.
	Refused fault.Reason = "mail_refused"
)

// The pauses after a mail was refused for SES's rate, each twice the one before. A
// new account of SES sends one mail a second.
const (
	firstPause = 250 * time.Millisecond
	lastPause  = time.Second
)

// ErrUnknown says that SES may have taken the mail: the call went out and its
// answer did not come.
var ErrUnknown = errors.New("it is not known whether the mail was sent")

// Message is a mail without its recipient. All three are UTF-8 and not empty.
type Message struct {
	// Subject is one line.
	Subject string
	// Text and HTML say the same.
	Text, HTML string
}

// Sender sends mails. It is safe for concurrent use.
type Sender struct {
	client           *sesv2.Client
	from             string
	configurationSet *string
}

// New makes a Sender whose mails come from that address, a verified identity of
// the account. With an empty one nothing is sent, and Send says NotSetUp. The
// configuration set may be empty.
func New(cfg aws.Config, from, configurationSet string) *Sender {
	s := &Sender{from: from, client: sesv2.NewFromConfig(cfg, func(o *sesv2.Options) { o.Retryer = aws.NopRetryer{} })}
	if configurationSet != "" {
		s.configurationSet = &configurationSet
	}
	return s
}

// Send sends a mail to one address and gives SES's id of it. Each person gets a
// mail of their own, so that nobody sees who else did.
func (s *Sender) Send(ctx context.Context, to string, m Message) (string, error) {
	if err := s.check(to, m); err != nil {
		return "", err
	}
	if err := ctx.Err(); err != nil {
		return "", fmt.Errorf("send mail: %w", err)
	}
	for wait := firstPause; ; wait *= 2 {
		id, err := s.call(ctx, to, m)
		if err == nil {
			return id, nil
		}
		throttled := retry.ThrottleErrorCode{Codes: retry.DefaultThrottleErrorCodes}.IsErrorThrottle(err).Bool()
		if !throttled || wait > lastPause || !pause.For(ctx, wait/2+rand.N(wait/2)) {
			return "", fmt.Errorf("send mail: %w", classify(err))
		}
	}
}

func (s *Sender) call(ctx context.Context, to string, m Message) (string, error) {
	out, err := s.client.SendEmail(ctx, &sesv2.SendEmailInput{
		FromEmailAddress: &s.from, ConfigurationSetName: s.configurationSet,
		Destination: &types.Destination{ToAddresses: []string{to}},
		Content: &types.EmailContent{Simple: &types.Message{
			Subject: content(m.Subject), Body: &types.Body{Text: content(m.Text), Html: content(m.HTML)},
		}},
	})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.MessageId), nil
}

func content(text string) *types.Content {
	return &types.Content{Data: &text, Charset: aws.String("UTF-8")}
}

// classify tells apart what SES refused, what it may take later, and what nobody
// knows. SES's own message is left out: it names addresses.
func classify(err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		var dial *net.OpError
		if errors.As(err, &dial) && dial.Op == "dial" {
			return errors.New("ses cannot be reached")
		}
		return ErrUnknown
	}
	plain := errors.New("ses: " + api.ErrorCode())
	switch api.ErrorCode() {
	case "MessageRejected":
		// The sender, or in AWS's sandbox the recipient, is no identity of the account.
		if strings.Contains(api.ErrorMessage(), "not verified") {
			return fault.Permanent(NotSetUp, plain)
		}
		return fault.Permanent(Refused, plain)
	case "BadRequestException":
		return fault.Permanent(Refused, plain)
	case "MailFromDomainNotVerifiedException", "NotFoundException", "AccountSuspendedException", "SendingPausedException":
		return fault.Permanent(NotSetUp, plain)
	}
	if unanswered(err) {
		return fmt.Errorf("%w: %w", ErrUnknown, plain)
	}
	return plain
}

// unanswered tells whether a failure inside AWS leaves open what became of the
// call. With 503 AWS does not take it up.
func unanswered(err error) bool {
	var response interface{ HTTPStatusCode() int }
	if !errors.As(err, &response) {
		return true
	}
	status := response.HTTPStatusCode()
	return status >= http.StatusInternalServerError && status != http.StatusServiceUnavailable
}

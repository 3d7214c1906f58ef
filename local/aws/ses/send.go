package ses

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/mail"
	"strings"
	"time"
	"unicode"

	"fulcrum/local/aws/wire"
	"fulcrum/local/keep"
)

// maxRecipients is SES's limit for one mail.
const maxRecipients = 50

// Mail is a mail that SES has accepted.
type Mail struct {
	// ID is SES's message id.
	ID      string   `json:"id"`
	From    string   `json:"from"`
	To      []string `json:"to"`
	Subject string   `json:"subject"`
	Text    string   `json:"text"`
	HTML    string   `json:"html"`
	// At is when it was accepted.
	At time.Time `json:"at"`
}

// sendInput is the part of SendEmail's input that is known here.
// Source: SES API v2 reference, "SendEmail".
type sendInput struct {
	FromEmailAddress     string
	Destination          struct{ ToAddresses []string }
	ConfigurationSetName string
	Content              struct {
		Simple *struct {
			Subject part
			Body    struct{ Text, Html part }
		}
	}
}

// part is a text with its charset, which is ASCII where it is not said.
type part struct{ Data, Charset string }

func (s *Service) send(c *wire.Call) (any, error) {
	var in sendInput
	if err := c.Input(&in); err != nil {
		return nil, err
	}
	if in.Content.Simple == nil {
		return nil, badRequest("Content must be specified.")
	}
	from, err := parse(in.FromEmailAddress)
	if err != nil {
		return nil, err
	}
	c.Resource = s.arn(from)
	if err := in.check(); err != nil {
		return nil, err
	}
	simple := in.Content.Simple
	m := Mail{
		From: in.FromEmailAddress, To: in.Destination.ToAddresses, At: c.Now.UTC(),
		Subject: simple.Subject.Data, Text: simple.Body.Text.Data, HTML: simple.Body.Html.Data,
		ID: fmt.Sprintf("%016x-%s-000000", c.Now.UnixMilli(), strings.ToLower(rand.Text())),
	}
	if err := s.accept(from, m); err != nil {
		return nil, err
	}
	return map[string]string{"MessageId": m.ID}, nil
}

// accept keeps a mail of a sender who may send.
func (s *Service) accept(from string, m Mail) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.mayBeSender(from) {
		return wire.Errorf("MessageRejected", "Email address is not verified. The following identities failed the check in region %s: %s",
			strings.ToUpper(s.options.Region), from)
	}
	value, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if err := s.save(keep.Change{Bucket: bucketMails, Key: fmt.Sprintf("%012d", len(s.mails)), Value: value}); err != nil {
		return err
	}
	s.mails = append(s.mails, m)
	return nil
}

// check is what SES refuses whoever sends.
func (in sendInput) check() error {
	if in.ConfigurationSetName != "" {
		return &wire.Error{Code: "NotFoundException", Status: http.StatusNotFound,
			Message: "Configuration set <" + in.ConfigurationSetName + "> does not exist."}
	}
	to, body := in.Destination.ToAddresses, in.Content.Simple.Body
	switch {
	case len(to) == 0:
		return badRequest("Destination must have at least one recipient.")
	case len(to) > maxRecipients:
		return badRequest("Recipient count exceeds %d.", maxRecipients)
	case body.Text.Data == "" && body.Html.Data == "":
		return badRequest("Body must have a text or an HTML part.")
	}
	for _, address := range to {
		if _, err := parse(address); err != nil {
			return err
		}
	}
	return in.checkText()
}

// checkText refuses a subject with a line break, stricter than a mail program that
// would fold it, so that no header can be added by one; and a text that its
// charset cannot have.
func (in sendInput) checkText() error {
	subject, body := in.Content.Simple.Subject, in.Content.Simple.Body
	if subject.Data == "" || strings.ContainsFunc(subject.Data, unicode.IsControl) {
		return badRequest("Subject is empty or contains control characters.")
	}
	for _, p := range []part{subject, body.Text, body.Html} {
		switch strings.ToUpper(p.Charset) {
		case "UTF-8":
		case "":
			if !ascii(p.Data) {
				return badRequest("A text without a charset must be ASCII.")
			}
		default:
			return wire.NotSupported("charset " + p.Charset)
		}
	}
	return nil
}

// parse gives the bare address of one with or without a name. SES takes ASCII
// only: a name is encoded by RFC 2047, a domain by Punycode.
func parse(address string) (string, error) {
	switch {
	case !strings.Contains(address, "@"):
		return "", badRequest("Missing final '@domain'")
	case !ascii(address):
		return "", badRequest("Local address contains control or whitespace")
	}
	parsed, err := mail.ParseAddress(address)
	if err != nil {
		return "", badRequest("Illegal address")
	}
	return parsed.Address, nil
}

func ascii(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII })
}

package mail

import (
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"fulcrum/shared/fault"
)

const (
	// maxAddress is RFC 5321's limit of a path, without its brackets.
	maxAddress = 254
	// maxSubject is what a mail program may show, in characters, with room to spare.
	maxSubject = 150
	// maxPart is in bytes; Gmail cuts an HTML part off at 102 KB.
	maxPart = 100 << 10
	// maxLink is what every browser takes.
	maxLink = 2000
)

func (s *Sender) check(to string, m Message) error {
	if s.from == "" {
		return fault.Permanent(NotSetUp, errors.New("send mail: no sender is set"))
	}
	if err := checkAddress(s.from); err != nil {
		return fault.Permanent(NotSetUp, fmt.Errorf("send mail: sender: %w", err))
	}
	if err := checkAddress(to); err != nil {
		return fault.Permanent(Refused, fmt.Errorf("send mail: recipient: %w", err))
	}
	if err := m.check(); err != nil {
		return fault.Permanent(Refused, fmt.Errorf("send mail: %w", err))
	}
	return nil
}

// checkAddress wants one bare ASCII address of a domain in the DNS: SES takes no
// others, and what is more than an address would end up in a header.
func checkAddress(address string) error {
	parsed, err := netmail.ParseAddress(address)
	if err != nil || parsed.Address != address || len(address) > maxAddress {
		return errors.New("not an e-mail address")
	}
	local, domain, _ := strings.Cut(address, "@")
	if strings.ContainsFunc(local+domain, func(r rune) bool { return r <= ' ' || r > '~' }) ||
		strings.ContainsAny(domain, "[@") || !strings.Contains(domain, ".") {
		return errors.New("not an e-mail address")
	}
	return nil
}

func (m Message) check() error {
	switch {
	case m.Subject == "" || m.Text == "" || m.HTML == "":
		return errors.New("subject or a part is empty")
	case !utf8.ValidString(m.Subject + "\n" + m.Text + "\n" + m.HTML):
		return errors.New("not UTF-8")
	case utf8.RuneCountInString(m.Subject) > maxSubject || max(len(m.Text), len(m.HTML)) > maxPart:
		return errors.New("too long")
	case strings.ContainsFunc(m.Subject, func(r rune) bool { return unicode.IsControl(r) || isHidden(r) }):
		return errors.New("subject has control characters")
	case strings.ContainsFunc(m.Text+m.HTML, isForeignControl):
		return errors.New("control characters in a part")
	}
	return nil
}

// isForeignControl tells control characters that no text has.
func isForeignControl(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }

// CheckLink wants the address of a page that may stand in a mail: absolute, over
// TLS unless it is on this machine, and without a user. Whose page it is, is for
// the room to know that writes the mail.
func CheckLink(link string) error {
	refused := func(why string) error { return fault.Permanent(Refused, errors.New("link: "+why)) }
	parsed, err := url.Parse(link)
	switch {
	case err != nil || parsed.Hostname() == "":
		return refused("not an absolute address")
	case len(link) > maxLink || strings.ContainsFunc(link, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`"<>\`, r) }):
		return refused("too long, or not encoded")
	case parsed.User != nil:
		return refused("with a user")
	case parsed.Scheme == "https" || parsed.Scheme == "http" && isLocal(parsed.Hostname()):
		return nil
	}
	return refused("not https")
}

func isLocal(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

package justworks

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/mail"
	"fulcrum/shared/partner"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
	"fulcrum/shared/ticket"
)

// linkLife is how long the link of a mail opens the review. Every reminder brings
// a link of its own.
const linkLife = 7 * 24 * time.Hour

// The reasons of the attention items about mail, and the ends of letters.
const (
	noReviewer  fault.Reason = "no_admin_manages_employees"
	sent        fault.Reason = "sent"
	notWanted   fault.Reason = "not_wanted"
	nobodyToAsk fault.Reason = "nobody_to_tell"
)

// Sender sends mail; see package mail.
type Sender interface {
	Once(ctx context.Context, l mail.Ledger, key, to string, m mail.Message) error
}

// Post sends the letters that are due. It is safe for concurrent use.
type Post struct {
	table   *store.Table
	sender  Sender
	tickets *ticket.Office
	gateway string
	now     func() time.Time
}

// NewPost makes a Post. gateway is the address under which people reach the
// gateway; now is the clock.
func NewPost(table *store.Table, sender Sender, tickets *ticket.Office, gateway string, now func() time.Time) *Post {
	return &Post{table: table, sender: sender, tickets: tickets, gateway: strings.TrimSuffix(gateway, "/"), now: now}
}

// Send sends a connection's letters that are due, and tells once that the
// connection is lost. What fails stays due, and the others go on.
func (p *Post) Send(ctx context.Context, connectionID string) error {
	c, err := p.table.Connection(ctx, connectionID)
	if errors.Is(err, store.ErrNotFound) || err == nil && c.Partner != name {
		return nil
	}
	if err != nil {
		return err
	}
	if c.LostAt != 0 {
		err := p.table.AddLetter(ctx, store.Letter{
			Connection: c.ID, Partner: name, About: aboutConnection, Name: letterEnded, Number: int64(c.LostAt), DueAt: c.LostAt,
		})
		if err != nil {
			return err
		}
	}
	return p.all(ctx, c)
}

func (p *Post) all(ctx context.Context, c store.Connection) error {
	var failed error
	for page := (store.Paging{}); ; {
		listed, err := p.table.Letters(ctx, c.ID, "", page)
		if err != nil {
			return errors.Join(failed, err)
		}
		for _, l := range listed.Items {
			if l.EndedAt == 0 && l.DueAt <= lever.At(p.now()) {
				failed = errors.Join(failed, p.letter(ctx, c, l))
			}
		}
		if page.Cursor = listed.Next; page.Cursor == "" || ctx.Err() != nil {
			return failed
		}
	}
}

// letter sends one letter to everybody who gets it.
func (p *Post) letter(ctx context.Context, c store.Connection, l store.Letter) error {
	w := partner.Eventless(c, nil, p.table)
	s, err := settings(ctx, w)
	if err != nil {
		return err
	}
	m, wanted, err := p.write(ctx, c, l, s)
	if err != nil {
		return err
	}
	if !wanted {
		return p.table.EndLetter(ctx, l, notWanted)
	}
	_, r, err := roster(ctx, w)
	if err != nil {
		return err
	}
	reviewers := r.reviewers()
	if l.Name == letterEnded {
		s.Contacts = nil // they are told by the room that notes the loss, for every partner
	}
	to := addresses(reviewers, s.Contacts)
	if err := p.copies(ctx, l, to, m); err != nil {
		return p.refused(ctx, c, err)
	}
	if len(reviewers) == 0 && l.Name == letterHired {
		return p.wait(ctx, c, l)
	}
	return p.end(ctx, l, to)
}

// addresses are those of the admins who get the mails, else of the company's
// contacts: somebody has to hear of it.
func addresses(reviewers []Admin, contacts []string) []string {
	var all []string
	for _, a := range reviewers {
		all = append(all, strings.ToLower(a.Email))
	}
	if len(all) == 0 {
		for _, c := range contacts {
			all = append(all, strings.ToLower(c))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// copies sends the copies of a letter that were not sent before. An address that
// nobody can write to does not keep the others from theirs.
func (p *Post) copies(ctx context.Context, l store.Letter, to []string, m mail.Message) error {
	ledger := p.table.Copies(l)
	var failed error
	for _, address := range to {
		key := mail.Key(address)
		err := p.sender.Once(ctx, ledger, key, address, m)
		reason, parks := fault.Parks(err)
		switch {
		case parks && reason == mail.Refused:
			err = ledger.Refuse(ctx, key)
		case parks:
			return err
		}
		failed = errors.Join(failed, err)
	}
	return failed
}

// refused tells people where no mail goes out at all.
func (p *Post) refused(ctx context.Context, c store.Connection, err error) error {
	reason, parks := fault.Parks(err)
	if !parks {
		return err
	}
	raised := p.table.Raise(ctx, store.Attention{
		Connection: c.ID, Partner: name, Reason: reason, About: aboutConnection,
		Step: "No e-mail can be sent. Whoever runs the bundle verifies the sender in SES and sets the parameter MailFrom; mails that wait go out then.",
	})
	return errors.Join(err, raised)
}

// wait keeps a letter about a hire until an admin may manage employees: then it is
// sent to them.
func (p *Post) wait(ctx context.Context, c store.Connection, l store.Letter) error {
	err := p.table.Raise(ctx, store.Attention{
		Connection: c.ID, Partner: name, Reason: noReviewer, About: aboutConnection,
		Step: "No admin in Justworks has the permission Manage employees. Give it to one: they get the mails about pending hires then.",
	})
	if err != nil {
		return err
	}
	return p.table.RestLetter(ctx, l)
}

// end ends a letter when none of its copies is still to be sent.
func (p *Post) end(ctx context.Context, l store.Letter, to []string) error {
	if len(to) == 0 {
		return p.table.EndLetter(ctx, l, nobodyToAsk)
	}
	now, err := p.table.Letter(ctx, l)
	if err != nil {
		return err
	}
	for _, address := range to {
		if !now.Copies[mail.Key(address)].Ended(lever.At(p.now())) {
			return nil // claimed by somebody who may be sending it now
		}
	}
	if err := p.mended(ctx, l); err != nil {
		return err
	}
	return p.table.EndLetter(ctx, l, sent)
}

// mended closes the attention item that no mail can be sent.
func (p *Post) mended(ctx context.Context, l store.Letter) error {
	a, err := p.table.Attention(ctx, l.Connection, store.AttentionID(l.Connection, mail.NotSetUp, aboutConnection))
	if errors.Is(err, store.ErrNotFound) || err == nil && a.ClearedAt != 0 {
		return nil
	}
	if err != nil {
		return err
	}
	return p.table.Clear(ctx, a)
}

// write is what a letter says now, and whether it still has to be said.
func (p *Post) write(ctx context.Context, c store.Connection, l store.Letter, s Settings) (m mail.Message, wanted bool, err error) {
	if l.Name == letterEnded {
		m, err = EndedMail(Notice{})
		return m, c.LostAt == lever.Time(l.Number), err
	}
	o, err := p.table.Object(ctx, c.ID, hireKind, l.About)
	if err != nil || o.Revision == 0 {
		return m, false, err
	}
	h, err := store.StateOf[PendingHire](o)
	if err != nil || !h.wants(l, s) {
		return m, false, err
	}
	link, err := p.link(ctx, c.ID, h.ID)
	if err != nil {
		return m, false, err
	}
	m, err = h.mail(l.Name, Notice{Name: h.name(), Link: link, DaysLeft: h.daysLeft(p.now())})
	return m, true, err
}

// mail is the mail of a letter.
func (h PendingHire) mail(letter string, n Notice) (mail.Message, error) {
	switch letter {
	case letterHired:
		return HiredMail(n)
	case letterChanged:
		return ChangedMail(n)
	case letterUnhired:
		return UnhiredMail(n)
	}
	return ReminderMail(n)
}

// name is the hire's name as people read it.
func (h PendingHire) name() string {
	return strings.TrimSpace(h.Field(FirstName).Value + " " + h.Field(LastName).Value)
}

// link is an address that opens the review of a hire for a while.
func (p *Post) link(ctx context.Context, connectionID, hireID string) (string, error) {
	t, err := p.tickets.Issue(ctx, connectionID, hireID, linkLife)
	return p.gateway + "/justworks/review/" + t, err
}

// connections are the ids that a batch's messages name, each once.
func connections(batch events.SQSEvent) []string {
	var all []string
	for _, r := range batch.Records {
		var e queue.Event
		if json.Unmarshal([]byte(r.Body), &e) == nil && e.Connection != "" && !slices.Contains(all, e.Connection) {
			all = append(all, e.Connection)
		}
	}
	return all
}

package justworks

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"fulcrum/shared/frame"
	"fulcrum/shared/mail"
	"fulcrum/shared/store"
	"fulcrum/shared/ticket"
)

// ReviewRoute is the route of the page that a mail's link opens.
const ReviewRoute = "GET /justworks/review/{ticket}"

// Page shows what a mail's link opens: whom it is about, how the hire is, and where
// to review it. Whoever has the link sees it without logging in, so it shows
// nothing of pay, and no address.
type Page struct {
	table   *store.Table
	tickets *ticket.Office
	pages   *frame.Pages
}

// NewPage makes a Page.
func NewPage(table *store.Table, tickets *ticket.Office, pages *frame.Pages) *Page {
	return &Page{table: table, tickets: tickets, pages: pages}
}

// Handle answers a request for the page. It never fails: what goes wrong is a page.
func (p *Page) Handle(ctx context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	h, err := p.opened(ctx, e.PathParameters["ticket"])
	switch {
	case errors.Is(err, ticket.ErrInvalid):
		return p.show(ctx, http.StatusForbidden, shown{Frame: frame.Frame{Title: "This link is not valid any more"}, Says: []string{
			"Links in mails open a pending hire for seven days. You find it in Justworks under Manage > Employees.",
		}}), nil
	case err != nil:
		slog.ErrorContext(ctx, "review page failed", "error", err.Error())
		return p.show(ctx, http.StatusServiceUnavailable, shown{Frame: frame.Frame{Title: "Something went wrong"}, Says: []string{"Open the link again in a minute."}}), nil
	}
	return p.show(ctx, http.StatusOK, h.shown()), nil
}

// opened is the hire that a ticket opens. What is not there, or of a connection that
// is not, fails with ticket.ErrInvalid.
func (p *Page) opened(ctx context.Context, text string) (PendingHire, error) {
	var h PendingHire
	t, err := p.tickets.Read(ctx, text)
	if err != nil {
		return h, err
	}
	c, err := p.table.Connection(ctx, t.Connection)
	if errors.Is(err, store.ErrNotFound) || err == nil && c.Partner != name {
		return h, ticket.ErrInvalid
	}
	if err != nil {
		return h, err
	}
	o, err := p.table.Object(ctx, c.ID, hireKind, t.About)
	if err == nil && o.Revision == 0 {
		return h, ticket.ErrInvalid
	}
	if err != nil {
		return h, err
	}
	return store.StateOf[PendingHire](o)
}

// shown is what the page says.
type shown struct {
	frame.Frame
	Says []string
	Rows []row
}

type row struct{ Label, Value string }

// shown is what the page says of a hire.
func (h PendingHire) shown() shown {
	if h.Status == Erased {
		return shown{Frame: frame.Frame{Title: "This hire was erased"}, Says: []string{
			"The candidate was deleted or anonymized in Lever, and everything that came from there is gone.",
		}}
	}
	s := shown{Frame: frame.Frame{Title: mail.Plain(h.name(), maxName)}, Says: []string{h.sentence()}}
	if s.Title == "" {
		s.Title = "A candidate"
	}
	for _, r := range []row{
		{"Title", h.Field(Title).Value}, {"Department", h.Field(Department).Value},
		{"Office", h.Field(Office).Value}, {"Start date", h.Field(StartDate).Value},
	} {
		if r.Value = mail.Plain(r.Value, maxName); r.Value != "" {
			s.Rows = append(s.Rows, r)
		}
	}
	if h.Status.Open() && len(h.Missing) > 0 {
		s.Says = append(s.Says, "Still missing for an invitation: "+strings.Join(h.missing(), ", ")+".")
	}
	return s
}

// sentence says how the hire is, and what to do.
func (h PendingHire) sentence() string {
	switch h.Status {
	case Pending, InReview:
		return "Hired in Lever, and not invited to Justworks yet. Log in to Justworks, go to Manage > Employees, and choose Review."
	case Invited:
		if late := h.AfterInvitation; late != nil && late.Unhired {
			return "Invited to Justworks, and not hired any more in Lever."
		} else if late != nil {
			return "Invited to Justworks, and changed in Lever after the invitation. Log in to Justworks to see what is different."
		}
		return "Invited to Justworks."
	case Dismissed:
		return "Dismissed by an admin: not to be invited."
	case Superseded:
		return "A newer hire of the same person has taken the place of this one."
	}
	return "Not hired any more in Lever."
}

// missing are the missing fields as people call them.
func (h PendingHire) missing() []string {
	labels := map[Name]string{
		MemberType: "member type", CompensationAmount: "compensation amount", TypeOfEarnings: "type of earnings",
		ExemptionStatus: "exemption status", FirstName: "first name", LastName: "last name", Title: "title",
		Office: "office", StartDate: "start date", WorkEmail: "work e-mail",
	}
	var all []string
	for _, n := range h.Missing {
		all = append(all, labels[n])
	}
	return all
}

// show writes the page. It tells nobody where it was opened from: its address is a
// secret.
func (p *Page) show(ctx context.Context, status int, s shown) events.APIGatewayV2HTTPResponse {
	s.Owner = "Justworks"
	out, err := p.pages.Show(status, "ticket", s)
	if err != nil {
		slog.ErrorContext(ctx, "review page cannot be written", "error", err.Error())
		return p.pages.Plain(http.StatusInternalServerError, "This page could not be shown. Open the link again in a minute.")
	}
	out.Headers["referrer-policy"] = "no-referrer"
	return out
}

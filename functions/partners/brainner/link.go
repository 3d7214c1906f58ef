package brainner

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"fulcrum/shared/api"
	"fulcrum/shared/lever"
	"fulcrum/shared/rate"
	"fulcrum/shared/store"
	"fulcrum/shared/ticket"
)

const (
	// ResumeRoute is the route of the links to résumés. Who has a link needs no key.
	ResumeRoute = "GET /brainner/resumes/{ticket}"
	// linkLife is how long a link can be used.
	linkLife = 15 * time.Minute
	// MaxPart is how much of a résumé one answer holds, in bytes. A Lambda's answer
	// may have 6 MB, and a file in it is base64, a third longer.
	MaxPart = 4 << 20
)

// ResumeLink is a link to a résumé that can be fetched without a key.
type ResumeLink struct {
	URL       string `json:"url"`
	ExpiresAt string `json:"expiresAt"` // RFC 3339, UTC
	Resume    Resume `json:"resume"`
	// PartSize is how many bytes one answer holds at most: what is larger is fetched
	// in parts, with Range.
	PartSize int `json:"partSize"`
}

// resume makes a link to a candidate's résumé.
func (a *API) resume(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	candidate, err := a.candidate(ctx, c, r.Path("id"))
	if err != nil {
		return nil, err
	}
	s, err := settings(ctx, a.work(c))
	if err != nil {
		return nil, err
	}
	is := candidate.Candidate.Resume
	at, err := time.Parse(time.RFC3339, candidate.Candidate.AppliedAt)
	switch {
	case err != nil:
		return nil, fmt.Errorf("time of the application: %w", err)
	case !is.Readable:
		return nil, &api.Problem{Type: "no-readable-resume", Title: "No readable résumé", Status: http.StatusConflict, Detail: "The candidate has no readable résumé: " + string(is.Problem) + "."}
	case a.now().Sub(at) > time.Duration(s.RetentionDays)*24*time.Hour:
		return nil, &api.Problem{Status: http.StatusGone, Detail: "The application is older than the settings keep résumés for."}
	}
	t, err := a.tickets.Issue(ctx, c.ID, fmt.Sprintf("%s/%s/%s/%d", candidate.ResumeOf, is.ID, extension(is.MediaType), is.Size), linkLife)
	if err != nil {
		return nil, err
	}
	return api.OK(ResumeLink{
		URL:       cmp.Or(r.Header("x-forwarded-proto"), "https") + "://" + r.RequestContext.DomainName + "/brainner/resumes/" + t,
		ExpiresAt: stamp(lever.At(a.now().Add(linkLife))), Resume: is, PartSize: MaxPart,
	})
}

// Download streams résumés from Lever to who has a link. Nothing of one is kept.
type Download struct {
	table   *store.Table
	clients Clients
	tickets *ticket.Office
}

// NewDownload makes a Download.
func NewDownload(table *store.Table, clients Clients, tickets *ticket.Office) *Download {
	return &Download{table: table, clients: clients, tickets: tickets}
}

// response is an answer of the gateway's.
type response = events.APIGatewayV2HTTPResponse

// Handle answers a request for a résumé, or for the part of one that its Range
// names. A part may be shorter than asked for (RFC 9110, 15.3.7).
func (d *Download) Handle(ctx context.Context, e events.APIGatewayV2HTTPRequest) (response, error) {
	t, err := d.tickets.Read(ctx, e.PathParameters["ticket"])
	if errors.Is(err, ticket.ErrInvalid) {
		return plain(http.StatusNotFound, "This link is none, or its time is over."), nil
	}
	if err == nil {
		var out response
		if out, err = d.part(ctx, t, e.Headers["range"]); err == nil {
			return out, nil
		}
	}
	status, text := http.StatusBadGateway, "The résumé cannot be had from Lever just now. Try again."
	switch {
	case lever.NotFound(err), errors.Is(err, store.ErrNotFound):
		status, text = http.StatusNotFound, "Lever no longer has this résumé."
	case errors.Is(err, lever.ErrTooLarge), errors.Is(err, errNoDocument):
		status, text = http.StatusUnprocessableEntity, "The résumé is no document of at most 20 MiB."
	case errors.Is(err, rate.ErrBusy):
		status, text = http.StatusServiceUnavailable, "Lever's rate is used up. Try again in a second."
	}
	slog.WarnContext(ctx, "résumé not given", "partner", name, "connection", t.Connection, "status", status, "error", err.Error())
	return plain(status, text), nil
}

// errNoDocument says that a file is no document any more.
var errNoDocument = errors.New("the file is no document")

// part reads one part of a résumé.
func (d *Download) part(ctx context.Context, t ticket.Ticket, ranges string) (response, error) {
	c, err := d.table.Connection(ctx, t.Connection)
	if err != nil {
		return response{}, err
	}
	client, err := d.clients.Client(ctx, c, rate.Interactive)
	if err != nil {
		return response{}, err
	}
	about := strings.Split(t.About, "/")
	if len(about) != 4 {
		return response{}, store.ErrNotFound
	}
	file, err := client.DownloadResume(ctx, about[0], about[1], MaxResume)
	if err != nil {
		return response{}, err
	}
	defer file.Body.Close()
	first, last, ranged := parseRange(ranges)
	head := make([]byte, headSize)
	n, err := io.ReadFull(file.Body, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return response{}, err
	}
	mediaType, problem := kindOf(head[:n], about[2])
	if problem == NoDocument || problem == Empty {
		return response{}, errNoDocument
	}
	body, more, err := cut(io.MultiReader(bytes.NewReader(head[:n]), file.Body), first, min(last-first+1, MaxPart))
	if err != nil {
		return response{}, err
	}
	return answer(mediaType, body, first, more, ranged, about[3]), nil
}

// parseRange reads a Range of one span that begins at a number. Any other is taken
// as none, which RFC 9110 (14.2) allows.
func parseRange(text string) (first, last int64, ok bool) {
	span, ok := strings.CutPrefix(strings.TrimSpace(text), "bytes=")
	from, to, dash := strings.Cut(span, "-")
	first, err := strconv.ParseInt(from, 10, 64)
	last = MaxResume
	if err == nil && to != "" {
		last, err = strconv.ParseInt(to, 10, 64)
	}
	if !ok || !dash || err != nil || first < 0 || last < first {
		return 0, MaxPart, false
	}
	return first, last, true
}

// cut reads size bytes from first on, and reports whether there are more.
func cut(r io.Reader, first, size int64) (body []byte, more bool, err error) {
	if _, err = io.CopyN(io.Discard, r, first); errors.Is(err, io.EOF) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	if body, err = io.ReadAll(io.LimitReader(r, size+1)); err != nil {
		return nil, false, err
	}
	if more = int64(len(body)) > size; more {
		body = body[:size]
	}
	return body, more, nil
}

// answer gives a part. A whole file that does not fit into one answer has to be
// asked for in parts.
func answer(mediaType string, body []byte, first int64, more, ranged bool, total string) response {
	switch {
	case ranged && len(body) == 0:
		out := plain(http.StatusRequestedRangeNotSatisfiable, "The résumé is shorter.")
		out.Headers["content-range"] = "bytes */" + total
		return out
	case !ranged && more:
		return plain(http.StatusRequestEntityTooLarge, fmt.Sprintf("The résumé does not fit into one answer. Ask for it in parts of %d bytes, with Range.", MaxPart))
	}
	out := response{StatusCode: http.StatusOK, Headers: headers(mediaType), Body: base64.StdEncoding.EncodeToString(body), IsBase64Encoded: true}
	out.Headers["content-disposition"] = "attachment"
	if ranged {
		out.StatusCode = http.StatusPartialContent
		out.Headers["content-range"] = fmt.Sprintf("bytes %d-%d/%s", first, first+int64(len(body))-1, total)
	}
	return out
}

func plain(status int, text string) response {
	return response{StatusCode: status, Headers: headers("text/plain; charset=utf-8"), Body: text}
}

func headers(mediaType string) map[string]string {
	return map[string]string{
		"content-type": mediaType, "accept-ranges": "bytes", "cache-control": "no-store", "x-content-type-options": "nosniff",
		"referrer-policy": "no-referrer",
	}
}

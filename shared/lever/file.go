package lever

import (
	"context"
	"errors"
	"io"
	"iter"
	"net/http"
)

// Resume is a résumé on an opportunity.
type Resume struct {
	ID        string `json:"id"`
	CreatedAt Time   `json:"createdAt"`
	File      File   `json:"file"`
}

// File is a file's description. Its own address is for browsers: a download goes
// through the API.
type File struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Ext        string `json:"ext"`
	UploadedAt Time   `json:"uploadedAt"`
	// Status is processing, processed, unsupported or error.
	Status string `json:"status"`
	Size   Size   `json:"size"`
}

// Size is a number of bytes. Some of Lever's answers print it as a string.
type Size int64

// UnmarshalJSON reads a number, a number in a string, or null.
func (s *Size) UnmarshalJSON(raw []byte) error { return (*Time)(s).UnmarshalJSON(raw) }

// Resumes lists an opportunity's résumés.
func (c *Client) Resumes(ctx context.Context, opportunityID string) iter.Seq2[Resume, error] {
	return each(pages[Resume](ctx, c, nil, "opportunities", opportunityID, "resumes"))
}

// Files lists an opportunity's other files.
func (c *Client) Files(ctx context.Context, opportunityID string) iter.Seq2[File, error] {
	return each(pages[File](ctx, c, nil, "opportunities", opportunityID, "files"))
}

// ErrTooLarge says that a file has more bytes than were asked for.
var ErrTooLarge = errors.New("lever: the file is larger than is allowed")

// Download is a file's content as it arrives.
type Download struct {
	// Body fails with ErrTooLarge once it is over the limit. It must be closed.
	Body io.ReadCloser
	Type string
	// Size is -1 where Lever does not say it.
	Size int64
}

// DownloadResume streams a résumé of at most limit bytes. It ends with ctx, or when
// nothing arrives for a while.
func (c *Client) DownloadResume(ctx context.Context, opportunityID, id string, limit int64) (*Download, error) {
	return c.download(ctx, limit, "opportunities", opportunityID, "resumes", id, "download")
}

func (c *Client) download(ctx context.Context, limit int64, path ...string) (*Download, error) {
	var res *http.Response
	err := tries(ctx, func() (err error) {
		res, err = c.send(ctx, c.stream, http.MethodGet, nil, nil, path)
		return err
	})
	if err != nil {
		return nil, err
	}
	if limit = max(limit, 0); res.ContentLength > limit {
		res.Body.Close()
		return nil, ErrTooLarge
	}
	return &Download{Body: &capped{body: res.Body, left: limit}, Type: res.Header.Get("Content-Type"), Size: res.ContentLength}, nil
}

// capped reads at most left bytes more.
type capped struct {
	body io.ReadCloser
	left int64
	err  error // how it ended
}

func (c *capped) Read(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	if int64(len(p)) > c.left {
		// A byte too many tells a file at the limit from one over it.
		p = p[:c.left+1]
	}
	n, err := c.body.Read(p)
	if int64(n) > c.left {
		n, err = int(c.left), ErrTooLarge
	} else if err != nil && !errors.Is(err, io.EOF) {
		err = transportError(err)
	}
	c.left, c.err = c.left-int64(n), err
	return n, err
}

func (c *capped) Close() error { return c.body.Close() }

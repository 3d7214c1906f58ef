package brainner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"fulcrum/shared/lever"
)

// MaxResume is the largest résumé that is read, in bytes.
const MaxResume = 20 << 20

// patience is how long after an application its event waits for Lever to be done
// with the résumé.
const patience = 10 * time.Minute

// errProcessing has an event come again until Lever is done with a résumé.
var errProcessing = errors.New("lever is processing the résumé")

// attach brings the candidate's résumé up to date: the newest one of the
// application, where it is not the one that is known.
func (l *look) attach(ctx context.Context, now *candidateState) error {
	all, err := lever.Collect(l.Lever.Resumes(ctx, l.opportunity.ID))
	if err != nil {
		return fmt.Errorf("read résumés: %w", err)
	}
	c := now.Candidate
	if len(all) == 0 {
		if c.Resume.ID == "" {
			c.Resume = Resume{Problem: NoResume}
		}
		return nil
	}
	newest := slices.MaxFunc(all, func(a, b lever.Resume) int { return cmp.Compare(uploaded(a), uploaded(b)) })
	if newest.ID == c.Resume.ID && c.Resume.Problem != Processing {
		return nil
	}
	r, err := examine(ctx, l.Lever, l.opportunity.ID, newest)
	if err != nil {
		return err
	}
	if r.Problem == Processing && l.partner.now().Sub(applied(l.opportunity).Time()) < patience {
		return errProcessing
	}
	if r.Readable {
		r.Link = "/v1/brainner/connections/" + l.Connection.ID + "/candidates/" + l.opportunity.ID + "/resume"
	}
	c.NewResume = c.NewResume || c.Resume.ID != "" && c.Resume.ID != r.ID
	c.Resume, now.ResumeOf = r, l.opportunity.ID
	return nil
}

func uploaded(r lever.Resume) lever.Time { return cmp.Or(r.File.UploadedAt, r.CreatedAt) }

// examine looks through a résumé, which is kept nowhere.
func examine(ctx context.Context, client *lever.Client, opportunityID string, of lever.Resume) (Resume, error) {
	r := Resume{ID: of.ID, Name: of.File.Name, Size: int64(of.File.Size), UploadedAt: stamp(uploaded(of))}
	switch {
	case of.File.Status == "processing":
		r.Problem = Processing
	case of.File.Status == "error" || of.File.Status == "unsupported":
		r.Problem = Unprocessable
	case r.Size > MaxResume:
		r.Problem = TooLarge
	}
	if r.Problem != "" {
		return r, nil
	}
	d, err := client.DownloadResume(ctx, opportunityID, of.ID, MaxResume)
	if err != nil {
		r.Problem = refused(err)
		return r, notRefused(err)
	}
	defer d.Body.Close()
	r.MediaType, r.Size, r.Problem, err = inspect(d.Body, of.File.Name)
	if err != nil {
		r.Problem = refused(err)
		return r, notRefused(err)
	}
	r.Readable = r.Problem == ""
	return r, nil
}

// refused is what is wrong with a résumé that cannot be downloaded.
func refused(err error) ResumeProblem {
	if errors.Is(err, lever.ErrTooLarge) {
		return TooLarge
	}
	return Unprocessable
}

// notRefused is err unless it says that this résumé cannot be had.
func notRefused(err error) error {
	status := lever.StatusOf(err)
	if errors.Is(err, lever.ErrTooLarge) || status == 404 || status == 422 {
		return nil
	}
	return fmt.Errorf("read résumé: %w", err)
}

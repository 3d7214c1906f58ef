package account

import (
	"path"
	"slices"
	"strings"
)

// MaxFile is the size in bytes up to which Lever takes files.
const MaxFile = 30 << 20

// maxName is how long the name of a file may be, as in most file systems.
const maxName = 255

// The states of a file.
const (
	processed   = "processed"
	processing  = "processing"
	unsupported = "unsupported"
	failed      = "error"
)

// File is a file of a candidacy.
type File struct {
	ID          string `json:"id"`
	DownloadURL string `json:"downloadUrl"`
	Ext         string `json:"ext"` // with its dot
	Name        string `json:"name"`
	UploadedAt  int64  `json:"uploadedAt"`
	Status      string `json:"status"`
	Size        int    `json:"size"`
}

func (f *File) key() string { return f.ID }

// content is what is in a file, a résumé or an upload, under its id. It is apart
// from them because it never changes and may be long.
type content struct {
	id    string
	bytes []byte
}

// Blob is a file on its way in.
type Blob struct {
	Name    string
	Content []byte
	// Status is processed unless it is set.
	Status string
}

func (b Blob) check() error {
	states := []string{"", processed, processing, unsupported, failed}
	switch {
	case b.Name == "" || len(b.Name) > maxName:
		return Invalid("a file needs a name of up to %d bytes", maxName)
	case len(b.Content) > MaxFile:
		return Invalid("a file may have %d bytes", MaxFile)
	case !slices.Contains(states, b.Status):
		return Invalid("the status of a file is one of %v", states[1:])
	}
	return nil
}

func (b Blob) status() string {
	if b.Status == "" {
		return processed
	}
	return b.Status
}

// FileAction is what happened to a file of a candidacy.
type FileAction struct {
	ID         string  `json:"id"`
	Action     string  `json:"action"` // uploaded or deleted
	FileID     string  `json:"fileId"`
	FileName   string  `json:"fileName"`
	User       *string `json:"user"`
	OccurredAt int64   `json:"occurredAt"`
}

// AddFile adds a file.
func (a *Account) AddFile(o *Opportunity, b Blob, by string) (*File, error) {
	if err := b.check(); err != nil {
		return nil, err
	}
	f := &File{
		ID: a.newID(), Ext: path.Ext(b.Name), Name: b.Name, UploadedAt: a.now(), Status: b.status(),
		Size: len(b.Content),
	}
	a.contents.Put(&content{f.ID, b.Content})
	f.DownloadURL = a.cfg.Pages + "/candidates/" + o.ID + "/files/" + f.ID + "/download"
	o.files = append(o.files, f)
	a.recordFile(o, "uploaded", f, by)
	return f, nil
}

// DeleteFile removes a file.
func (a *Account) DeleteFile(o *Opportunity, id, by string) error {
	f, err := o.File(id)
	if err != nil {
		return err
	}
	o.files = without(o.files, f)
	a.contents.Drop(id)
	a.recordFile(o, "deleted", f, by)
	return nil
}

// dropFiles forgets what is in the candidacy's files and résumés.
func (a *Account) dropFiles(o *Opportunity) {
	for _, f := range o.files {
		a.contents.Drop(f.ID)
	}
	for _, r := range o.resumes {
		a.contents.Drop(r.ID)
	}
}

func (a *Account) recordFile(o *Opportunity, action string, f *File, by string) {
	o.fileActions = append(o.fileActions, FileAction{
		ID: a.newID(), Action: action, FileID: f.ID, FileName: f.Name, User: optional(by), OccurredAt: a.now(),
	})
	a.interact(o)
}

// FileActions are what happened to the candidacy's files within the range.
func (o *Opportunity) FileActions(within Range) []FileAction {
	return slices.DeleteFunc(slices.Clone(o.fileActions), func(x FileAction) bool { return !within.Allows(x.OccurredAt) })
}

// Files are the candidacy's files that were uploaded within the range.
func (o *Opportunity) Files(within Range) []*File {
	return slices.DeleteFunc(slices.Clone(o.files), func(f *File) bool { return !within.Allows(f.UploadedAt) })
}

// File is the candidacy's file with the id.
func (o *Opportunity) File(id string) (*File, error) { return find(o.files, "files", id) }

// FileContent is what is in the file. One that could not be processed has none.
func (a *Account) FileContent(f *File) ([]byte, error) { return a.contentOf("file", f.ID, f.Status) }

func (a *Account) contentOf(kind, id, status string) ([]byte, error) {
	c := a.contents.See(id)
	if c == nil || status != processed {
		return nil, Unprocessable("%s %s could not be processed", kind, id)
	}
	return c.bytes, nil
}

// Resume is a résumé of a candidacy.
type Resume struct {
	ID         string     `json:"id"`
	CreatedAt  int64      `json:"createdAt"`
	File       ResumeFile `json:"file"`
	ParsedData ParsedData `json:"parsedData"`
}

func (r *Resume) key() string { return r.ID }

// ResumeFile describes a résumé's file; Ext has no dot here.
type ResumeFile struct {
	Name        string `json:"name"`
	Ext         string `json:"ext"`
	DownloadURL string `json:"downloadUrl"`
	UploadedAt  int64  `json:"uploadedAt"`
	Status      string `json:"status"`
	Size        int    `json:"size"`
}

// ParsedData is what Lever read in a résumé.
type ParsedData struct {
	Positions []Employment `json:"positions"`
	Schools   []Education  `json:"schools"`
}

// Employment is a job in a résumé.
type Employment struct {
	Org      string `json:"org"`
	Title    string `json:"title"`
	Summary  string `json:"summary"`
	Location string `json:"location"`
	Start    *Month `json:"start"`
	End      *Month `json:"end"`
}

// Education is a school in a résumé.
type Education struct {
	Org     string `json:"org"`
	Degree  string `json:"degree"`
	Field   string `json:"field"`
	Summary string `json:"summary"`
	Start   *Month `json:"start"`
	End     *Month `json:"end"`
}

// Month is a month of a year.
type Month struct {
	Year  int `json:"year"`
	Month int `json:"month"`
}

// AddResume adds a résumé. The twin does not read résumés: what Lever would
// have read in it is given.
func (a *Account) AddResume(o *Opportunity, b Blob, parsed ParsedData) (*Resume, error) {
	if err := b.check(); err != nil {
		return nil, err
	}
	now := a.now()
	r := &Resume{
		ID: a.newID(), CreatedAt: now, ParsedData: ParsedData{full(parsed.Positions), full(parsed.Schools)},
	}
	a.contents.Put(&content{r.ID, b.Content})
	r.File = ResumeFile{
		Name: b.Name, Ext: strings.TrimPrefix(path.Ext(b.Name), "."), UploadedAt: now, Status: b.status(), Size: len(b.Content),
		DownloadURL: a.cfg.Pages + "/candidates/" + o.ID + "/resumes/" + r.ID + "/download",
	}
	o.resumes = append(o.resumes, r)
	a.interact(o)
	return r, nil
}

// Resumes are the candidacy's résumés that were uploaded within the range.
func (o *Opportunity) Resumes(within Range) []*Resume {
	return slices.DeleteFunc(slices.Clone(o.resumes), func(r *Resume) bool { return !within.Allows(r.File.UploadedAt) })
}

// Resume is the candidacy's résumé with the id.
func (o *Opportunity) Resume(id string) (*Resume, error) { return find(o.resumes, "resumes", id) }

// ResumeContent is what is in the résumé's file.
func (a *Account) ResumeContent(r *Resume) ([]byte, error) {
	return a.contentOf("resume", r.ID, r.File.Status)
}

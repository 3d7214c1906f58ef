package account

import (
	"strings"
	"time"
)

// uploadLife is how long an upload can be used to apply.
const uploadLife = 24 * time.Hour

// Upload is a file that waits for the application that it belongs to.
type Upload struct {
	ID        string `json:"id"`
	URI       string `json:"uri"`
	Filename  string `json:"filename"`
	Size      int    `json:"size"`
	ExpiresAt int64  `json:"expiresAt"`
}

// AddUpload keeps a file for an application to come, for 24 hours.
func (a *Account) AddUpload(b Blob) (*Upload, error) {
	if err := b.check(); err != nil {
		return nil, err
	}
	a.forgetUploads()
	u := &Upload{
		ID: a.newID() + "-" + b.Name, Filename: b.Name, Size: len(b.Content), ExpiresAt: a.now() + uploadLife.Milliseconds(),
	}
	u.URI = a.uploadURI(u.ID)
	a.uploads.Put(u)
	a.contents.Put(&content{u.ID, b.Content})
	return u, nil
}

func (a *Account) uploadURI(id string) string { return a.cfg.API + "/v1/uploads/" + id }

// forgetUploads drops what can no longer be used.
func (a *Account) forgetUploads() {
	for u := range a.uploads.All() {
		if u.ExpiresAt < a.now() {
			a.uploads.Drop(u.ID)
			a.contents.Drop(u.ID)
		}
	}
}

// upload is the upload with the address, while it can be used.
func (a *Account) upload(uri string) (*Upload, error) {
	id, _ := strings.CutPrefix(uri, a.uploadURI(""))
	u := a.uploads.See(id)
	if u == nil || u.URI != uri || u.ExpiresAt < a.now() {
		return nil, Invalid("%s is not an upload that can be used", uri)
	}
	return u, nil
}

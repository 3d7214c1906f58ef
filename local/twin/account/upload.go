package account

import (
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

	content []byte
}

// AddUpload keeps a file for an application to come, for 24 hours.
func (a *Account) AddUpload(b Blob) (*Upload, error) {
	if err := b.check(); err != nil {
		return nil, err
	}
	id := a.newID() + "-" + b.Name
	u := &Upload{
		ID: id, URI: a.cfg.API + "/v1/uploads/" + id, Filename: b.Name, Size: len(b.Content),
		ExpiresAt: a.now() + uploadLife.Milliseconds(), content: b.Content,
	}
	a.uploads[u.URI] = u
	return u, nil
}

// upload is the upload with the address, while it can be used.
func (a *Account) upload(uri string) (*Upload, error) {
	u := a.uploads[uri]
	if u == nil || u.ExpiresAt < a.now() {
		return nil, Invalid("%s is not an upload that can be used", uri)
	}
	return u, nil
}

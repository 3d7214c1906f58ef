package lever

import "context"

// Contact is a person. All of a person's opportunities have the same.
type Contact struct {
	ID           string   `json:"id"`
	Name         string   `json:"name"`
	Headline     string   `json:"headline"`
	Emails       []string `json:"emails"`
	Phones       []Phone  `json:"phones"`
	IsAnonymized bool     `json:"isAnonymized"`
}

// Contact reads one person.
func (c *Client) Contact(ctx context.Context, id string) (*Contact, error) {
	return get[Contact](ctx, c, nil, "contacts", id)
}

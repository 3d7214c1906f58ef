package account

import (
	"slices"
	"strings"
)

// User is a person of the company.
type User struct {
	ID                  string   `json:"id"`
	Name                string   `json:"name"`
	Username            string   `json:"username"`
	Email               string   `json:"email"`
	AccessRole          string   `json:"accessRole"`
	Photo               *string  `json:"photo"`
	CreatedAt           int64    `json:"createdAt"`
	DeactivatedAt       *int64   `json:"deactivatedAt"`
	ExternalDirectoryID *string  `json:"externalDirectoryId"`
	LinkedContactIDs    []string `json:"linkedContactIds"`
	JobTitle            *string  `json:"jobTitle"`
	ManagerID           *string  `json:"managerId"`
}

func (u *User) key() string { return u.ID }

// UserFields are what can be set of a user. Name and Email are needed.
type UserFields struct {
	Name                string  `json:"name"`
	Email               string  `json:"email"`
	AccessRole          string  `json:"accessRole"`
	ExternalDirectoryID *string `json:"externalDirectoryId"`
	JobTitle            *string `json:"jobTitle"`
	ManagerID           *string `json:"managerId"`
}

func (a *Account) checkUser(f UserFields, own *User) error {
	if f.Name == "" || !strings.Contains(f.Email, "@") {
		return Invalid("a user needs name and email")
	}
	for _, u := range a.users.All() {
		if u != own && u.Email == canonical(f.Email) {
			return Invalid("a user with this email exists")
		}
	}
	if f.ManagerID != nil && a.users.See(*f.ManagerID) == nil {
		return Invalid("managerId is not a user")
	}
	return nil
}

// AddUser adds an active user; the role is interviewer unless named. Nobody is
// invited.
func (a *Account) AddUser(f UserFields) (*User, error) {
	if err := a.checkUser(f, nil); err != nil {
		return nil, err
	}
	u := &User{ID: a.newID(), CreatedAt: a.now()}
	u.Username, _, _ = strings.Cut(f.Email, "@")
	if f.AccessRole == "" {
		f.AccessRole = "interviewer"
	}
	u.set(f)
	a.users.Add(u)
	return u, nil
}

// ReplaceUser sets all members of a user; what f leaves out is cleared.
func (a *Account) ReplaceUser(id string, f UserFields) (*User, error) {
	u, err := a.User(id)
	if err != nil {
		return nil, err
	}
	if f.AccessRole == "" {
		return nil, Invalid("accessRole is required")
	}
	if err := a.checkUser(f, u); err != nil {
		return nil, err
	}
	u.set(f)
	return u, nil
}

func (u *User) set(f UserFields) {
	u.Name, u.Email, u.AccessRole = f.Name, canonical(f.Email), f.AccessRole
	u.ExternalDirectoryID, u.JobTitle, u.ManagerID = f.ExternalDirectoryID, f.JobTitle, f.ManagerID
}

// SetActive deactivates or reactivates a user.
func (a *Account) SetActive(id string, active bool) (*User, error) {
	u, err := a.User(id)
	if err != nil {
		return nil, err
	}
	switch {
	case active:
		u.DeactivatedAt = nil
	case u.DeactivatedAt == nil:
		u.DeactivatedAt = new(a.now())
	}
	return u, nil
}

// User is the user with the id, active or not.
func (a *Account) User(id string) (*User, error) { return found(a.users.Take(id), "users", id) }

// UserNamed is the user with the id, e-mail or name.
func (a *Account) UserNamed(name string) (*User, error) {
	for _, u := range a.users.All() {
		if u.ID == name || u.Email == canonical(name) || strings.EqualFold(u.Name, name) {
			return a.User(u.ID)
		}
	}
	return nil, NotFound("users", name)
}

// UserFilter selects users; empty members select all.
type UserFilter struct {
	Emails, Roles, ExternalIDs []string
	Deactivated                bool
}

// Users are the users that the filter lets through, in the order of their
// creation. Deactivated ones are left out unless they are asked for.
func (a *Account) Users(f UserFilter) []*User {
	return slices.DeleteFunc(slices.Clone(a.users.All()), func(u *User) bool {
		return u.DeactivatedAt != nil && !f.Deactivated ||
			!allows(f.Emails, u.Email) || !allows(f.Roles, u.AccessRole) ||
			!allows(f.ExternalIDs, deref(u.ExternalDirectoryID))
	})
}

// allows reports whether a filter that lists values lets v through; no values
// let everything through.
func allows(values []string, v string) bool { return len(values) == 0 || slices.Contains(values, v) }

func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// canonical is the form in which e-mail addresses are compared.
func canonical(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// optional is nil for the empty string.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

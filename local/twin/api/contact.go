package api

import (
	"net/http"

	"fulcrum/local/twin/account"
)

func contactRoutes() []route {
	return []route{
		{"GET", "/contacts/:contact", "contact:read:admin", optional, getContact},
		{"PUT", "/contacts/:contact", "contact:write:admin", optional, putContact},
	}
}

func (c *call) contact() (*account.Contact, error) {
	found, err := c.account.Contact(c.path["contact"])
	if err == nil && found.Confidential() && !c.who.confidential {
		return nil, account.Forbidden("contact %s is confidential", found.ID)
	}
	return found, err
}

func getContact(c *call) (answer, error) {
	found, err := c.contact()
	if err != nil {
		return answer{}, err
	}
	return c.object(http.StatusOK, found.View())
}

func putContact(c *call) (answer, error) {
	if _, err := c.contact(); err != nil {
		return answer{}, err
	}
	var f account.ContactFields
	if err := c.decode(&f); err != nil {
		return answer{}, err
	}
	changed, err := c.account.ChangeContact(c.path["contact"], f)
	if err != nil {
		return answer{}, err
	}
	return data(http.StatusOK, changed.Written())
}

package api

import (
	"net/http"
	"strings"

	"fulcrum/local/twin/account"
)

func userRoutes() []route {
	const read, write = "users:read:admin", "users:write:admin"
	return []route{
		{"GET", "/users", read, optional, listUsers},
		{"POST", "/users", write, optional, createUser},
		{"GET", "/users/:user", read, optional, getUser},
		{"PUT", "/users/:user", write, optional, putUser},
		{"POST", "/users/:user/deactivate", write, optional, setUserActive(false)},
		{"POST", "/users/:user/reactivate", write, optional, setUserActive(true)},
	}
}

func listUsers(c *call) (answer, error) {
	f := account.UserFilter{
		Roles: c.query["accessRole"], ExternalIDs: c.query["external_directory_id"],
		Deactivated: c.query.Get("includeDeactivated") == "true",
	}
	for _, e := range c.query["email"] {
		f.Emails = append(f.Emails, strings.ToLower(e))
	}
	return listAll(c, c.account.Users(f), func(u *account.User) listed {
		return listed{at: u.CreatedAt, id: u.ID, object: u}
	})
}

func createUser(c *call) (answer, error) {
	var f account.UserFields
	if err := c.decode(&f); err != nil {
		return answer{}, err
	}
	u, err := c.account.AddUser(f)
	return done(c, http.StatusCreated, u, err)
}

func getUser(c *call) (answer, error) {
	u, err := c.account.User(c.path["user"])
	return done(c, http.StatusOK, u, err)
}

func putUser(c *call) (answer, error) {
	var f account.UserFields
	if err := c.decode(&f); err != nil {
		return answer{}, err
	}
	u, err := c.account.ReplaceUser(c.path["user"], f)
	return done(c, http.StatusOK, u, err)
}

func setUserActive(active bool) func(*call) (answer, error) {
	return func(c *call) (answer, error) {
		u, err := c.account.SetActive(c.path["user"], active)
		return done(c, http.StatusOK, u, err)
	}
}

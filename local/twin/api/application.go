package api

import (
	"net/http"
	"time"

	"fulcrum/local/twin/account"
)

func applicationRoutes() []route {
	const read = "applications:read:admin"
	return []route{
		{"GET", "/opportunities/:opportunity/applications", read, optional, under(listApplications)},
		{"GET", "/opportunities/:opportunity/applications/:application", read, optional, under(getApplication)},
		{"GET", "/applications/deleted", read, optional, listDeletedApplications},
	}
}

func listApplications(c *call, o *account.Opportunity) (answer, error) {
	return whole(c, o.Applications())
}

func getApplication(c *call, o *account.Opportunity) (answer, error) {
	app, err := o.FindApplication(c.path["application"])
	return done(c, http.StatusOK, app, err)
}

func listDeletedApplications(c *call) (answer, error) {
	within, err := c.deletedSpan()
	if err != nil {
		return answer{}, err
	}
	return listAll(c, c.account.DeletedApplications(within), func(d *account.DeletedApplication) listed {
		return listed{at: d.DeletedAt, id: d.ID, object: d}
	})
}

// deletedSpan is the range of the newer deleted lists: both ends are needed, and
// they lie at most 30 days apart.
func (c *call) deletedSpan() (account.Range, error) {
	within, err := c.span("deleted_at")
	if err != nil {
		return within, err
	}
	if within.From == nil || within.To == nil {
		return within, account.Invalid("deleted_at_start and deleted_at_end are required")
	}
	if *within.To-*within.From > (30 * 24 * time.Hour).Milliseconds() {
		return within, account.Invalid("deleted_at_start and deleted_at_end are at most 30 days apart")
	}
	return within, nil
}

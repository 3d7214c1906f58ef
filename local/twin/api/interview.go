package api

import (
	"net/http"

	"fulcrum/local/twin/account"
)

func interviewRoutes() []route {
	const read, write = "interviews:read:admin", "interviews:write:admin"
	const many, one = "/opportunities/:opportunity/interviews", "/opportunities/:opportunity/interviews/:interview"
	const panelRead, panelWrite = "panels:read:admin", "panels:write:admin"
	const panels, panel = "/opportunities/:opportunity/panels", "/opportunities/:opportunity/panels/:panel"
	return []route{
		{"GET", many, read, optional, under(listInterviews)},
		{"POST", many, write, required, under(createInterview)},
		{"GET", one, read, optional, under(getInterview)},
		{"PUT", one, write, required, under(putInterview)},
		{"DELETE", one, write, required, under(deleteInterview)},
		{"GET", panels, panelRead, optional, under(listPanels)},
		{"POST", panels, panelWrite, required, createPanel},
		{"GET", panel, panelRead, optional, under(getPanel)},
		{"PUT", panel, panelWrite, required, putPanel},
		{"DELETE", panel, panelWrite, required, under(deletePanel)},
	}
}

func listInterviews(c *call, o *account.Opportunity) (answer, error) {
	return listAll(c, o.Interviews(), func(i *account.Interview) listed {
		return listed{at: i.CreatedAt, id: i.ID, object: i}
	})
}

func createInterview(c *call, o *account.Opportunity) (answer, error) {
	var f account.InterviewFields
	if err := c.decode(&f); err != nil {
		return answer{}, err
	}
	i, err := c.account.AddInterview(o, f, c.as)
	return done(c, http.StatusCreated, i, err)
}

func getInterview(c *call, o *account.Opportunity) (answer, error) {
	i, err := o.Interview(c.path["interview"])
	return done(c, http.StatusOK, i, err)
}

func putInterview(c *call, o *account.Opportunity) (answer, error) {
	var f account.InterviewFields
	if err := c.decode(&f); err != nil {
		return answer{}, err
	}
	i, err := c.account.ChangeInterview(o, c.path["interview"], f, true)
	return done(c, http.StatusOK, i, err)
}

func deleteInterview(c *call, o *account.Opportunity) (answer, error) {
	return nothing(c.account.DeleteInterview(o, c.path["interview"]))
}

func listPanels(c *call, o *account.Opportunity) (answer, error) {
	return listAll(c, o.Panels(), func(p *account.Panel) listed {
		return listed{at: p.CreatedAt, id: p.ID, object: o.PanelView(p)}
	})
}

// panelFields reads a panel on its way in.
func (c *call) panelFields() (*account.Opportunity, account.PanelFields, error) {
	var f account.PanelFields
	o, err := c.opportunity()
	if err == nil {
		err = c.decode(&f)
	}
	return o, f, err
}

func createPanel(c *call) (answer, error) {
	o, f, err := c.panelFields()
	if err != nil {
		return answer{}, err
	}
	p, err := c.account.AddPanel(o, f, c.as)
	if err != nil {
		return answer{}, err
	}
	return data(http.StatusCreated, o.PanelView(p))
}

func getPanel(c *call, o *account.Opportunity) (answer, error) {
	p, err := o.Panel(c.path["panel"])
	if err != nil {
		return answer{}, err
	}
	return c.object(http.StatusOK, o.PanelView(p))
}

func putPanel(c *call) (answer, error) {
	o, f, err := c.panelFields()
	if err != nil {
		return answer{}, err
	}
	p, err := c.account.ChangePanel(o, c.path["panel"], f, c.as)
	if err != nil {
		return answer{}, err
	}
	return data(http.StatusOK, o.PanelView(p))
}

func deletePanel(c *call, o *account.Opportunity) (answer, error) {
	return nothing(c.account.DeletePanel(o, c.path["panel"]))
}

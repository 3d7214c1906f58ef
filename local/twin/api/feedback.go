package api

import (
	"net/http"

	"fulcrum/local/twin/account"
)

func feedbackRoutes() []route {
	const read, write = "feedback:read:admin", "feedback:write:admin"
	const many, one = "/opportunities/:opportunity/feedback", "/opportunities/:opportunity/feedback/:feedback"
	const forms = "/opportunities/:opportunity/forms"
	return []route{
		{"GET", many, read, optional, under(listFeedback)},
		{"POST", many, write, required, createFeedback},
		{"GET", one, read, optional, under(getFeedback)},
		{"PUT", one, write, required, under(putFeedback)},
		{"DELETE", one, write, required, under(deleteFeedback)},
		{"GET", forms, "forms:read:admin", optional, under(listForms)},
		{"POST", forms, "forms:write:admin", optional, createForm},
		{"GET", forms + "/:form", "forms:read:admin", optional, under(getForm)},
	}
}

func listFeedback(c *call, o *account.Opportunity) (answer, error) {
	return listAll(c, o.Feedback(), func(f *account.Feedback) listed {
		return listed{at: f.CreatedAt, id: f.ID, object: f}
	})
}

// filling reads a form on its way in.
func (c *call) filling() (*account.Opportunity, account.Filling, error) {
	var f account.Filling
	o, err := c.opportunity()
	if err == nil {
		err = c.decode(&f)
	}
	f.By = c.as
	return o, f, err
}

func createFeedback(c *call) (answer, error) {
	o, f, err := c.filling()
	if err != nil {
		return answer{}, err
	}
	fb, err := c.account.AddFeedback(o, f)
	return done(c, http.StatusCreated, fb, err)
}

// getFeedback answers deleted feedback as well.
func getFeedback(c *call, o *account.Opportunity) (answer, error) {
	f, err := o.FeedbackForm(c.path["feedback"])
	return done(c, http.StatusOK, f, err)
}

func putFeedback(c *call, o *account.Opportunity) (answer, error) {
	var body struct {
		CompletedAt *int64          `json:"completedAt"`
		FieldValues []account.Given `json:"fieldValues"`
	}
	if err := c.decode(&body); err != nil {
		return answer{}, err
	}
	doc, err := c.account.ChangeFeedback(o, c.path["feedback"], body.FieldValues, body.CompletedAt)
	return done(c, http.StatusOK, doc, err)
}

func deleteFeedback(c *call, o *account.Opportunity) (answer, error) {
	return nothing(c.account.DeleteFeedback(o, c.path["feedback"]))
}

func listForms(c *call, o *account.Opportunity) (answer, error) {
	return listAll(c, o.Forms(), func(f *account.Form) listed {
		return listed{at: f.CreatedAt, id: f.ID, object: f}
	})
}

func createForm(c *call) (answer, error) {
	o, f, err := c.filling()
	if err != nil {
		return answer{}, err
	}
	form, err := c.account.AddForm(o, f)
	return done(c, http.StatusCreated, form, err)
}

func getForm(c *call, o *account.Opportunity) (answer, error) {
	f, err := o.Form(c.path["form"])
	return done(c, http.StatusOK, f, err)
}

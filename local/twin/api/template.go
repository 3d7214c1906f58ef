package api

import (
	"net/http"

	"fulcrum/local/twin/account"
)

func templateRoutes() []route {
	feedback := crud("/feedback_templates", "feedback_templates", []func(*call) (answer, error){
		listFeedbackTemplates, createFeedbackTemplate, getFeedbackTemplate, putFeedbackTemplate, deleteFeedbackTemplate,
	})
	forms := crud("/form_templates", "form_templates", []func(*call) (answer, error){
		listFormTemplates, createFormTemplate, getFormTemplate, putFormTemplate, deleteFormTemplate,
	})
	return append(feedback, forms...)
}

// crud are the five usual endpoints: list, create, get, put, delete.
func crud(path, scope string, serve []func(*call) (answer, error)) []route {
	read, write := scope+":read:admin", scope+":write:admin"
	one := path + "/:template"
	return []route{
		{"GET", path, read, optional, serve[0]},
		{"POST", path, write, optional, serve[1]},
		{"GET", one, read, optional, serve[2]},
		{"PUT", one, write, optional, serve[3]},
		{"DELETE", one, write, optional, serve[4]},
	}
}

func (c *call) template() (account.TemplateFields, error) {
	var f account.TemplateFields
	err := c.decode(&f)
	return f, err
}

func listFeedbackTemplates(c *call) (answer, error) {
	return listAll(c, c.account.FeedbackTemplates(), func(t *account.FeedbackTemplate) listed {
		return listed{at: t.CreatedAt, id: t.ID, object: t}
	})
}

func createFeedbackTemplate(c *call) (answer, error) {
	f, err := c.template()
	if err != nil {
		return answer{}, err
	}
	t, err := c.account.AddFeedbackTemplate(f, true)
	return done(c, http.StatusCreated, t, err)
}

func getFeedbackTemplate(c *call) (answer, error) {
	t, err := c.account.FeedbackTemplate(c.path["template"])
	return done(c, http.StatusOK, t, err)
}

func putFeedbackTemplate(c *call) (answer, error) {
	f, err := c.template()
	if err != nil {
		return answer{}, err
	}
	t, err := c.account.ChangeFeedbackTemplate(c.path["template"], f)
	return done(c, http.StatusOK, t, err)
}

func deleteFeedbackTemplate(c *call) (answer, error) {
	return nothing(c.account.DeleteFeedbackTemplate(c.path["template"]))
}

func listFormTemplates(c *call) (answer, error) {
	return listAll(c, c.account.FormTemplates(), func(t *account.FormTemplate) listed {
		return listed{at: t.CreatedAt, id: t.ID, object: t}
	})
}

func createFormTemplate(c *call) (answer, error) {
	f, err := c.template()
	if err != nil {
		return answer{}, err
	}
	t, err := c.account.AddFormTemplate(f)
	return done(c, http.StatusCreated, t, err)
}

func getFormTemplate(c *call) (answer, error) {
	t, err := c.account.FormTemplate(c.path["template"])
	return done(c, http.StatusOK, t, err)
}

func putFormTemplate(c *call) (answer, error) {
	f, err := c.template()
	if err != nil {
		return answer{}, err
	}
	t, err := c.account.ChangeFormTemplate(c.path["template"], f)
	return done(c, http.StatusOK, t, err)
}

func deleteFormTemplate(c *call) (answer, error) {
	return nothing(c.account.DeleteFormTemplate(c.path["template"]))
}

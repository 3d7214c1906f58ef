package control

import (
	"net/http"

	"fulcrum/local/twin/account"
	"fulcrum/local/twin/desk"
)

// stage is the body of the calls about stages.
type stage struct {
	Text string `json:"text"`
	// Before is the stage that a new one stands before, by id or text.
	Before string `json:"before"`
	// MoveTo is where candidates of a removed stage go, by id or text.
	MoveTo string `json:"moveTo"`
}

// reason is the body of the calls about archive reasons.
type reason struct {
	Text   string `json:"text"`
	Type   string `json:"type"`
	Status string `json:"status"`
}

// people are the calls about users, postings and the pipeline.
func (c *Control) people() map[string]handler {
	d := c.desk
	return map[string]handler{
		"POST /{account}/users": with(
			func(r *http.Request, in desk.Person) (any, error) { return made(d.AddUser(acc(r), in)) },
		),
		"PUT /{account}/users/{id}": with(
			func(r *http.Request, in desk.Person) (any, error) { return plain(d.ChangeUser(acc(r), id(r), in)) },
		),
		"POST /{account}/postings": with(
			func(r *http.Request, in desk.Posting) (any, error) { return made(d.AddPosting(acc(r), in)) },
		),
		"PUT /{account}/postings/{id}": with(func(r *http.Request, in desk.Posting) (any, error) {
			return plain(d.ChangePosting(acc(r), id(r), in))
		}),
		"DELETE /{account}/postings/{id}": func(r *http.Request) (any, error) { return nil, d.DeletePosting(acc(r), id(r)) },
		"POST /{account}/stages": with(
			func(r *http.Request, in stage) (any, error) { return made(d.AddStage(acc(r), in.Text, in.Before)) },
		),
		"PUT /{account}/stages/{id}": with(
			func(r *http.Request, in stage) (any, error) { return plain(d.RenameStage(acc(r), id(r), in.Text)) },
		),
		"DELETE /{account}/stages/{id}": with(
			func(r *http.Request, in stage) (any, error) { return nil, d.RemoveStage(acc(r), id(r), in.MoveTo) },
		),
		"POST /{account}/archive-reasons": with(
			func(r *http.Request, in reason) (any, error) { return made(d.AddReason(acc(r), in.Text, in.Type)) },
		),
		"PUT /{account}/archive-reasons/{id}": with(func(r *http.Request, in reason) (any, error) {
			return plain(d.ChangeReason(acc(r), id(r), in.Text, in.Status))
		}),
		"DELETE /{account}/archive-reasons/{id}": func(r *http.Request) (any, error) { return nil, d.RemoveReason(acc(r), id(r)) },
		"POST /{account}/requisitions": with(func(r *http.Request, in account.Requisition) (any, error) {
			return made(d.AddRequisition(acc(r), in))
		}),
		"POST /{account}/feedback-templates": with(func(r *http.Request, in account.TemplateFields) (any, error) {
			return made(d.AddFeedbackTemplate(acc(r), in))
		}),
	}
}

package connect

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"fulcrum/shared/api"
	"fulcrum/shared/connect/permission"
	"fulcrum/shared/definition"
	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/signing"
)

var (
	// errRefused says that Lever does not take a credential that is not kept yet.
	errRefused = errors.New("lever does not take the credential")
	// errOther says that a customer connects another Lever account than before.
	errOther = errors.New("another lever account than before")
	// errEnded says that a connection has no credential.
	errEnded = errors.New("the connection is disconnected")
)

// unless is err, or nil where it is the expected one.
func unless(err, expected error) error {
	if errors.Is(err, expected) {
		return nil
	}
	return err
}

// problem is what a partner is told of an error that it can do something about;
// any other error stays as it is.
func problem(err error) error {
	var known *api.Problem
	if err == nil || errors.As(err, &known) {
		return err
	}
	_, parks := fault.Parks(err)
	switch {
	case parks || errors.Is(err, errEnded) || lever.Unauthorized(err):
		return api.Conflict("Lever does not take the connection's credential. A Super Admin has to connect again, with a new connect link.")
	case errors.Is(err, signing.ErrPending), errors.Is(err, context.DeadlineExceeded):
		return &api.Problem{Status: http.StatusServiceUnavailable, Detail: "Somebody else is at the connection's webhooks, or was. Repeat the request in a moment."}
	case errors.Is(err, permission.ErrUnclear), errors.Is(err, errUnreachable), lever.Retryable(err):
		return &api.Problem{Status: http.StatusServiceUnavailable, Detail: "Lever does not answer at the moment. Repeat the request; what was done so far counts."}
	case lever.Forbidden(err):
		return api.Conflict("The credential may not do this in Lever. A Super Admin has to connect again and accept all permissions.")
	}
	return err
}

// invalid names the settings that cannot be applied, in the member values.
func invalid(wrong []definition.Problem) error {
	var all []api.Wrong
	for _, w := range wrong {
		all = append(all, api.Wrong{Field: "values." + w.Setting, Detail: w.Detail})
	}
	return api.InvalidAll(all...)
}

// sentence is a detail as a sentence of a page: its label and what is wrong.
func sentence(d definition.Definition, w definition.Problem) string {
	label := w.Setting
	if s, ok := d.Setting(w.Setting); ok {
		label = s.Label
	}
	return label + " " + strings.TrimSuffix(w.Detail, ".") + "."
}

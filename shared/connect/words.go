package connect

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"fulcrum/shared/connect/permission"
	"fulcrum/shared/fault"
	"fulcrum/shared/frame"
	"fulcrum/shared/lever"
	"fulcrum/shared/oauth"
	"fulcrum/shared/signing"
)

// words say what went wrong, and how to go on.
type words struct {
	status int
	title  string
	text   []string
	// again says that the link's own page is where to go on.
	again bool
}

const (
	newLinkHelp = "Ask for a new connect link where you got this one."
	tryAgain    = "Nothing was changed. You can try again."
)

// wordsFor are the words for an error of a page.
func wordsFor(err error) words {
	if w, ok := wordsForLink(err); ok {
		return w
	}
	if w, ok := wordsForConsent(err); ok {
		return w
	}
	if w, ok := wordsForLever(err); ok {
		return w
	}
	return words{http.StatusInternalServerError, "Something went wrong", []string{"Your request could not be finished. What was done so far is kept. Try again in a moment."}, true}
}

func wordsForLink(err error) (words, bool) {
	switch {
	case errors.Is(err, errNoLink):
		return words{http.StatusNotFound, "This link does not work", []string{"There is no such connect link.", newLinkHelp}, false}, true
	case errors.Is(err, errLinkOver):
		return words{http.StatusGone, "This link has expired", []string{"A connect link works for 24 hours.", newLinkHelp}, false}, true
	case errors.Is(err, errLinkElse):
		return words{http.StatusForbidden, "This link was opened elsewhere", []string{
			"A connect link opens once, in one browser. If that was you, go on in that browser.", "Otherwise: " + newLinkHelp,
		}, false}, true
	case errors.Is(err, frame.ErrForged):
		return words{http.StatusForbidden, "This form was not sent from this page", []string{"Cookies have to be allowed for this page. " + tryAgain}, true}, true
	}
	return words{}, false
}

func wordsForConsent(err error) (words, bool) {
	var missing missingScopes
	switch {
	case errors.Is(err, errDenied):
		return words{http.StatusOK, "Access was not accepted", []string{"In Lever, access was denied, so nothing was connected and nothing was changed.", "To connect, start again and click Accept. A Super Admin has to do it."}, true}, true
	case errors.Is(err, errForeign):
		return words{http.StatusForbidden, "This did not begin here", []string{
			"The answer from Lever belongs to no connection that was begun in this browser, so nothing was connected.",
			"Open your connect link in this browser and start again.",
		}, false}, true
	case errors.Is(err, errRepeated):
		return words{http.StatusConflict, "This was done before", []string{"An answer from Lever counts once, and this one has been used.", "Open your connect link again: it shows how far you are."}, false}, true
	case errors.Is(err, errExpired):
		return words{http.StatusGone, "This took too long", []string{"The answer from Lever came after its time was over. " + tryAgain}, true}, true
	case errors.Is(err, errNoCode):
		return words{http.StatusBadRequest, "Lever sent no answer that can be used", []string{tryAgain}, true}, true
	case errors.Is(err, errOther):
		return words{http.StatusConflict, "This is another Lever account", []string{
			"This connection belongs to another Lever account, and two accounts are never mixed. Nothing was changed.",
			"Log out of Lever, log into the account that was connected before, and start again.",
		}, true}, true
	case errors.As(err, &missing):
		return words{http.StatusForbidden, "Permissions are missing", []string{
			"Lever did not give all the permissions that are needed, so nothing was connected. Missing: " + strings.Join(missing, ", ") + ".",
			"Start again and accept all of them.",
		}, true}, true
	}
	return words{}, false
}

func wordsForLever(err error) (words, bool) {
	_, parks := fault.Parks(err)
	switch {
	case errors.Is(err, oauth.ErrUnregistered), errors.Is(err, oauth.ErrApp):
		return words{http.StatusInternalServerError, "This cannot be connected yet", []string{"The app is not set up at Lever for this environment. Somebody on our side has to look."}, false}, true
	case errors.Is(err, signing.ErrPending), errors.Is(err, context.DeadlineExceeded):
		return words{http.StatusServiceUnavailable, "Almost done", []string{"The webhooks are being made. Go on in a moment."}, true}, true
	case parks, errors.Is(err, errEnded), lever.Unauthorized(err):
		return words{http.StatusConflict, "Lever does not take the access any more", []string{"It was revoked or has ended. Connect again."}, true}, true
	case errors.Is(err, permission.ErrUnclear), errors.Is(err, errUnreachable), lever.Retryable(err):
		return words{http.StatusServiceUnavailable, "Lever does not answer", []string{"What was done so far is kept. Try again in a moment."}, true}, true
	case lever.Forbidden(err):
		return words{http.StatusForbidden, "A permission is missing in Lever", []string{"Connect again and accept all permissions."}, true}, true
	}
	return words{}, false
}

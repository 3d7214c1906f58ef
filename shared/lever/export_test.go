package lever

import "net/http"

// What fuzzing reads answers by. It goes round net/http, whose goroutines would
// look like ever new ways through the code.
type (
	// PageAnswer is a page of opportunities as it arrives.
	PageAnswer = pageAnswer[Opportunity]
	// OfferAnswer is a page of offers.
	OfferAnswer = pageAnswer[Offer]
)

// Decode reads an answer of status 2xx.
func Decode(res *http.Response, out any) error { return decode(res, out) }

// Enveloped reads one object.
func Enveloped(v any) any { return enveloped(v) }

// AnswerError reads another answer.
func AnswerError(res *http.Response) error { return answerError(res) }

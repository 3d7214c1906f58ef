package console

// hint is what mends what is parked for a reason, as a sentence; empty where the
// reason says it all.
func hint(reason string) string {
	return map[string]string{
		"disconnected":          "Lever does not take the connection's access. Send the customer a connect link; what is parked goes on by itself once they have connected again.",
		"paused":                "The connection rests. Resume it; what is parked goes on by itself.",
		"lever_forbids":         "The access does not allow this in Lever. Send the customer a connect link, and have them accept all permissions; then redrive.",
		"lever_refuses":         "Lever refused the request. Look at one of the events; then redrive.",
		"opportunity_not_found": "The candidacy is not in Lever, or this access may not see it (it may be confidential).",
		"endpoint_gone":         "Your endpoint answered that it is gone for good (410). Set its address again, then redrive.",
		"endpoint_away":         "Your endpoint did not take the document, however often it was tried. Mend it, then redrive.",
		"endpoint_refuses":      "Your endpoint refused the document. Mend what it does not like, then redrive.",
	}[reason]
}

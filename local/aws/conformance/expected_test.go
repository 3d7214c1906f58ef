package conformance

// expectedFailures are the checks that an endpoint does not pass, with what it
// does instead, by endpoint and check.
var expectedFailures = together(dynamodbFailures, sqsFailures, mailFailures)

func together(parts ...map[string]map[string]string) map[string]map[string]string {
	all := map[string]map[string]string{}
	for _, part := range parts {
		for endpoint, checks := range part {
			if all[endpoint] == nil {
				all[endpoint] = map[string]string{}
			}
			for id, instead := range checks {
				all[endpoint][id] = instead
			}
		}
	}
	return all
}

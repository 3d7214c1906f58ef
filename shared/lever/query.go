package lever

import (
	"net/url"
	"strconv"
)

// query collects the parameters that are set.
type query url.Values

func (q query) text(name, value string) {
	if value != "" {
		q[name] = []string{value}
	}
}

func (q query) texts(name string, values []string) {
	if len(values) > 0 {
		q[name] = values
	}
}

func (q query) time(name string, at Time) {
	if at != 0 {
		q[name] = []string{strconv.FormatInt(int64(at), 10)}
	}
}

func (q query) flag(name string, set bool) {
	if set {
		q[name] = []string{"true"}
	}
}

// performAs names the user in whose name a write is made. Lever takes it for
// attribution: that user's own rights do not matter.
func performAs(userID string) url.Values {
	q := query{}
	q.text("perform_as", userID)
	return url.Values(q)
}

package connect_test

import (
	"testing"

	"fulcrum/shared/connect"
)

func TestWhereABrowserMayGoBackTo(t *testing.T) {
	returns, err := connect.ParseReturns("joinedly=https://joinedly.test/integrations/\n joinedly=http://127.0.0.1:8080/done justworks=https://justworks.test/lever")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		address string
		allowed bool
	}{
		"the folder itself":           {"https://joinedly.test/integrations/", true},
		"below it, with a query":      {"https://joinedly.test/integrations/lever?done=1", true},
		"this machine without TLS":    {"http://127.0.0.1:8080/done", true},
		"below what is no folder":     {"http://127.0.0.1:8080/done/more", false},
		"another path":                {"https://joinedly.test/", false},
		"a path that begins the same": {"https://joinedly.test/integrationsX", false},
		"up and away":                 {"https://joinedly.test/integrations/../admin", false},
		"up and away, encoded":        {"https://joinedly.test/integrations/%2e%2e/admin", false},
		"two slashes":                 {"https://joinedly.test/integrations//evil.test", false},
		"another partner's":           {"https://justworks.test/lever", false},
		"another host":                {"https://evil.test/integrations/", false},
		"a host that begins the same": {"https://joinedly.test.evil.test/integrations/", false},
		"another port":                {"https://joinedly.test:444/integrations/", false},
		"a user in front":             {"https://joinedly.test@evil.test/integrations/", false},
		"no scheme":                   {"//joinedly.test/integrations/", false},
		"slashes that lean":           {`/\joinedly.test/integrations/`, false},
		"a backslash":                 {`https://joinedly.test\@evil.test/integrations/`, false},
		"no slashes":                  {"https:joinedly.test/integrations/", false},
		"without TLS":                 {"http://joinedly.test/integrations/", false},
		"a script":                    {"javascript:alert(1)", false},
		"a line break":                {"https://joinedly.test/integrations/\n", false},
		"a fragment":                  {"https://joinedly.test/integrations/#x", false},
		"nothing":                     {"", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := returns.Allow("joinedly", tt.address); got != tt.allowed {
				t.Errorf("allowed: %v", got)
			}
		})
	}
}

func TestAListThatCannotBeRead(t *testing.T) {
	for name, text := range map[string]string{
		"no partner":  "https://joinedly.test/",
		"no address":  "joinedly=",
		"a wildcard":  "joinedly=https://*.test\\/",
		"without TLS": "joinedly=http://joinedly.test/",
		"only a host": "joinedly=https://joinedly.test",
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := connect.ParseReturns(text); err == nil {
				t.Error("it is read")
			}
		})
	}
	if empty, err := connect.ParseReturns(""); err != nil || len(empty) != 0 {
		t.Errorf("an empty list: %v, %v", empty, err)
	}
}

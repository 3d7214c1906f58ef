package deploy

import (
	"slices"
	"strings"
	"time"

	"fulcrum/local/template"
)

type function struct {
	Runtime       string   `yaml:"Runtime"`
	Architectures []string `yaml:"Architectures"`
	Handler       string   `yaml:"Handler"`
	CodeURI       string   `yaml:"CodeUri"`
	Tracing       string   `yaml:"Tracing"`
	Alias         string   `yaml:"AutoPublishAlias"`
	Role          string   `yaml:"Role"`
	CodeSigning   string   `yaml:"CodeSigningConfigArn"`
	Logging       struct {
		Format string `yaml:"LogFormat"`
		Group  string `yaml:"LogGroup"`
	} `yaml:"LoggingConfig"`
	Deployment struct {
		Type        string   `yaml:"Type"`
		Alarms      []string `yaml:"Alarms"`
		Passthrough bool     `yaml:"PassthroughCondition"`
		Role        string   `yaml:"Role"`
	} `yaml:"DeploymentPreference"`
}

// functions says that each function is built by the Makefile, which SAM does only
// where the function itself says so, runs where the binaries run, can be traced and
// rolled back, and has a role and a log group of its own.
func functions(c *check) error {
	owner := map[string]string{}
	for _, r := range c.of(template.FunctionType) {
		var f function
		if err := r.Decode(&f); err != nil {
			return err
		}
		c.want(r.Metadata["BuildMethod"] == "makefile", "build", r.ID, "SAM would give it the binary of another function")
		c.want(f.CodeURI == ".", "build", r.ID, "CodeUri is %s, not the folder of the Makefile", f.CodeURI)
		c.want(f.Runtime == "provided.al2023" && slices.Equal(f.Architectures, []string{"arm64"}) && f.Handler == "bootstrap", "runtime", r.ID,
			"it runs on %s %v as %s, and is built for provided.al2023 on arm64 as bootstrap", f.Runtime, f.Architectures, f.Handler)
		c.want(f.Tracing == "Active", "tracing", r.ID, "it is not traced")
		c.want(f.Logging.Format == "JSON", "logs", r.ID, "its log lines are no JSON")
		for what, value := range map[string]string{"role": f.Role, "log group": f.Logging.Group} {
			c.want(value != "" && owner[value] == "", "own "+what, r.ID, "it has no %s of its own", what)
			owner[value] = r.ID
		}
		c.released(r.ID, f)
		c.properties(r)
	}
	return nil
}

// known are the properties of a function that SAM has and this template uses. Another
// is a new one, or misspelt; SAM's own word for that comes at the deployment only.
func known() []string {
	return []string{
		"Architectures", "AutoPublishAlias", "CodeSigningConfigArn", "CodeUri", "DeploymentPreference", "Description", "Environment",
		"EventInvokeConfig", "Events", "Handler", "LoggingConfig", "MemorySize", "RecursiveLoop", "ReservedConcurrentExecutions",
		"Role", "Runtime", "Tags", "Timeout", "Tracing",
	}
}

// properties says that a function, and Globals with it, has no property that means
// nothing.
func (c *check) properties(r template.Resource) {
	var all map[string]any
	if err := r.Decode(&all); err != nil {
		c.want(false, "property", r.ID, "%v", err)
	}
	for name := range all {
		c.want(slices.Contains(known(), name), "property", r.ID, "%s is not known here", name)
	}
}

// circles says that no function that the gateway is made of knows the gateway's
// address: CloudFormation could begin with neither.
func circles(c *check) error {
	parts := map[string]bool{}
	for _, r := range c.Wiring.API.Routes {
		parts[r.Function] = true
	}
	for _, a := range c.Wiring.API.Authorizer {
		parts[a.Function] = true
	}
	for _, api := range c.of(template.APIType) {
		own := c.Values[api.ID][""]
		for id := range parts {
			for name, value := range c.function(id).Environment {
				c.want(value != own && !strings.Contains(value, own+".execute-api."), "circular", id, "%s is the gateway's own address", name)
			}
		}
	}
	return nil
}

// released looks at how a new version of a function takes over. SAM leaves the
// condition of a function out of its deployment group unless it is told.
func (c *check) released(id string, f function) {
	d := f.Deployment
	c.want(f.Alias != "", "release", id, "it has no alias")
	c.want(d.Passthrough && len(d.Alarms) > 0, "release", id, "no alarm of its own ends a bad release")
	want := "AllAtOnce"
	if c.parameters["Environment"] == "prod" {
		want = "Canary10Percent5Minutes"
	}
	c.want(d.Type == want, "release", id, "a new version takes over by %s, want %s", d.Type, want)
	if signer := c.parameters["CodeSigningConfig"]; signer != "" {
		c.want(f.CodeSigning == signer, "code signing", id, "unsigned code is taken")
	}
}

// retentions are how long CloudWatch keeps logs, in days, up to the year that the
// bundle takes at most. CloudWatch Logs API reference, PutRetentionPolicy.
func retentions() []int { return []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365} }

// logs says that log groups let go of what is old: Lambda's own keep it for ever.
func logs(c *check) error {
	return each(c, "AWS::Logs::LogGroup", func(id string, p struct {
		Retention int `yaml:"RetentionInDays"`
	}) {
		c.want(p.Retention > 0, "retention", id, "it keeps its lines for ever")
		c.want(p.Retention == 0 || slices.Contains(retentions(), p.Retention), "retention", id, "CloudWatch does not keep logs for %d days", p.Retention)
	})
}

// openPaths are where requests come that no API key opens: signatures and links do.
func openPaths() []string {
	return []string{"/webhooks/", "/connect/", "/console", "/assets/", "/justworks/", "/brainner/resumes/"}
}

// The longest that the gateway waits for a function, and for an authorizer. API
// Gateway developer guide, "Quotas for HTTP APIs".
const (
	longestIntegration = 30 * time.Second
	longestAuthorizer  = 10 * time.Second
)

// routes says which routes are open, that a function ends before the gateway gives
// it up, and that the gateway does so within its own limit.
func routes(c *check) error {
	for _, r := range c.Wiring.API.Routes {
		open := slices.ContainsFunc(openPaths(), func(prefix string) bool { return strings.HasPrefix(r.Path, prefix) })
		c.want(open == (r.Authorizer == ""), "authorizer", r.Function, "%s has the authorizer %q", r.Key(), r.Authorizer)
		timeout := c.function(r.Function).Timeout
		c.want(timeout < r.Timeout && r.Timeout <= longestIntegration, "timeout", r.Function,
			"%s is given up after %v and the function after %v", r.Key(), r.Timeout, timeout)
	}
	for name, a := range c.Wiring.API.Authorizer {
		c.want(c.function(a.Function).Timeout <= longestAuthorizer, "timeout", a.Function, "the gateway waits %v for the authorizer %s", longestAuthorizer, name)
		c.want(a.TTL <= 5*time.Minute, "authorizer", a.Function, "a revoked key works for %v", a.TTL)
	}
	return nil
}

// gateway says that one caller cannot use up what all callers have, that requests
// are logged, and that no log line holds a path: paths hold the ids of hooks and
// links.
func gateway(c *check) error {
	for _, r := range c.Wiring.API.Routes {
		own := r.Throttle.Rate > 0 && r.Throttle.Burst > 0
		c.want(own || c.Wiring.API.Throttle.Rate > 0 && c.Wiring.API.Throttle.Burst > 0, "throttle", r.Function, "%s takes as much as the account lets through", r.Key())
		c.want(own || r.Authorizer != "" || !strings.HasPrefix(r.Path, "/webhooks/"), "throttle", r.Function, "%s shares its throttle", r.Key())
	}
	return each(c, template.APIType, func(id string, p struct {
		Log struct {
			Destination string `yaml:"DestinationArn"`
			Format      string `yaml:"Format"`
		} `yaml:"AccessLogSettings"`
	}) {
		c.want(p.Log.Destination != "" && strings.HasPrefix(p.Log.Format, "{") && strings.Contains(p.Log.Format, "$context.routeKey"), "access log", id, "requests are not logged as JSON")
		for _, secret := range []string{"$context.path", "$context.resourcePath", "querystring", "$context.authorizer"} {
			c.want(!strings.Contains(p.Log.Format, secret), "access log", id, "%s would put addresses that open something into the log", secret)
		}
	})
}

package deploy

import (
	"fmt"
	"slices"
	"strings"
)

type role struct {
	Trust    policy   `yaml:"AssumeRolePolicyDocument"`
	Managed  []string `yaml:"ManagedPolicyArns"`
	Boundary string   `yaml:"PermissionsBoundary"`
	Policies []struct {
		Document policy `yaml:"PolicyDocument"`
	} `yaml:"Policies"`
}

// codeDeploy is the one policy of AWS that a role of the stack has: what CodeDeploy
// needs to move an alias is not ours to say.
const codeDeploy = "AWSCodeDeployRoleForLambdaLimited"

// roles says that nobody may do more than is written here: no policies of others,
// no actions by pattern, no resource by a bare star but where X-Ray has no other.
func roles(c *check) error {
	if err := each(c, "AWS::IAM::Role", func(id string, r role) {
		for _, s := range r.Trust.Statement {
			service, ok := s.Principal.(map[string]any)
			c.want(ok && len(service) == 1 && service["Service"] != nil && s.Action[0] == "sts:AssumeRole", "role trust", id, "%v may take it", s.Principal)
		}
		for _, arn := range r.Managed {
			c.want(c.idOf(arn) != "" || strings.HasSuffix(arn, codeDeploy), "role policy", id, "%s is not written here", arn)
		}
		c.want(r.Boundary == c.parameters["PermissionsBoundary"], "role boundary", id, "its boundary is %q", r.Boundary)
		for _, p := range r.Policies {
			c.statements(id, p.Document)
		}
	}); err != nil {
		return err
	}
	return each(c, "AWS::IAM::ManagedPolicy", func(id string, p struct {
		Document policy `yaml:"PolicyDocument"`
	}) {
		c.statements(id, p.Document)
	})
}

func (c *check) statements(id string, p policy) {
	for _, s := range p.Statement {
		c.want(s.Effect == "Allow" && len(s.NotAction)+len(s.NotResource) == 0, "role policy", id, "a statement says what is not meant")
		for _, action := range s.Action {
			c.want(!strings.Contains(action, "*"), "role star", id, "it allows %s", action)
		}
		xray := strings.HasPrefix(fmt.Sprint(s.Action), "[xray:")
		c.want(xray || !slices.Contains(s.Resource, "*"), "role star", id, "it allows %v of everything", s.Action)
		c.want(len(s.Resource) > 0, "role policy", id, "it allows %v of nothing", s.Action)
	}
}

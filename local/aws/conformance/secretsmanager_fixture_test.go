package conformance

import (
	"context"
	"crypto/rand"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// vault is a Secrets Manager under test. What it is used for fails the test by
// itself, unless it returns an error.
type vault struct {
	*secretsmanager.Client
	t   *testing.T
	ctx context.Context
	// versions name request tokens in a test: "one" is some token.
	versions map[string]string
}

func newVault(t *testing.T, e endpoint) *vault {
	return &vault{Client: secretsmanager.NewFromConfig(e.config()), t: t, ctx: background(t), versions: map[string]string{}}
}

func (v *vault) ok(err error) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
}

// token is the request token of a name, and so the id of a version.
func (v *vault) token(name string) *string {
	if v.versions[name] == "" {
		v.versions[name] = "version-" + name + "-" + rand.Text() + rand.Text()[:6]
	}
	return aws.String(v.versions[name])
}

// secret makes a secret that goes with the test, with version "one" if value is
// not empty, and answers its name.
func (v *vault) secret(value string) string {
	v.t.Helper()
	in := &secretsmanager.CreateSecretInput{Name: aws.String("conformance/" + rand.Text()), ClientRequestToken: v.token("one")}
	if value != "" {
		in.SecretString = &value
	}
	_, err := v.CreateSecret(v.ctx, in)
	v.ok(err)
	v.t.Cleanup(func() { v.force(*in.Name) })
	return *in.Name
}

// force deletes a secret at once; one that is not there is no error.
func (v *vault) force(name string) {
	v.t.Helper()
	_, err := v.DeleteSecret(context.Background(), &secretsmanager.DeleteSecretInput{SecretId: &name, ForceDeleteWithoutRecovery: aws.Bool(true)})
	if err != nil {
		v.t.Error(err)
	}
}

func (v *vault) put(name, version, value string, labels ...string) error {
	_, err := v.PutSecretValue(v.ctx, &secretsmanager.PutSecretValueInput{SecretId: &name, ClientRequestToken: v.token(version), SecretString: &value, VersionStages: labels})
	return err
}

func (v *vault) get(change secretsmanager.GetSecretValueInput) (string, error) {
	out, err := v.GetSecretValue(v.ctx, &change)
	if err != nil {
		return "", err
	}
	return aws.ToString(out.SecretString), nil
}

// wantValue wants the current value of a secret.
func (v *vault) wantValue(id, want string) {
	v.t.Helper()
	if got, err := v.get(secretsmanager.GetSecretValueInput{SecretId: &id}); err != nil || got != want {
		v.t.Errorf("the value is %q (%v), want %q", got, err, want)
	}
}

// labels are the versions that have labels, as "one AWSPREVIOUS, two AWSCURRENT".
func (v *vault) labels(name string) string {
	v.t.Helper()
	out, err := v.DescribeSecret(v.ctx, &secretsmanager.DescribeSecretInput{SecretId: &name})
	v.ok(err)
	var all []string
	for _, version := range slices.Sorted(maps.Keys(v.versions)) {
		if labels := out.VersionIdsToStages[v.versions[version]]; len(labels) > 0 {
			slices.Sort(labels)
			all = append(all, version+" "+strings.Join(labels, " "))
		}
	}
	return strings.Join(all, ", ")
}

func (v *vault) wantLabels(name, want string) {
	v.t.Helper()
	if got := v.labels(name); got != want {
		v.t.Errorf("labels %q, want %q", got, want)
	}
}

// move moves a label; an empty version is left out.
func (v *vault) move(name, label, from, to string) error {
	in := &secretsmanager.UpdateSecretVersionStageInput{SecretId: &name, VersionStage: &label}
	if from != "" {
		in.RemoveFromVersionId = v.token(from)
	}
	if to != "" {
		in.MoveToVersionId = v.token(to)
	}
	_, err := v.UpdateSecretVersionStage(v.ctx, in)
	return err
}

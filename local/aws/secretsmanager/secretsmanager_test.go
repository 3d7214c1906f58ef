package secretsmanager

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"fulcrum/local/aws/wire"
	"fulcrum/local/keep"
)

// in is an input; its members are written as the API names them.
type in = map[string]any

// answer holds the members of any answer.
type answer struct {
	ARN, Name, VersionId, SecretString, Description, KmsKeyId, NextToken string
	SecretBinary                                                         []byte
	VersionStages                                                        []string
	VersionIdsToStages                                                   map[string][]string
	Tags                                                                 []tag
	CreatedDate, LastChangedDate, LastAccessedDate                       float64
	DeletedDate, DeletionDate                                            float64
	SecretList, SecretValues                                             []answer
	SecretVersionsToStages                                               map[string][]string
	Errors                                                               []batchError
}

// client calls a Service as a function would.
type client struct {
	t *testing.T
	s *Service
}

func newClient(t *testing.T) client { return openClient(t, &keep.Store{}) }

func openClient(t *testing.T, store *keep.Store) client {
	t.Helper()
	s, err := New(Options{Region: "us-east-1", Account: "000000000000", Now: time.Now, Store: store})
	if err != nil {
		t.Fatal(err)
	}
	return client{t, s}
}

func (c client) try(action string, input in) (answer, error) {
	c.t.Helper()
	body, err := json.Marshal(input)
	if err != nil {
		c.t.Fatal(err)
	}
	got, err := c.s.Do(context.Background(), &wire.Call{Action: action, Body: body})
	if err != nil {
		return answer{}, err
	}
	encoded, err := json.Marshal(got)
	if err != nil {
		c.t.Fatal(err)
	}
	var out answer
	if err := json.Unmarshal(encoded, &out); err != nil {
		c.t.Fatalf("%s: %v", encoded, err)
	}
	return out, nil
}

func (c client) must(action string, input in) answer {
	c.t.Helper()
	out, err := c.try(action, input)
	if err != nil {
		c.t.Fatalf("%s: %v", action, err)
	}
	return out
}

// token is a request token, and so the id of a version.
func token(n int) string { return fmt.Sprintf("version-%024d", n) }

// create makes a secret of one version, token(1).
func (c client) create(name, value string) answer {
	c.t.Helper()
	return c.must("CreateSecret", in{"Name": name, "SecretString": value, "ClientRequestToken": token(1)})
}

func (c client) put(name string, n int, value string, labels ...string) answer {
	c.t.Helper()
	input := in{"SecretId": name, "SecretString": value, "ClientRequestToken": token(n)}
	if labels != nil {
		input["VersionStages"] = labels
	}
	return c.must("PutSecretValue", input)
}

func (c client) get(name string) string {
	c.t.Helper()
	return c.must("GetSecretValue", in{"SecretId": name}).SecretString
}

// wantLabels compares the labels of versions, written "1 AWSPREVIOUS, 2 AWSCURRENT AWSPENDING".
func (c client) wantLabels(name, want string) {
	c.t.Helper()
	labels := c.must("DescribeSecret", in{"SecretId": name}).VersionIdsToStages
	var all []string
	for _, id := range slices.Sorted(maps.Keys(labels)) {
		number := strings.TrimLeft(strings.TrimPrefix(id, "version-"), "0")
		all = append(all, number+" "+strings.Join(labels[id], " "))
	}
	if got := strings.Join(all, ", "); got != want {
		c.t.Errorf("labels %q, want %q", got, want)
	}
}

func (c client) wantCode(err error, want string) {
	c.t.Helper()
	got := ""
	if err != nil {
		var e *wire.Error
		if got = err.Error(); errors.As(err, &e) {
			got = e.Code
		}
	}
	if got != want {
		c.t.Errorf("error %v, want %s", err, want)
	}
}

func TestWhatTheServiceDoesNotHaveIsNotSupported(t *testing.T) {
	c := newClient(t)
	c.create("s", "v")
	for name, call := range map[string]struct {
		action string
		input  in
	}{
		"an action": {"RotateSecret", in{"SecretId": "s"}},
		"a member":  {"CreateSecret", in{"Name": "r", "AddReplicaRegions": []in{{"Region": "eu-west-1"}}}},
		"an order":  {"ListSecrets", in{"SortOrder": "desc"}},
		"a filter":  {"ListSecrets", in{"Filters": []in{{"Key": "tag-key", "Values": []string{"a"}}}}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.try(call.action, call.input)
			client{t, c.s}.wantCode(err, "NotSupportedHere")
		})
	}
}

func TestASecretThatIsNotThere(t *testing.T) {
	c := newClient(t)
	for _, action := range []string{"GetSecretValue", "PutSecretValue", "UpdateSecret", "UpdateSecretVersionStage", "DescribeSecret", "DeleteSecret", "RestoreSecret", "TagResource"} {
		_, err := c.try(action, in{"SecretId": "none"})
		c.wantCode(err, "ResourceNotFoundException")
	}
}

func TestASecretIsFoundByItsNameAndItsARN(t *testing.T) {
	c := newClient(t)
	arn := c.create("a/b-c", "v").ARN
	stem, suffix := arn[:len(arn)-7], arn[len(arn)-7:]
	if stem != "arn:aws:secretsmanager:us-east-1:000000000000:secret:a/b-c" || suffix[0] != '-' {
		t.Errorf("ARN %s", arn)
	}
	for id, there := range map[string]bool{
		"a/b-c": true, arn: true, stem: true,
		stem + "-AAAAAA": false, stem[:len(stem)-1]: false, "a/b": false, arn[:len(arn)-1]: false, "": false,
		"arn:aws:secretsmanager:us-east-1:111111111111:secret:a/b-c": false,
	} {
		call := &wire.Call{Action: "DescribeSecret", Body: fmt.Appendf(nil, `{"SecretId":%q}`, id)}
		_, err := c.s.Do(t.Context(), call)
		if (err == nil) != there || there && call.Resource != arn {
			t.Errorf("%q: error %v, resource %s", id, err, call.Resource)
		}
	}
}

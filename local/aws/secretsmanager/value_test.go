package secretsmanager

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestCreatingASecret(t *testing.T) {
	tests := map[string]struct {
		input   in
		problem string
	}{
		"with text":                    {input: in{"SecretString": "v"}},
		"with bytes":                   {input: in{"SecretBinary": []byte{0}}},
		"with text and bytes":          {input: in{"SecretString": "v", "SecretBinary": []byte{0}}, problem: "InvalidParameterException"},
		"with 64 KB of text":           {input: in{"SecretString": strings.Repeat("a", 65536)}},
		"with more text":               {input: in{"SecretString": strings.Repeat("a", 65537)}, problem: "ValidationException"},
		"with empty text":              {input: in{"SecretString": ""}, problem: "ValidationException"},
		"with 64 KB of bytes":          {input: in{"SecretBinary": make([]byte, 65536)}},
		"with more bytes":              {input: in{"SecretBinary": make([]byte, 65537)}, problem: "ValidationException"},
		"with a path as name":          {input: in{"Name": "Valid/_+=.@-Name"}},
		"with a space in its name":     {input: in{"Name": "a b"}, problem: "ValidationException"},
		"with no name":                 {input: in{"Name": ""}, problem: "ValidationException"},
		"with a name of 513":           {input: in{"Name": strings.Repeat("a", 513)}, problem: "ValidationException"},
		"without a token":              {input: in{"ClientRequestToken": nil}, problem: "InvalidRequestException"},
		"with a token of 31 letters":   {input: in{"ClientRequestToken": strings.Repeat("a", 31)}, problem: "InvalidParameterException"},
		"that exists":                  {input: in{"Name": "there", "SecretString": "w"}, problem: "ResourceExistsException"},
		"that exists, the same again":  {input: in{"Name": "there", "SecretString": "v"}},
		"that exists, without a value": {input: in{"Name": "there"}, problem: "ResourceExistsException"},
		"that is to be deleted":        {input: in{"Name": "leaving", "SecretString": "v"}, problem: "InvalidRequestException"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := newClient(t)
			there := c.create("there", "v")
			c.create("leaving", "v")
			c.must("DeleteSecret", in{"SecretId": "leaving"})
			input := in{"Name": "new", "ClientRequestToken": token(1)}
			maps.Copy(input, tt.input)
			out, err := c.try("CreateSecret", input)
			c.wantCode(err, tt.problem)
			if tt.problem == "" && input["Name"] == "there" && (out.ARN != there.ARN || out.VersionId != there.VersionId) {
				t.Errorf("answer %+v, before %+v", out, there)
			}
		})
	}
}

func TestTheSameTokenAgain(t *testing.T) {
	tests := map[string]struct {
		action  string
		input   in
		problem string
	}{
		"with the same value changes nothing":      {action: "PutSecretValue", input: in{"SecretString": "one"}},
		"with another value is refused":            {action: "PutSecretValue", input: in{"SecretString": "two"}, problem: "ResourceExistsException"},
		"with bytes for text is refused":           {action: "PutSecretValue", input: in{"SecretBinary": []byte("one")}, problem: "ResourceExistsException"},
		"updating to the same value":               {action: "UpdateSecret", input: in{"SecretString": "one"}},
		"updating to another value is refused":     {action: "UpdateSecret", input: in{"SecretString": "two"}, problem: "ResourceExistsException"},
		"putting no value is refused, token apart": {action: "PutSecretValue", problem: "InvalidRequestException"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := newClient(t)
			c.create("s", "one")
			c.put("s", 2, "between")
			input := in{"SecretId": "s", "ClientRequestToken": token(1)}
			maps.Copy(input, tt.input)
			_, err := c.try(tt.action, input)
			c.wantCode(err, tt.problem)
			c.wantLabels("s", "1 AWSPREVIOUS, 2 AWSCURRENT")
		})
	}
}

func TestReadingAValue(t *testing.T) {
	tests := map[string]struct {
		input   in
		want    string
		problem string
	}{
		"the current one":                        {want: "two"},
		"by its label":                           {input: in{"VersionStage": "AWSPREVIOUS"}, want: "one"},
		"by its id":                              {input: in{"VersionId": token(1)}, want: "one"},
		"by both":                                {input: in{"VersionId": token(1), "VersionStage": "AWSPREVIOUS"}, want: "one"},
		"by both, which disagree":                {input: in{"VersionId": token(1), "VersionStage": "AWSCURRENT"}, problem: "InvalidRequestException"},
		"by a label that nothing has":            {input: in{"VersionStage": "AWSPENDING"}, problem: "ResourceNotFoundException"},
		"by an id that nothing has":              {input: in{"VersionId": token(9)}, problem: "ResourceNotFoundException"},
		"by an id and a label that nothing has ": {input: in{"VersionId": token(1), "VersionStage": "AWSPENDING"}, problem: "ResourceNotFoundException"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := newClient(t)
			c.create("s", "one")
			c.put("s", 2, "two")
			input := in{"SecretId": "s"}
			maps.Copy(input, tt.input)
			out, err := c.try("GetSecretValue", input)
			c.wantCode(err, tt.problem)
			if out.SecretString != tt.want {
				t.Errorf("value %q, want %q", out.SecretString, tt.want)
			}
		})
	}
}

func TestUpdatingASecret(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t)
		c.must("CreateSecret", in{"Name": "s", "Description": "before", "KmsKeyId": "k1", "SecretString": "one", "ClientRequestToken": token(1),
			"Tags": []in{{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}}})
		created := float64(time.Now().Unix())
		time.Sleep(time.Hour)
		if out := c.must("UpdateSecret", in{"SecretId": "s", "Description": "after", "ClientRequestToken": token(2)}); out.VersionId != "" {
			t.Errorf("a new version %s without a value", out.VersionId)
		}
		if out := c.must("UpdateSecret", in{"SecretId": "s", "KmsKeyId": "k2", "SecretBinary": []byte{1, 2}, "ClientRequestToken": token(3)}); out.VersionId != token(3) {
			t.Errorf("answer %+v", out)
		}
		c.must("TagResource", in{"SecretId": "s", "Tags": []in{{"Key": "a", "Value": "3"}, {"Key": "c", "Value": ""}}})
		d := c.must("DescribeSecret", in{"SecretId": "s"})
		if d.Description != "after" || d.KmsKeyId != "k2" || !slices.Equal(d.Tags, []tag{{"a", "3"}, {"b", "2"}, {"c", ""}}) {
			t.Errorf("described %+v", d)
		}
		if d.CreatedDate != created || d.LastChangedDate != created+3600 || d.LastAccessedDate != 0 || d.DeletedDate != 0 {
			t.Errorf("dates %+v", d)
		}
		if out := c.must("GetSecretValue", in{"SecretId": "s"}); !slices.Equal(out.SecretBinary, []byte{1, 2}) || out.SecretString != "" || out.CreatedDate != created+3600 {
			t.Errorf("value %+v", out)
		}
		if d := c.must("DescribeSecret", in{"SecretId": "s"}); d.LastAccessedDate != created { // midnight, when synctest's clock begins
			t.Errorf("last accessed %v, want %v", d.LastAccessedDate, created)
		}
	})
}

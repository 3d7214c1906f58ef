package secretsmanager

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestListingSecrets(t *testing.T) {
	tests := map[string]struct {
		input in
		want  string
	}{
		"all that stay":           {want: "b2 a1 b1 b3"},
		"those to be deleted too": {input: in{"IncludePlannedDeletion": true}, want: "b2 gone a1 b1 b3"},
		"by a prefix":             {input: in{"Filters": []in{{"Key": "name", "Values": []string{"b"}}}}, want: "b2 b1 b3"},
		"by either prefix":        {input: in{"Filters": []in{{"Key": "name", "Values": []string{"a", "b3"}}}}, want: "a1 b3"},
		"by all filters":          {input: in{"Filters": []in{{"Key": "name", "Values": []string{"b"}}, {"Key": "name", "Values": []string{"!b2"}}}}, want: "b1 b3"},
		"by a prefix in capitals": {input: in{"Filters": []in{{"Key": "name", "Values": []string{"B"}}}}, want: ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newClient(t)
				for _, name := range []string{"b2", "gone", "a1", "b1", "b3"} {
					c.create(name, "v")
					time.Sleep(time.Second)
				}
				c.must("DeleteSecret", in{"SecretId": "gone"})
				for _, most := range []int{100, 2, 1} {
					var names []string
					input := in{"MaxResults": most}
					maps.Copy(input, tt.input)
					for {
						out := c.must("ListSecrets", input)
						for _, s := range out.SecretList {
							names = append(names, s.Name)
							if len(s.SecretVersionsToStages) != 1 || s.ARN == "" || s.SecretString != "" {
								t.Errorf("listed %+v", s)
							}
						}
						if input["NextToken"] = out.NextToken; out.NextToken == "" {
							break
						}
					}
					if got := strings.Join(names, " "); got != tt.want {
						t.Errorf("%d at a time: %q, want %q", most, got, tt.want)
					}
				}
			})
		})
	}
}

func TestAListThatIsRefused(t *testing.T) {
	c := newClient(t)
	for name, tt := range map[string]struct {
		input in
		code  string
	}{
		"of no secret":                 {in{"MaxResults": 0}, "InvalidParameterException"},
		"of 101":                       {in{"MaxResults": 101}, "InvalidParameterException"},
		"after a token that is none":   {in{"NextToken": "%"}, "InvalidNextTokenException"},
		"by a filter without a value":  {in{"Filters": []in{{"Key": "name", "Values": []string{}}}}, "InvalidParameterException"},
		"by a filter of eleven values": {in{"Filters": []in{{"Key": "name", "Values": make([]string, 11)}}}, "InvalidParameterException"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.try("ListSecrets", tt.input)
			client{t, c.s}.wantCode(err, tt.code)
		})
	}
}

func TestReadingMany(t *testing.T) {
	c := newClient(t)
	a := c.create("a", "1")
	c.create("b", "2")
	c.must("CreateSecret", in{"Name": "empty", "ClientRequestToken": token(1)})
	c.create("leaving", "v")
	c.must("DeleteSecret", in{"SecretId": "leaving"})

	out := c.must("BatchGetSecretValue", in{"SecretIdList": []string{"b", "none", a.ARN, "empty", "leaving"}})
	var got []string
	for _, v := range out.SecretValues {
		got = append(got, v.Name+"="+v.SecretString)
	}
	for _, e := range out.Errors {
		got = append(got, e.SecretID+" "+e.ErrorCode)
	}
	want := []string{"b=2", "a=1", "none ResourceNotFoundException", "empty ResourceNotFoundException", "leaving InvalidRequestException"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}

	out = c.must("BatchGetSecretValue", in{"Filters": []in{{"Key": "name", "Values": []string{"a", "b"}}}, "MaxResults": 1})
	if len(out.SecretValues) != 1 || out.SecretValues[0].Name != "a" || out.NextToken == "" {
		t.Errorf("first page %+v", out)
	}
	out = c.must("BatchGetSecretValue", in{"Filters": []in{{"Key": "name", "Values": []string{"a", "b"}}}, "NextToken": out.NextToken})
	if len(out.SecretValues) != 1 || out.SecretValues[0].Name != "b" || out.NextToken != "" {
		t.Errorf("second page %+v", out)
	}
	for _, input := range []in{
		{}, {"SecretIdList": make([]string, 21)}, {"SecretIdList": []string{"a"}, "MaxResults": 1},
		{"SecretIdList": []string{"a"}, "Filters": []in{{"Key": "name", "Values": []string{"a"}}}},
		{"Filters": []in{{"Key": "name", "Values": []string{"a"}}}, "MaxResults": 21},
	} {
		_, err := c.try("BatchGetSecretValue", input)
		c.wantCode(err, "InvalidParameterException")
	}
}

package secretsmanager

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestLabelsMoveWithEachValue(t *testing.T) {
	c := newClient(t)
	c.create("s", "one")
	c.wantLabels("s", "1 AWSCURRENT")
	if out := c.put("s", 2, "two"); out.VersionId != token(2) || !slices.Equal(out.VersionStages, []string{"AWSCURRENT"}) {
		t.Errorf("answer %+v", out)
	}
	c.put("s", 3, "three")
	c.wantLabels("s", "2 AWSPREVIOUS, 3 AWSCURRENT")
	if got := c.must("GetSecretValue", in{"SecretId": "s", "VersionId": token(1)}).SecretString; got != "one" {
		t.Errorf("the deprecated version is %q", got)
	}
	c.put("s", 4, "four", "AWSPENDING", "MINE")
	c.wantLabels("s", "2 AWSPREVIOUS, 3 AWSCURRENT, 4 AWSPENDING MINE")
	c.put("s", 5, "five", "AWSCURRENT", "MINE")
	c.wantLabels("s", "3 AWSPREVIOUS, 4 AWSPENDING, 5 AWSCURRENT MINE")
	if got := c.get("s"); got != "five" {
		t.Errorf("the current value is %q", got)
	}
}

func TestTheFirstVersionIsCurrentWhateverItIsCalled(t *testing.T) {
	c := newClient(t)
	c.must("CreateSecret", in{"Name": "s", "ClientRequestToken": token(1)})
	_, err := c.try("GetSecretValue", in{"SecretId": "s"})
	c.wantCode(err, "ResourceNotFoundException")
	c.put("s", 2, "v", "AWSPENDING")
	c.wantLabels("s", "2 AWSCURRENT AWSPENDING")
}

func TestMovingALabel(t *testing.T) {
	const started = "1 AWSPREVIOUS, 2 AWSCURRENT, 3 AWSPENDING"
	tests := map[string]struct {
		label    string
		from, to int
		want     string
		problem  string
	}{
		"the rotation's end":                         {label: "AWSCURRENT", from: 2, to: 3, want: "2 AWSPREVIOUS, 3 AWSCURRENT AWSPENDING"},
		"back to the previous one":                   {label: "AWSCURRENT", from: 2, to: 1, want: "1 AWSCURRENT, 2 AWSPREVIOUS, 3 AWSPENDING"},
		"without saying where it is":                 {label: "AWSCURRENT", to: 3, want: started, problem: "InvalidParameterException"},
		"saying that it is elsewhere":                {label: "AWSCURRENT", from: 1, to: 3, want: started, problem: "InvalidParameterException"},
		"to where it is":                             {label: "AWSCURRENT", to: 2, want: started},
		"a new one":                                  {label: "MINE", to: 1, want: "1 AWSPREVIOUS MINE, 2 AWSCURRENT, 3 AWSPENDING"},
		"away":                                       {label: "AWSPENDING", from: 3, want: "1 AWSPREVIOUS, 2 AWSCURRENT"},
		"away, where it is not":                      {label: "AWSPENDING", from: 2, want: started, problem: "InvalidParameterException"},
		"away, which the current one may not":        {label: "AWSCURRENT", from: 2, want: started, problem: "InvalidParameterException"},
		"to a version that is not there":             {label: "AWSCURRENT", from: 2, to: 9, want: started, problem: "ResourceNotFoundException"},
		"from a version that is not there":           {label: "AWSCURRENT", from: 9, to: 3, want: started, problem: "ResourceNotFoundException"},
		"neither from nor to":                        {label: "AWSCURRENT", want: started, problem: "InvalidParameterException"},
		"a label without a name":                     {to: 1, want: started, problem: "ValidationException"},
		"a label of 257 letters":                     {label: strings.Repeat("l", 257), to: 1, want: started, problem: "ValidationException"},
		"one that has the version already, from it":  {label: "AWSPENDING", from: 3, to: 3, want: started},
		"one that no version has, from some version": {label: "MINE", from: 1, to: 2, want: started, problem: "InvalidParameterException"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := newClient(t)
			c.create("s", "one")
			c.put("s", 2, "two")
			c.put("s", 3, "three", "AWSPENDING")
			c.wantLabels("s", started)
			input := in{"SecretId": "s", "VersionStage": tt.label}
			if tt.from > 0 {
				input["RemoveFromVersionId"] = token(tt.from)
			}
			if tt.to > 0 {
				input["MoveToVersionId"] = token(tt.to)
			}
			_, err := c.try("UpdateSecretVersionStage", input)
			c.wantCode(err, tt.problem)
			c.wantLabels("s", tt.want)
		})
	}
}

func TestAVersionHasUpToTwentyLabels(t *testing.T) {
	c := newClient(t)
	c.create("s", "v")
	for i := range 19 {
		c.must("UpdateSecretVersionStage", in{"SecretId": "s", "VersionStage": fmt.Sprint("L", i), "MoveToVersionId": token(1)})
	}
	_, err := c.try("UpdateSecretVersionStage", in{"SecretId": "s", "VersionStage": "L19", "MoveToVersionId": token(1)})
	c.wantCode(err, "LimitExceededException")
	_, err = c.try("PutSecretValue", in{"SecretId": "s", "SecretString": "w", "ClientRequestToken": token(2), "VersionStages": make([]string, 21)})
	c.wantCode(err, "ValidationException")
	_, err = c.try("PutSecretValue", in{"SecretId": "s", "SecretString": "w", "ClientRequestToken": token(2), "VersionStages": []string{}})
	c.wantCode(err, "ValidationException")
}

func TestASecretKeepsAHundredVersions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t)
		c.create("s", "v1")
		for n := 2; n <= 100; n++ {
			time.Sleep(time.Second)
			c.put("s", n, "v")
		}
		_, err := c.try("PutSecretValue", in{"SecretId": "s", "SecretString": "w", "ClientRequestToken": token(101)})
		c.wantCode(err, "LimitExceededException")
		time.Sleep(24 * time.Hour)
		c.put("s", 101, "w")
		_, err = c.try("GetSecretValue", in{"SecretId": "s", "VersionId": token(1)})
		c.wantCode(err, "ResourceNotFoundException")
		c.wantLabels("s", "100 AWSPREVIOUS, 101 AWSCURRENT")
	})
}

func TestManyPutAtOnce(t *testing.T) {
	c := newClient(t)
	c.create("s", "v")
	var all sync.WaitGroup
	for n := 2; n <= 17; n++ {
		all.Go(func() { c.put("s", n, fmt.Sprint("v", n)) })
	}
	all.Wait()
	labels := c.must("DescribeSecret", in{"SecretId": "s"}).VersionIdsToStages
	count := map[string]int{}
	for _, of := range labels {
		for _, label := range of {
			count[label]++
		}
	}
	if len(labels) != 2 || count["AWSCURRENT"] != 1 || count["AWSPREVIOUS"] != 1 {
		t.Errorf("labels %v", labels)
	}
}

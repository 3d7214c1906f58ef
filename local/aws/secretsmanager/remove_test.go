package secretsmanager

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestASecretMadeAgainHasAnotherARN(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t)
		first := c.create("s", "v")
		c.must("DeleteSecret", in{"SecretId": "s", "ForceDeleteWithoutRecovery": true})
		time.Sleep(time.Second)
		if again := c.create("s", "v"); again.ARN == first.ARN {
			t.Errorf("both have %s", again.ARN)
		}
	})
}

func TestDeletingWithARecoveryWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t)
		c.create("s", "v")
		end := time.Now().Add(7 * 24 * time.Hour)
		if out := c.must("DeleteSecret", in{"SecretId": "s", "RecoveryWindowInDays": 7}); out.DeletionDate != float64(end.Unix()) {
			t.Errorf("deletion date %v", out.DeletionDate)
		}
		for action, more := range map[string]in{
			"GetSecretValue": {}, "PutSecretValue": {"SecretString": "x", "ClientRequestToken": token(5)}, "UpdateSecret": {"ClientRequestToken": token(5)},
			"UpdateSecretVersionStage": {"VersionStage": "X", "MoveToVersionId": token(1)}, "TagResource": {"Tags": []in{}}, "DeleteSecret": {},
		} {
			more["SecretId"] = "s"
			_, err := c.try(action, more)
			c.wantCode(err, "InvalidRequestException")
		}
		if d := c.must("DescribeSecret", in{"SecretId": "s"}); d.DeletedDate != float64(end.Unix()) {
			t.Errorf("described %+v", d)
		}
		time.Sleep(7*24*time.Hour - time.Second)
		c.must("RestoreSecret", in{"SecretId": "s"})
		if got := c.get("s"); got != "v" {
			t.Errorf("restored value %q", got)
		}
		c.must("DeleteSecret", in{"SecretId": "s"})
		time.Sleep(30 * 24 * time.Hour)
		_, err := c.try("RestoreSecret", in{"SecretId": "s"})
		c.wantCode(err, "ResourceNotFoundException")
		c.create("s", "new")
	})
}

func TestDeletingAtOnce(t *testing.T) {
	tests := map[string]struct {
		input   in
		problem string
	}{
		"by force":                         {input: in{"SecretId": "s", "ForceDeleteWithoutRecovery": true}},
		"by force, what is marked":         {input: in{"SecretId": "leaving", "ForceDeleteWithoutRecovery": true}},
		"by force, what is not there":      {input: in{"SecretId": "none", "ForceDeleteWithoutRecovery": true}},
		"by force, and with a window":      {input: in{"SecretId": "s", "ForceDeleteWithoutRecovery": true, "RecoveryWindowInDays": 7}, problem: "InvalidParameterException"},
		"with a window of 6 days":          {input: in{"SecretId": "s", "RecoveryWindowInDays": 6}, problem: "InvalidParameterException"},
		"with a window of 31 days":         {input: in{"SecretId": "s", "RecoveryWindowInDays": 31}, problem: "InvalidParameterException"},
		"with a window, what is not there": {input: in{"SecretId": "none"}, problem: "ResourceNotFoundException"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := newClient(t)
			c.create("s", "v")
			c.create("leaving", "v")
			c.must("DeleteSecret", in{"SecretId": "leaving"})
			_, err := c.try("DeleteSecret", tt.input)
			c.wantCode(err, tt.problem)
			if tt.problem == "" {
				_, err = c.try("DescribeSecret", in{"SecretId": tt.input["SecretId"]})
				c.wantCode(err, "ResourceNotFoundException")
			}
		})
	}
}

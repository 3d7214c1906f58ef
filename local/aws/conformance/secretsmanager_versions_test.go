package conformance

import (
	"fmt"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

// S04: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
// and https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html#term_version
func TestS04PuttingMovesTheLabels(t *testing.T) {
	everywhere(t, "secretsmanager", "S04", func(t *testing.T, e endpoint) {
		v := newVault(t, e)
		name := v.secret("1")
		v.wantLabels(name, "one AWSCURRENT")
		v.ok(v.put(name, "two", "2"))
		v.wantLabels(name, "one AWSPREVIOUS, two AWSCURRENT")
		v.ok(v.put(name, "zee", "3"))
		v.wantLabels(name, "two AWSPREVIOUS, zee AWSCURRENT")
		v.wantValue(name, "3")
	})
}

// S05: as S04 (VersionStages).
func TestS05AnotherLabelLeavesTheCurrentValue(t *testing.T) {
	everywhere(t, "secretsmanager", "S05", func(t *testing.T, e endpoint) {
		v := newVault(t, e)
		name := v.secret("1")
		v.ok(v.put(name, "two", "2", "AWSPENDING"))
		v.wantLabels(name, "one AWSCURRENT, two AWSPENDING")
		v.wantValue(name, "1")
		if got, err := v.get(secretsmanager.GetSecretValueInput{SecretId: &name, VersionStage: aws.String("AWSPENDING")}); got != "2" {
			t.Errorf("the pending value is %q (%v)", got, err)
		}
	})
}

// S06: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html
func TestS06RotatingByHand(t *testing.T) {
	everywhere(t, "secretsmanager", "S06", func(t *testing.T, e endpoint) {
		v := newVault(t, e)
		name := v.secret("1")
		v.ok(v.put(name, "two", "2", "AWSPENDING"))
		v.ok(v.move(name, "AWSCURRENT", "one", "two"))
		v.wantLabels(name, "one AWSPREVIOUS, two AWSCURRENT AWSPENDING")
		v.wantValue(name, "2")
		v.ok(v.move(name, "AWSPENDING", "two", ""))
		v.wantLabels(name, "one AWSPREVIOUS, two AWSCURRENT")
	})
}

// S07: as S06 ("If this parameter is not specified, or if the version ID that is
// specified does not match, then the operation fails").
func TestS07MovingALabelNeedsToSayFromWhere(t *testing.T) {
	everywhere(t, "secretsmanager", "S07", func(t *testing.T, e endpoint) {
		v := newVault(t, e)
		name := v.secret("1")
		v.ok(v.put(name, "two", "2", "AWSPENDING"))
		as[*types.InvalidParameterException](t, v.move(name, "AWSCURRENT", "", "two"))
		as[*types.InvalidParameterException](t, v.move(name, "AWSCURRENT", "two", "two"))
		v.wantLabels(name, "one AWSCURRENT, two AWSPENDING")
	})
}

// S08: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
// (ClientRequestToken).
func TestS08TheSameTokenTwice(t *testing.T) {
	everywhere(t, "secretsmanager", "S08", func(t *testing.T, e endpoint) {
		v := newVault(t, e)
		name := v.secret("1")
		v.ok(v.put(name, "two", "2"))
		v.ok(v.put(name, "two", "2"))
		v.ok(v.put(name, "one", "1"))
		v.wantLabels(name, "one AWSPREVIOUS, two AWSCURRENT")
		as[*types.ResourceExistsException](t, v.put(name, "two", "3"))
		v.wantValue(name, "2")
	})
}

// S14: as S04 (the first version is current whatever it is called).
func TestS14ASecretWithoutAValue(t *testing.T) {
	everywhere(t, "secretsmanager", "S14", func(t *testing.T, e endpoint) {
		v := newVault(t, e)
		name := v.secret("")
		_, err := v.get(secretsmanager.GetSecretValueInput{SecretId: &name})
		as[*types.ResourceNotFoundException](t, err)
		v.ok(v.put(name, "two", "2"))
		v.wantLabels(name, "two AWSCURRENT")
	})
}

// S18: as S04, under concurrency.
func TestS18ManyPutAtOnce(t *testing.T) {
	everywhere(t, "secretsmanager", "S18", func(t *testing.T, e endpoint) {
		v := newVault(t, e)
		name := v.secret("0")
		const writers = 16
		for i := range writers {
			v.token(fmt.Sprint(i)) // the map of names is not for concurrent use
		}
		var all sync.WaitGroup
		for i := range writers {
			all.Go(func() {
				if err := v.put(name, fmt.Sprint(i), fmt.Sprint(i)); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		out, err := v.DescribeSecret(v.ctx, &secretsmanager.DescribeSecretInput{SecretId: &name})
		v.ok(err)
		count := map[string]int{}
		for _, labels := range out.VersionIdsToStages {
			for _, label := range labels {
				count[label]++
			}
		}
		if count["AWSCURRENT"] != 1 || count["AWSPREVIOUS"] != 1 || len(count) != 2 {
			t.Errorf("labels %v", out.VersionIdsToStages)
		}
		for i := range writers {
			got, err := v.get(secretsmanager.GetSecretValueInput{SecretId: &name, VersionId: v.token(fmt.Sprint(i))})
			if err != nil || got != fmt.Sprint(i) {
				t.Errorf("version %d is %q (%v)", i, got, err)
			}
		}
	})
}

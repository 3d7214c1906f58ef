package conformance

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

// S01: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
func TestS01CreatingAndReading(t *testing.T) {
	everywhere(t, "secretsmanager", "S01", func(t *testing.T, e endpoint) {
		v := newVault(t, e)
		name := v.secret("s3cret é")
		out, err := v.GetSecretValue(v.ctx, &secretsmanager.GetSecretValueInput{SecretId: &name})
		v.ok(err)
		if !regexp.MustCompile(`^arn:aws:secretsmanager:us-east-1:\d{12}:secret:` + regexp.QuoteMeta(name) + `-[A-Za-z0-9]{6}$`).MatchString(*out.ARN) {
			t.Errorf("ARN %s", *out.ARN)
		}
		if *out.VersionId != v.versions["one"] || !slices.Equal(out.VersionStages, []string{"AWSCURRENT"}) || *out.SecretString != "s3cret é" {
			t.Errorf("value %+v", out)
		}
		if age := time.Since(*out.CreatedDate); age < -time.Minute || age > time.Minute {
			t.Errorf("created %v", out.CreatedDate)
		}
		v.wantValue(*out.ARN, "s3cret é")
	})
}

// S02: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
func TestS02WhatIsNotThere(t *testing.T) {
	everywhere(t, "secretsmanager", "S02", func(t *testing.T, e endpoint) {
		v := newVault(t, e)
		name := v.secret("1")
		for _, in := range []secretsmanager.GetSecretValueInput{
			{SecretId: aws.String("conformance/none")},
			{SecretId: &name, VersionStage: aws.String("AWSPENDING")},
			{SecretId: &name, VersionId: v.token("none")},
		} {
			_, err := v.get(in)
			as[*types.ResourceNotFoundException](t, err)
		}
		as[*types.ResourceNotFoundException](t, v.put("conformance/none", "two", "2"))
	})
}

// S03: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
func TestS03CreatingTwice(t *testing.T) {
	everywhere(t, "secretsmanager", "S03", func(t *testing.T, e endpoint) {
		v := newVault(t, e)
		name := v.secret("1")
		_, err := v.CreateSecret(v.ctx, &secretsmanager.CreateSecretInput{Name: &name, SecretString: aws.String("2"), ClientRequestToken: v.token("two")})
		as[*types.ResourceExistsException](t, err)
		v.wantValue(name, "1")
	})
}

// S09: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html
// and …/API_RestoreSecret.html
func TestS09DeletingWithARecoveryWindow(t *testing.T) {
	everywhere(t, "secretsmanager", "S09", func(t *testing.T, e endpoint) {
		v := newVault(t, e)
		name := v.secret("1")
		out, err := v.DeleteSecret(v.ctx, &secretsmanager.DeleteSecretInput{SecretId: &name, RecoveryWindowInDays: aws.Int64(7)})
		v.ok(err)
		if left := time.Until(*out.DeletionDate); left < 7*24*time.Hour-time.Minute || left > 7*24*time.Hour+time.Minute {
			t.Errorf("to be deleted in %v", left)
		}
		_, err = v.get(secretsmanager.GetSecretValueInput{SecretId: &name})
		as[*types.InvalidRequestException](t, err)
		as[*types.InvalidRequestException](t, v.put(name, "two", "2"))
		_, err = v.CreateSecret(v.ctx, &secretsmanager.CreateSecretInput{Name: &name, SecretString: aws.String("3")})
		as[*types.InvalidRequestException](t, err)
		_, err = v.RestoreSecret(v.ctx, &secretsmanager.RestoreSecretInput{SecretId: &name})
		v.ok(err)
		v.wantValue(name, "1")
	})
}

// S10: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html
func TestS10DeletingAtOnce(t *testing.T) {
	everywhere(t, "secretsmanager", "S10", func(t *testing.T, e endpoint) {
		v := newVault(t, e)
		name := v.secret("1")
		for _, in := range []secretsmanager.DeleteSecretInput{
			{SecretId: &name, RecoveryWindowInDays: aws.Int64(6)},
			{SecretId: &name, RecoveryWindowInDays: aws.Int64(7), ForceDeleteWithoutRecovery: aws.Bool(true)},
		} {
			_, err := v.DeleteSecret(v.ctx, &in)
			as[*types.InvalidParameterException](t, err)
		}
		v.force(name)
		_, err := v.get(secretsmanager.GetSecretValueInput{SecretId: &name})
		as[*types.ResourceNotFoundException](t, err)
		_, err = v.CreateSecret(v.ctx, &secretsmanager.CreateSecretInput{Name: &name, SecretString: aws.String("2"), ClientRequestToken: v.token("two")})
		v.ok(err)
		v.wantValue(name, "2")
		v.force(name)
		v.force(name) // also when it is not there
	})
}

// S11: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html
func TestS11ReadingMany(t *testing.T) {
	everywhere(t, "secretsmanager", "S11", func(t *testing.T, e endpoint) {
		v := newVault(t, e)
		a, b := v.secret("1"), v.secret("2")
		out, err := v.BatchGetSecretValue(v.ctx, &secretsmanager.BatchGetSecretValueInput{SecretIdList: []string{a, "conformance/none", b}})
		v.ok(err)
		got := map[string]string{}
		for _, s := range out.SecretValues {
			got[*s.Name] = *s.SecretString
		}
		if len(got) != 2 || got[a] != "1" || got[b] != "2" {
			t.Errorf("values %v", got)
		}
		if len(out.Errors) != 1 || *out.Errors[0].SecretId != "conformance/none" || !strings.HasPrefix(*out.Errors[0].ErrorCode, "ResourceNotFound") {
			t.Errorf("errors %+v", out.Errors)
		}
	})
}

// S13: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecret.html
// and …/API_DescribeSecret.html
func TestS13BytesUpdatesAndDescriptions(t *testing.T) {
	everywhere(t, "secretsmanager", "S13", func(t *testing.T, e endpoint) {
		v := newVault(t, e)
		name := v.secret("1")
		_, err := v.UpdateSecret(v.ctx, &secretsmanager.UpdateSecretInput{
			SecretId: &name, SecretBinary: []byte{0, 1, 255}, Description: aws.String("bytes"), KmsKeyId: aws.String("alias/mine"), ClientRequestToken: v.token("two"),
		})
		v.ok(err)
		_, err = v.TagResource(v.ctx, &secretsmanager.TagResourceInput{SecretId: &name, Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("a")}}})
		v.ok(err)
		value, err := v.GetSecretValue(v.ctx, &secretsmanager.GetSecretValueInput{SecretId: &name})
		v.ok(err)
		if !slices.Equal(value.SecretBinary, []byte{0, 1, 255}) || value.SecretString != nil || *value.VersionId != v.versions["two"] {
			t.Errorf("value %+v", value)
		}
		v.wantLabels(name, "one AWSPREVIOUS, two AWSCURRENT")
		d, err := v.DescribeSecret(v.ctx, &secretsmanager.DescribeSecretInput{SecretId: &name})
		v.ok(err)
		if aws.ToString(d.Description) != "bytes" || aws.ToString(d.KmsKeyId) != "alias/mine" || len(d.Tags) != 1 || *d.Tags[0].Key != "team" {
			t.Errorf("described %+v", d)
		}
		if d.CreatedDate == nil || d.LastChangedDate == nil || d.DeletedDate != nil || d.LastChangedDate.Before(*d.CreatedDate) {
			t.Errorf("created %v, changed %v, deleted %v", d.CreatedDate, d.LastChangedDate, d.DeletedDate)
		}
	})
}

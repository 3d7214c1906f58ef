package secret

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

// Version is the value that a secret has under a version's id, or its current one
// where version is empty, and the id of the version that it is.
func (m *Manager) Version(ctx context.Context, id, version string) (value, is string, err error) {
	in := &secretsmanager.GetSecretValueInput{SecretId: aws.String(id)}
	if version != "" {
		in.VersionId = aws.String(version)
	}
	out, err := m.client.GetSecretValue(ctx, in)
	if err != nil {
		return "", "", fmt.Errorf("read secret %s: %w", id, err)
	}
	return aws.ToString(out.SecretString), aws.ToString(out.VersionId), nil
}

// Put makes value the secret's current one, under a version id of 32 to 64
// characters that the caller chooses. Where the secret has a version of that id
// nothing changes, neither its value nor which version is current: whoever comes
// late with it does no harm. Secrets Manager remembers ids for a day at least.
func (m *Manager) Put(ctx context.Context, id, version, value string) error {
	_, err := m.client.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
		SecretId: aws.String(id), ClientRequestToken: aws.String(version), SecretString: aws.String(value),
	})
	return written(err, id)
}

// Create makes a secret with a first value. One of that name that is there stays
// as it is. kmsKey is the key that encrypts it; empty is the account's own.
func (m *Manager) Create(ctx context.Context, id, kmsKey, description, value string) error {
	in := &secretsmanager.CreateSecretInput{Name: aws.String(id), Description: aws.String(description), SecretString: aws.String(value)}
	if kmsKey != "" {
		in.KmsKeyId = aws.String(kmsKey)
	}
	_, err := m.client.CreateSecret(ctx, in)
	return written(err, id)
}

// written is nil where Secrets Manager says that there is one already.
func written(err error, id string) error {
	var exists *types.ResourceExistsException
	if err == nil || errors.As(err, &exists) {
		return nil
	}
	return fmt.Errorf("write secret %s: %w", id, err)
}

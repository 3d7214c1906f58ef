package provision

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"fulcrum/local/template"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

// secret makes a secret with its first value. One that is there keeps its value.
func (c Clients) secret(ctx context.Context, s template.Secret) (map[string]string, error) {
	found, err := c.Secrets.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &s.Name})
	var missing *types.ResourceNotFoundException
	switch {
	case err == nil && found.DeletedDate != nil:
		return nil, fmt.Errorf("the secret %s is scheduled for deletion", s.Name)
	case err == nil:
		return map[string]string{"": *found.ARN, "Id": *found.ARN}, nil
	case !errors.As(err, &missing):
		return nil, fmt.Errorf("look for the secret %s: %w", s.Name, err)
	}
	in := &secretsmanager.CreateSecretInput{Name: &s.Name, SecretString: s.String}
	if s.Description != "" {
		in.Description = &s.Description
	}
	if s.Generate != nil {
		value, err := generate(*s.Generate)
		if err != nil {
			return nil, fmt.Errorf("generate the secret %s: %w", s.Name, err)
		}
		in.SecretString = &value
	}
	made, err := c.Secrets.CreateSecret(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("make the secret %s: %w", s.Name, err)
	}
	return map[string]string{"": *made.ARN, "Id": *made.ARN}, nil
}

// generate makes the value of a secret: a password, or a JSON object with the
// password under a key. Source: Secrets Manager API reference,
// "GetRandomPassword".
func generate(g template.GenerateSecretString) (string, error) {
	password, err := newPassword(g)
	if err != nil || g.SecretStringTemplate == "" && g.GenerateStringKey == "" {
		return password, err
	}
	var object map[string]any
	if err := json.Unmarshal([]byte(g.SecretStringTemplate), &object); err != nil || g.GenerateStringKey == "" {
		return "", errors.New("SecretStringTemplate is a JSON object, and GenerateStringKey its new member")
	}
	object[g.GenerateStringKey] = password
	text, err := json.Marshal(object)
	return string(text), err
}

func newPassword(g template.GenerateSecretString) (string, error) {
	if g.PasswordLength < 1 || g.PasswordLength > 4096 {
		return "", errors.New("PasswordLength is 1 to 4096")
	}
	kinds := alphabets(g)
	all := strings.Join(kinds, "")
	if all == "" {
		return "", errors.New("every character is excluded")
	}
	if !g.RequireEachIncludedType {
		kinds = nil
	}
	if len(kinds) > g.PasswordLength {
		return "", fmt.Errorf("PasswordLength %d is too short for one character of each kind", g.PasswordLength)
	}
	// Drawing until it fits leaves all passwords that fit equally likely.
	for {
		password, err := draw(all, g.PasswordLength)
		if err != nil || hasEach(password, kinds) {
			return password, err
		}
	}
}

// alphabets are the characters of each kind that is included.
func alphabets(g template.GenerateSecretString) []string {
	var out []string
	for _, kind := range []struct {
		excluded   bool
		characters string
	}{
		{g.ExcludeLowercase, "abcdefghijklmnopqrstuvwxyz"},
		{g.ExcludeUppercase, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
		{g.ExcludeNumbers, "0123456789"},
		{g.ExcludePunctuation, "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"},
		{!g.IncludeSpace, " "},
	} {
		left := strings.Map(func(r rune) rune {
			if strings.ContainsRune(g.ExcludeCharacters, r) {
				return -1
			}
			return r
		}, kind.characters)
		if !kind.excluded && left != "" {
			out = append(out, left)
		}
	}
	return out
}

func draw(characters string, length int) (string, error) {
	out := make([]byte, length)
	for i := range out {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(characters))))
		if err != nil {
			return "", err
		}
		out[i] = characters[n.Int64()]
	}
	return string(out), nil
}

func hasEach(password string, kinds []string) bool {
	for _, kind := range kinds {
		if !strings.ContainsAny(password, kind) {
			return false
		}
	}
	return true
}

package provision

import (
	"regexp"
	"strings"
	"testing"

	"fulcrum/local/template"
)

func TestSecretsAreGeneratedAsTheTemplateSays(t *testing.T) {
	tests := map[string]struct {
		generate template.GenerateSecretString
		want     string // an expression
		problem  string
	}{
		"by default": {template.GenerateSecretString{PasswordLength: 32, RequireEachIncludedType: true}, `^[!-~]{32}$`, ""},
		"one of each kind in the shortest password": {template.GenerateSecretString{PasswordLength: 4, RequireEachIncludedType: true}, `^[!-~]{4}$`, ""},
		"letters and digits":                        {template.GenerateSecretString{PasswordLength: 200, ExcludePunctuation: true}, `^[a-zA-Z0-9]{200}$`, ""},
		"digits alone":                              {template.GenerateSecretString{PasswordLength: 6, ExcludePunctuation: true, ExcludeLowercase: true, ExcludeUppercase: true}, `^[0-9]{6}$`, ""},
		"without some characters":                   {template.GenerateSecretString{PasswordLength: 500, ExcludePunctuation: true, ExcludeUppercase: true, ExcludeNumbers: true, ExcludeCharacters: "aeiou"}, `^[b-df-hj-np-tv-z]{500}$`, ""},
		"with spaces":                               {template.GenerateSecretString{PasswordLength: 3, IncludeSpace: true, RequireEachIncludedType: true, ExcludePunctuation: true, ExcludeLowercase: true, ExcludeUppercase: true}, `^[0-9 ]* [0-9 ]*$`, ""},
		"in an object":                              {template.GenerateSecretString{PasswordLength: 8, ExcludePunctuation: true, SecretStringTemplate: `{"keys":[]}`, GenerateStringKey: "seed"}, `^{"keys":\[\],"seed":"[a-zA-Z0-9]{8}"}$`, ""},
		"a template without a key":                  {template.GenerateSecretString{PasswordLength: 8, SecretStringTemplate: `{}`}, "", "SecretStringTemplate is a JSON object, and GenerateStringKey its new member"},
		"a template that is no object":              {template.GenerateSecretString{PasswordLength: 8, SecretStringTemplate: `[]`, GenerateStringKey: "a"}, "", "SecretStringTemplate is a JSON object, and GenerateStringKey its new member"},
		"too short for each kind":                   {template.GenerateSecretString{PasswordLength: 3, RequireEachIncludedType: true}, "", "PasswordLength 3 is too short for one character of each kind"},
		"no length":                                 {template.GenerateSecretString{}, "", "PasswordLength is 1 to 4096"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := generate(tt.generate)
			if tt.problem != "" {
				if err == nil || err.Error() != tt.problem {
					t.Fatalf("got %v", err)
				}
				return
			}
			if err != nil || !regexp.MustCompile(tt.want).MatchString(got) {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestEachKindIsInAGeneratedPasswordAndNoTwoAreEqual(t *testing.T) {
	seen := map[string]bool{}
	for range 200 {
		got, err := newPassword(template.GenerateSecretString{PasswordLength: 8, RequireEachIncludedType: true})
		if err != nil || seen[got] {
			t.Fatalf("%q again, %v", got, err)
		}
		seen[got] = true
		for _, kind := range alphabets(template.GenerateSecretString{}) {
			if !strings.ContainsAny(got, kind) {
				t.Fatalf("%q has none of %s", got, kind)
			}
		}
	}
}

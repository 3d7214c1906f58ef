package dynamodb

import (
	"fmt"
	"slices"
	"strings"

	"fulcrum/local/aws/wire"
)

// constraint is the error of a member that breaks a rule of the service's
// model. It names the first such member.
func constraint(value any, member, rule string, args ...any) *wire.Error {
	return invalid("1 validation error detected: Value '%v' at '%s' failed to satisfy constraint: %s", value, member, fmt.Sprintf(rule, args...))
}

func missing(member string) *wire.Error {
	return invalid("1 validation error detected: Value null at '%s' failed to satisfy constraint: Member must not be null", member)
}

// checkTableName refuses what can be no table's name.
func checkTableName(name string) error {
	if strings.HasPrefix(name, "arn:") {
		return wire.NotSupported("a table called by its ARN")
	}
	return checkName(name, "tableName", 1)
}

const nameCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"

func checkName(name, member string, shortest int) error {
	switch {
	case name == "":
		return missing(member)
	case strings.Trim(name, nameCharacters) != "":
		return constraint(name, member, "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+")
	case len(name) < shortest:
		return constraint(name, member, "Member must have length greater than or equal to %d", shortest)
	case len(name) > 255:
		return constraint(name, member, "Member must have length less than or equal to 255")
	}
	return nil
}

// checkChoice refuses a value that is none of the model's.
func checkChoice(value, member string, choices ...string) error {
	if value != "" && !slices.Contains(choices, value) {
		return constraint(value, member, "Member must satisfy enum value set: [%s]", strings.Join(choices, ", "))
	}
	return nil
}

// first is the first error of some checks.
func first(checks ...error) error {
	for _, err := range checks {
		if err != nil {
			return err
		}
	}
	return nil
}

// message is what an error says to the client.
func message(err error) string {
	if e, ok := err.(*wire.Error); ok {
		return e.Message
	}
	return err.Error()
}

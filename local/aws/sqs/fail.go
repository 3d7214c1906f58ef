package sqs

import (
	"fmt"

	"fulcrum/local/aws/wire"
)

// SQS spoke the query protocol before it spoke JSON. An error still has its name
// of then, which clients report as its code, in wire.Error.Query. The pairs are
// those of the service's model (trait awsQueryError) and of recorded answers.

func invalid(format string, args ...any) *wire.Error {
	return &wire.Error{Code: "InvalidParameterValueException", Query: "InvalidParameterValue", Message: fmt.Sprintf(format, args...)}
}

// invalidValue is the sentence in which SQS refuses a parameter's value.
func invalidValue(value any, parameter, reason string) *wire.Error {
	return invalid("Value %v for parameter %s is invalid. Reason: %s", value, parameter, reason)
}

func missing(parameter string) *wire.Error {
	return &wire.Error{Code: "MissingRequiredParameterException", Query: "MissingParameter",
		Message: "The request must contain the parameter " + parameter + "."}
}

func unknownAttribute(name string) *wire.Error {
	return wire.Errorf("InvalidAttributeName", "Unknown Attribute %s.", name)
}

func invalidAttribute(name string) *wire.Error {
	return wire.Errorf("InvalidAttributeValue", "Invalid value for the parameter %s.", name)
}

// named is an error whose name of then is its name of now behind a prefix.
func named(code, format string, args ...any) *wire.Error {
	return &wire.Error{Code: code, Query: "AWS.SimpleQueueService." + code, Message: fmt.Sprintf(format, args...)}
}

func noQueue() *wire.Error {
	return &wire.Error{Code: "QueueDoesNotExist", Query: "AWS.SimpleQueueService.NonExistentQueue",
		Message: "The specified queue does not exist."}
}

func badHandle(handle string) *wire.Error {
	return wire.Errorf("ReceiptHandleIsInvalid", "The input receipt handle %q is not a valid receipt handle.", handle)
}

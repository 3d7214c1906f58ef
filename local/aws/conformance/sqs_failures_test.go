package conformance

// sqsFailures are the checks of SQS and Secrets Manager that moto 5.2.1 does not
// pass.
var sqsFailures = map[string]map[string]string{
	"moto": {
		"Q08": "does not give DeadLetterQueueSourceArn",
		"Q10": "has no StartMessageMoveTask",
		"Q14": "forgets a deduplication id when its message is deleted",
		"Q16": "keeps the deduplication id in the dead-letter queue",
		"Q18": "takes a MessageGroupId with a space in it",
		"S06": "answers the old value after AWSCURRENT has moved",
		"S09": "puts a value into a secret that is marked for deletion",
	},
}

// notAsked are the checks that an endpoint is not asked, because its answer
// differs from run to run: moto loses track when many ask at once.
var notAsked = map[string][]string{"moto": {"Q30", "Q31", "S18"}}

// Command candidate-deleted takes Lever's candidateDeleted webhook: a candidate
// was deleted.
package main

import (
	"fulcrum/shared/boot"
	"fulcrum/shared/lever"
	"fulcrum/shared/webhook"
)

func main() { boot.Main(wire) }

func wire(env *boot.Env) any { return webhook.FromEnv(env, lever.CandidateDeleted).Handle }

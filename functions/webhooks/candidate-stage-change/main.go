// Command candidate-stage-change takes Lever's candidateStageChange webhook: a
// candidate was moved to another stage.
package main

import (
	"fulcrum/shared/boot"
	"fulcrum/shared/lever"
	"fulcrum/shared/webhook"
)

func main() { boot.Main(wire) }

func wire(env *boot.Env) any { return webhook.FromEnv(env, lever.CandidateStageChange).Handle }

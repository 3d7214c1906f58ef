// Command candidate-hired takes Lever's candidateHired webhook: a candidate was
// marked as hired.
package main

import (
	"fulcrum/shared/boot"
	"fulcrum/shared/lever"
	"fulcrum/shared/webhook"
)

func main() { boot.Main(wire) }

func wire(env *boot.Env) any { return webhook.FromEnv(env, lever.CandidateHired).Handle }

// Command candidate-archive-change takes Lever's candidateArchiveChange
// webhook: a candidate was archived, or brought back.
package main

import (
	"fulcrum/shared/boot"
	"fulcrum/shared/lever"
	"fulcrum/shared/webhook"
)

func main() { boot.Main(wire) }

func wire(env *boot.Env) any { return webhook.FromEnv(env, lever.CandidateArchiveChange).Handle }

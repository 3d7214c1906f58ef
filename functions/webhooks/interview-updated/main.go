// Command interview-updated takes Lever's interviewUpdated webhook: an
// interview was changed.
package main

import (
	"fulcrum/shared/boot"
	"fulcrum/shared/lever"
	"fulcrum/shared/webhook"
)

func main() { boot.Main(wire) }

func wire(env *boot.Env) any { return webhook.FromEnv(env, lever.InterviewUpdated).Handle }

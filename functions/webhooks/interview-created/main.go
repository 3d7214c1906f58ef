// Command interview-created takes Lever's interviewCreated webhook: an
// interview was scheduled.
package main

import (
	"fulcrum/shared/boot"
	"fulcrum/shared/lever"
	"fulcrum/shared/webhook"
)

func main() { boot.Main(wire) }

func wire(env *boot.Env) any { return webhook.FromEnv(env, lever.InterviewCreated).Handle }

// Command interview-deleted takes Lever's interviewDeleted webhook: an
// interview was deleted.
package main

import (
	"fulcrum/shared/boot"
	"fulcrum/shared/lever"
	"fulcrum/shared/webhook"
)

func main() { boot.Main(wire) }

func wire(env *boot.Env) any { return webhook.FromEnv(env, lever.InterviewDeleted).Handle }

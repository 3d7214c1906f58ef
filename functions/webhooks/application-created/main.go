// Command application-created takes Lever's applicationCreated webhook:
// somebody applied, or was put on a posting.
package main

import (
	"fulcrum/shared/boot"
	"fulcrum/shared/lever"
	"fulcrum/shared/webhook"
)

func main() { boot.Main(wire) }

func wire(env *boot.Env) any { return webhook.FromEnv(env, lever.ApplicationCreated).Handle }

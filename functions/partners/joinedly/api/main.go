// Command api is Joinedly's own part of /v1.
package main

import (
	"fulcrum/functions/partners/joinedly"
	"fulcrum/shared/boot"
)

func main() { boot.Main(wire) }

func wire(env *boot.Env) any { return joinedly.APIFromEnv(env).Handle }

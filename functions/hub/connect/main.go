// Command connect connects customers' Lever accounts: the set-up routes of /v1,
// and the pages under /connect.
package main

import (
	"fulcrum/functions/partners"
	"fulcrum/shared/boot"
	"fulcrum/shared/connect"
)

func main() { boot.Main(wire) }

func wire(env *boot.Env) any { return connect.FromEnv(env, partners.Named).Handle }

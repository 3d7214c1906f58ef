// Command console shows the pages of the partners' staff, and makes the links with
// which they sign in.
package main

import (
	"fulcrum/functions/partners"
	"fulcrum/shared/boot"
	"fulcrum/shared/console"
)

func main() { boot.Main(wire) }

func wire(env *boot.Env) any { return console.FromEnv(env, partners.Named).Handle }

// Command authorize tells the gateway whose API key a request has.
package main

import (
	"fulcrum/shared/authorize"
	"fulcrum/shared/boot"
)

func main() { boot.Main(wire) }

func wire(env *boot.Env) any { return authorize.FromEnv(env).Handle }

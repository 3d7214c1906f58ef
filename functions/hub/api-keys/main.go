// Command api-keys makes and revokes the partners' API keys for an operator.
package main

import (
	"fulcrum/shared/apikey"
	"fulcrum/shared/boot"
)

func main() { boot.Main(wire) }

func wire(env *boot.Env) any { return apikey.FromEnv(env).Handle }

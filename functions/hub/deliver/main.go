// Command deliver brings documents to the partners' endpoints.
package main

import (
	"fulcrum/shared/boot"
	"fulcrum/shared/delivery"
)

func main() { boot.Main(wire) }

func wire(env *boot.Env) any { return delivery.FromEnv(env).Handle }

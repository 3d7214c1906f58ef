// Command api says what happened to a connection's events and deliveries, and does
// it again.
package main

import (
	"fulcrum/shared/boot"
	"fulcrum/shared/history"
)

func main() { boot.Main(wire) }

func wire(env *boot.Env) any { return history.FromEnv(env).Handle }

// Command reconcile does what the clock asks for.
package main

import (
	"fulcrum/shared/boot"
	"fulcrum/shared/reconcile"
)

func main() { boot.Main(wire) }

func wire(env *boot.Env) any { return reconcile.FromEnv(env).Handle }

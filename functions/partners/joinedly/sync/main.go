// Command sync works off Joinedly's queue.
package main

import (
	"fulcrum/functions/partners/joinedly"
	"fulcrum/shared/boot"
	"fulcrum/shared/worker"
)

func main() { boot.Main(wire) }

func wire(env *boot.Env) any { return worker.FromEnv(env, joinedly.New()).Handle }

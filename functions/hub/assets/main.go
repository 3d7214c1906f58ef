// Command assets serves the pages' static files. It has no rights.
package main

import (
	"fulcrum/shared/boot"
	"fulcrum/shared/frame"
)

func main() { boot.Main(wire) }

func wire(env *boot.Env) any { return frame.AssetsFromEnv(env).Handle }

// Command sync works off Brainner's queue.
package main

import (
	"fulcrum/functions/partners/brainner"
	"fulcrum/shared/boot"
)

func main() { boot.Main(brainner.SyncFromEnv) }

// Command sync works off Joinedly's queue.
package main

import (
	"fulcrum/functions/partners/joinedly"
	"fulcrum/shared/boot"
)

func main() { boot.Main(joinedly.SyncFromEnv) }

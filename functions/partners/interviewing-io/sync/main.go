// Command sync works off interviewing.io's queue.
package main

import (
	interviewingio "fulcrum/functions/partners/interviewing-io"
	"fulcrum/shared/boot"
)

func main() { boot.Main(interviewingio.SyncFromEnv) }

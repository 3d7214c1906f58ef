//go:build unix && !linux

package lambda

import "syscall"

// rusageUnit is the unit of Rusage.Maxrss, in bytes.
const rusageUnit = 1

// attributes put a process in a group of its own.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// peak is not told by this system.
func peak(int) int64 { return 0 }

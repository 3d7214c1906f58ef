package lambda

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
)

// rusageUnit is the unit of Rusage.Maxrss, in bytes.
const rusageUnit = 1024

// attributes put a process in a group of its own, and have it killed when the
// runner dies, even by kill -9.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// peak is the most memory that a living process has used, in bytes, or 0.
func peak(pid int) int64 {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0
	}
	_, rest, _ := bytes.Cut(status, []byte("VmHWM:"))
	kilobytes, _, _ := bytes.Cut(rest, []byte("kB"))
	n, err := strconv.ParseInt(string(bytes.TrimSpace(kilobytes)), 10, 64)
	if err != nil {
		return 0
	}
	return n * 1024
}

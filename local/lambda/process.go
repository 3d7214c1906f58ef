package lambda

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"
)

// launcher starts processes from one thread that lives as long as they may:
// Linux ends a child together with the thread that started it.
type launcher struct {
	jobs chan func()
	done chan struct{}
}

func newLauncher() *launcher {
	l := &launcher{make(chan func()), make(chan struct{})}
	go func() {
		defer close(l.done)
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		for job := range l.jobs {
			job()
		}
	}()
	return l
}

func (l *launcher) close() {
	close(l.jobs)
	<-l.done
}

// start starts a binary in a process group of its own, in its folder. What it
// prints goes to lines.
func (l *launcher) start(binary string, variables []string, lines *lines) (*process, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("open a pipe: %w", err)
	}
	defer write.Close()
	// A child that is not written in Go would not expect a pipe that is full.
	if err := syscall.SetNonblock(int(write.Fd()), false); err != nil {
		read.Close()
		return nil, fmt.Errorf("open a pipe: %w", err)
	}
	p := &process{cmd: exec.Command(binary), done: make(chan struct{})}
	p.cmd.Dir, p.cmd.Env, p.cmd.SysProcAttr = filepath.Dir(binary), variables, attributes()
	p.cmd.Stdout, p.cmd.Stderr = write, write
	started := make(chan error)
	l.jobs <- func() { started <- p.cmd.Start() }
	if err := <-started; err != nil {
		read.Close()
		return nil, err
	}
	if p.output, err = newOutput(read, lines); err != nil {
		p.kill()
		return nil, fmt.Errorf("read a pipe: %w", err)
	}
	return p, nil
}

// process is a process and all that it started.
type process struct {
	cmd    *exec.Cmd
	output *output
	done   chan struct{} // closed when it has ended and everything it printed is out
	used   atomic.Int64  // bytes of memory, the last time it was looked at
	err    error         // of Wait; set before done is closed
}

// wait waits for the end, and ends what the process left behind.
func (p *process) wait() {
	p.err = p.cmd.Wait()
	p.kill()
	p.output.close()
	close(p.done)
}

// end asks the process group to end, and ends it after shutdownTime.
func (p *process) end() {
	signal(p.cmd.Process.Pid, syscall.SIGTERM)
	timer := time.NewTimer(shutdownTime)
	defer timer.Stop()
	select {
	case <-p.done:
	case <-timer.C:
		p.kill()
		<-p.done
	}
}

func (p *process) kill() { signal(p.cmd.Process.Pid, syscall.SIGKILL) }

// signal signals a process group.
func signal(leader int, s syscall.Signal) {
	// It fails only when the group is gone, which is what every caller wants.
	syscall.Kill(-leader, s)
}

// fault says how the process ended; it has.
func (p *process) fault() *fault {
	f := &fault{kind: "Runtime.ExitError", text: "Error: Runtime exited without providing a reason"}
	if p.err != nil {
		f.text = "Error: Runtime exited with error: " + p.err.Error()
	}
	return f
}

// peak looks at how much memory the process has used at most, while it lives.
func (p *process) peak() {
	if used := peak(p.cmd.Process.Pid); used > 0 {
		p.used.Store(used)
	}
}

// memory is the most memory that the process used, in MB, or size if this system
// does not tell.
func (p *process) memory(size int) int {
	p.peak()
	used := p.used.Load()
	select {
	case <-p.done:
		if usage, ok := p.cmd.ProcessState.SysUsage().(*syscall.Rusage); ok && used == 0 {
			used = usage.Maxrss * rusageUnit
		}
	default:
	}
	if used == 0 {
		return size
	}
	return int((used + 1<<20 - 1) >> 20)
}

package lambda

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
)

// console writes the lines of all functions, one at a time.
type console struct {
	prefixes map[string]string

	mu  sync.Mutex
	out io.Writer
	err error
}

// newConsole gives each function a prefix, and a colour by its place in names.
func newConsole(out io.Writer, names []string, colour bool) *console {
	c := &console{prefixes: map[string]string{}, out: out}
	for i, name := range names {
		c.prefixes[name] = "[" + name + "] "
		if colour {
			codes := []string{"36", "33", "32", "35", "34", "31", "96", "93", "92", "95", "94", "91"}
			c.prefixes[name] = "\x1b[" + codes[i%len(codes)] + "m[" + name + "]\x1b[0m "
		}
	}
	return c
}

// line writes text, each of its lines behind the function's name.
func (c *console) line(function, text string) {
	var buffer bytes.Buffer
	for part := range bytes.Lines([]byte(text)) {
		buffer.WriteString(c.prefixes[function])
		buffer.Write(bytes.TrimRight(part, "\r\n"))
		buffer.WriteByte('\n')
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := c.out.Write(buffer.Bytes()); err != nil && c.err == nil {
		c.err = fmt.Errorf("write the log: %w", err)
	}
}

// failure is the first reason why a line is missing.
func (c *console) failure() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// output takes what one environment of a function prints.
func (c *console) output(function string) *lines {
	return &lines{console: c, function: function}
}

// lines cuts what is printed into lines.
type lines struct {
	console  *console
	function string
	rest     []byte
}

func (l *lines) add(printed []byte) {
	l.rest = append(l.rest, printed...)
	if end := bytes.LastIndexByte(l.rest, '\n'); end >= 0 {
		l.console.line(l.function, string(l.rest[:end]))
		l.rest = append(l.rest[:0], l.rest[end+1:]...)
	}
}

func (l *lines) flush() {
	if len(l.rest) > 0 {
		l.console.line(l.function, string(l.rest))
		l.rest = nil
	}
}

// output reads what a process prints. It can be emptied at any moment, so that
// what a function printed during an event stands before the line END.
type output struct {
	pipe *os.File
	raw  syscall.RawConn
	over chan struct{}

	mu    sync.Mutex
	lines *lines
	read  []byte
}

func newOutput(pipe *os.File, l *lines) (*output, error) {
	raw, err := pipe.SyscallConn()
	if err != nil {
		pipe.Close()
		return nil, err
	}
	o := &output{pipe: pipe, raw: raw, over: make(chan struct{}), lines: l, read: make([]byte, 32<<10)}
	go func() {
		defer close(o.over)
		// It fails only when close was first.
		raw.Read(o.drain)
	}()
	return o, nil
}

// drain passes on what the pipe holds. It is true at the end of the output.
func (o *output) drain(fd uintptr) (over bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for {
		n, err := syscall.Read(int(fd), o.read)
		switch {
		case err == syscall.EINTR:
		case err == syscall.EAGAIN:
			return false
		case err != nil || n == 0:
			o.lines.flush()
			return true
		default:
			o.lines.add(o.read[:n])
		}
	}
}

// sync passes on what the process has printed so far.
func (o *output) sync() {
	// It fails only when the pipe is closed, and then all was passed on.
	o.raw.Control(func(fd uintptr) { o.drain(fd) })
}

// close passes on what is left after the process has ended.
func (o *output) close() {
	o.sync()
	// Something that left the group may still hold the other end, so this does
	// not wait for the end of the output. Nothing was written: no error matters.
	o.pipe.Close()
	<-o.over
}

// Coloured reports whether colours suit a file: it is a terminal, and the
// variable NO_COLOR (no-color.org) is empty.
func Coloured(f *os.File, noColor string) bool {
	info, err := f.Stat()
	return noColor == "" && err == nil && info.Mode()&os.ModeCharDevice != 0
}

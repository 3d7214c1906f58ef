package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// process is one function's process, fed by a Runtime API of its own.
type process struct {
	cmd     *exec.Cmd
	server  *http.Server
	stderr  bytes.Buffer
	events  chan []byte
	answers chan []byte
	// ready has an entry for each time the function has asked for work.
	ready chan struct{}
	ended chan error
}

// answerTime bounds how long a function may take.
const answerTime = 20 * time.Second

// start starts a command with an environment, and returns when it asks for work.
func start(ctx context.Context, command, env []string) (*process, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &process{
		cmd: exec.CommandContext(ctx, command[0], command[1:]...), events: make(chan []byte), answers: make(chan []byte, 1),
		ready: make(chan struct{}, 1), ended: make(chan error, 1),
	}
	p.server = &http.Server{Handler: p.routes(), ReadHeaderTimeout: time.Second}
	go p.server.Serve(listener) //nolint:errcheck // it ends when it is closed
	p.cmd.Env = append(slices.Clone(env), "AWS_LAMBDA_RUNTIME_API="+listener.Addr().String())
	p.cmd.Stdout, p.cmd.Stderr = io.Discard, &p.stderr
	if err := p.cmd.Start(); err != nil {
		return nil, errors.Join(err, p.server.Close())
	}
	go func() { p.ended <- p.cmd.Wait() }()
	if err := p.wait(p.ready); err != nil {
		_, endErr := p.end()
		return nil, errors.Join(err, endErr)
	}
	return p, nil
}

// routes are those of the Runtime API that a function uses.
func (p *process) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", p.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/{how}", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.PathValue("how") != "response" {
			body = nil
		}
		w.WriteHeader(http.StatusAccepted)
		p.answers <- body
	})
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusAccepted)
	})
	return mux
}

func (p *process) next(w http.ResponseWriter, r *http.Request) {
	select {
	case p.ready <- struct{}{}:
	default:
	}
	select {
	case event := <-p.events:
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
		w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(answerTime).UnixMilli()))
		w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:000000000000:function:bench")
		w.Write(event) //nolint:errcheck // a function that is gone does not answer
	case <-r.Context().Done():
	}
}

func (p *process) wait(what <-chan struct{}) error {
	select {
	case <-what:
		return nil
	case err := <-p.ended:
		p.ended <- err
		return fmt.Errorf("the function ended (%w): %s", err, p.stderr.String())
	case <-time.After(answerTime):
		return errors.New("the function does not ask for work")
	}
}

// ask has the function work on an event and tells how long that took, from handing
// it over to the answer.
func (p *process) ask(event []byte) ([]byte, time.Duration, error) {
	began := time.Now()
	select {
	case p.events <- event:
	case <-time.After(answerTime):
		return nil, 0, errors.New("the function does not take the event")
	}
	select {
	case answer := <-p.answers:
		took := time.Since(began)
		if answer == nil {
			return nil, took, fmt.Errorf("the function failed: %s", p.stderr.String())
		}
		return answer, took, nil
	case err := <-p.ended:
		p.ended <- err
		return nil, 0, fmt.Errorf("the function ended (%w): %s", err, p.stderr.String())
	case <-time.After(answerTime):
		return nil, 0, fmt.Errorf("the function does not answer: %s", p.stderr.String())
	}
}

// used is what a process has used up.
type used struct {
	cpu  time.Duration
	peak int64 // bytes
}

// end ends the process.
func (p *process) end() (used, error) {
	peak := p.peak()
	err := p.cmd.Process.Kill()
	if errors.Is(err, os.ErrProcessDone) {
		err = nil
	}
	<-p.ended
	u := used{cpu: p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime(), peak: peak}
	return u, errors.Join(err, p.server.Close())
}

// peak is the most memory that was resident, in bytes, as /proc tells; zero where it
// does not. What wait4 tells of a child counts the parent's memory from before exec.
func (p *process) peak() int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		var kB int64
		if n, err := fmt.Sscanf(line, "VmHWM: %d kB", &kB); n == 1 && err == nil {
			return kB * 1024
		}
	}
	return 0
}

// initialized is what the initialization of a binary's packages took.
type initialized struct {
	took time.Duration
	// services is the part of the SDK's packages of single services, such as SQS.
	services time.Duration
	bytes    int64 // allocated
}

// inits starts a binary and reads what the Go runtime tells of its packages.
func inits(ctx context.Context, binary string, env []string) (in initialized, err error) {
	p, err := start(ctx, []string{binary}, append(slices.Clone(env), "GODEBUG=inittrace=1"))
	if err != nil {
		return in, err
	}
	if _, err := p.end(); err != nil {
		return in, err
	}
	for line := range strings.Lines(p.stderr.String()) {
		var name string
		var at, clock float64
		var size, allocs int64
		if n, err := fmt.Sscanf(line, "init %s @%f ms, %f ms clock, %d bytes, %d allocs", &name, &at, &clock, &size, &allocs); n == 5 && err == nil {
			one := time.Duration(clock * float64(time.Millisecond))
			in.took += one
			in.bytes += size
			if strings.HasPrefix(name, "github.com/aws/aws-sdk-go-v2/service/") {
				in.services += one
			}
		}
	}
	return in, nil
}

// compile builds a command as it is deployed, for an architecture; more are further
// arguments of go build.
func compile(ctx context.Context, root, folder, arch, to string, more ...string) (string, error) {
	binary := filepath.Join(to, strings.ReplaceAll(folder, "/", "-")+"-"+arch, "bootstrap")
	args := append([]string{"build", "-trimpath", "-tags", "lambda.norpc,nethttpomithttp2", "-ldflags=-s -w", "-o", binary}, more...)
	cmd := exec.CommandContext(ctx, "go", append(args, "./"+folder)...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", folder, err, out)
	}
	return binary, nil
}

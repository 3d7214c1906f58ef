package template

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Wiring is what runs, and what calls it.
type Wiring struct {
	Functions []Function
	// API has no routes where the template has none.
	API       API
	Queues    []QueueSource
	Schedules []Schedule
}

// Function is an AWS::Serverless::Function. It is called by its logical id.
type Function struct {
	ID string
	// Folder is the package it is built from, below the folder of the template,
	// with slashes. The resource says it in Metadata: Folder.
	Folder  string
	Timeout time.Duration
	Memory  int // MB
	// Reserved is how many events it may work on at once; nil leaves it open.
	Reserved    *int
	Environment map[string]string
	LogFormat   string // Text or JSON
	LogLevel    string // TRACE to FATAL, or empty
	// Async is how often and how long an event that nobody waits for is tried
	// again.
	Async Retry
	// Failed is the ARN of where Lambda sends a record of one that was tried in
	// vain; empty is nowhere.
	Failed string
}

// Retry bounds the tries of an event.
type Retry struct {
	Attempts int           // after the first
	Age      time.Duration // since the event
}

type functionProperties struct {
	Runtime                      string      `yaml:"Runtime"`
	Timeout                      int         `yaml:"Timeout"`
	MemorySize                   int         `yaml:"MemorySize"`
	ReservedConcurrentExecutions *int        `yaml:"ReservedConcurrentExecutions"`
	EventInvokeConfig            asyncConfig `yaml:"EventInvokeConfig"`
	Environment                  struct {
		Variables map[string]string `yaml:"Variables"`
	} `yaml:"Environment"`
	LoggingConfig struct {
		LogFormat           string `yaml:"LogFormat"`
		ApplicationLogLevel string `yaml:"ApplicationLogLevel"`
	} `yaml:"LoggingConfig"`
}

type retryConfig struct {
	Attempts int `yaml:"MaximumRetryAttempts"`
	Age      int `yaml:"MaximumEventAgeInSeconds"`
}

type asyncConfig struct {
	retryConfig `yaml:",inline"`
	Destination struct {
		OnFailure struct {
			ARN string `yaml:"Destination"`
		} `yaml:"OnFailure"`
	} `yaml:"DestinationConfig"`
}

func (c retryConfig) retry() Retry {
	return Retry{c.Attempts, time.Duration(c.Age) * time.Second}
}

// Wiring evaluates the functions and the events that call them.
func (s *Stack) Wiring(values Values) (Wiring, error) {
	w := &wirer{Stack: s, resolver: s.resolver(values), triggers: map[string]*yaml.Node{}}
	for _, id := range s.of(FunctionType) {
		if err := w.function(id); err != nil {
			return Wiring{}, err
		}
	}
	if err := w.api(); err != nil {
		return Wiring{}, err
	}
	for _, id := range s.of(FunctionType) {
		if err := w.events(id); err != nil {
			return Wiring{}, err
		}
	}
	return w.Wiring, nil
}

// wirer gathers a Wiring.
type wirer struct {
	*Stack
	resolver *resolver
	Wiring
	triggers          map[string]*yaml.Node // the Events of each function
	defaultAuthorizer string
}

func (w *wirer) function(id string) error {
	res := w.resources[id]
	p := functionProperties{Timeout: 3, MemorySize: 128, EventInvokeConfig: asyncConfig{retryConfig: retryConfig{2, 6 * 60 * 60}}}
	p.LoggingConfig.LogFormat = "Text"
	properties, err := w.resolver.node(res.properties)
	if err != nil {
		return err
	}
	if err := w.resolver.decode(properties, &p); err != nil {
		return err
	}
	w.triggers[id] = member(properties, "Events")
	if !strings.HasPrefix(p.Runtime, "provided.") {
		return w.errorf(res.at, "function %s: the runtime %q is not run here, only provided.al2 and provided.al2023", id, p.Runtime)
	}
	if p.Timeout < 1 || p.Timeout > 900 || p.MemorySize < 128 || p.MemorySize > 10240 {
		return w.errorf(res.at, "function %s: Timeout is 1 to 900 seconds, MemorySize 128 to 10240 MB", id)
	}
	if err := w.checkEnvironment(id, p.Environment.Variables); err != nil {
		return err
	}
	folder, err := w.folder(id)
	if err != nil {
		return err
	}
	w.Functions = append(w.Functions, Function{
		ID: id, Folder: folder, Timeout: time.Duration(p.Timeout) * time.Second, Memory: p.MemorySize,
		Reserved: p.ReservedConcurrentExecutions, Environment: p.Environment.Variables,
		LogFormat: p.LoggingConfig.LogFormat, LogLevel: p.LoggingConfig.ApplicationLogLevel,
		Async: p.EventInvokeConfig.retry(), Failed: p.EventInvokeConfig.Destination.OnFailure.ARN,
	})
	return nil
}

// checkEnvironment refuses the names that Lambda keeps for itself. Source:
// Lambda developer guide, "Defined runtime environment variables".
func (w *wirer) checkEnvironment(id string, variables map[string]string) error {
	reserved := []string{"_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV",
		"AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
		"LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"}
	for name := range variables {
		if slices.Contains(reserved, name) || strings.HasPrefix(name, "AWS_LAMBDA_") {
			return w.errorf(w.resources[id].at, "function %s: the environment variable %s is Lambda's own", id, name)
		}
	}
	return nil
}

func (w *wirer) folder(id string) (string, error) {
	res := w.resources[id]
	at := member(res.metadata, "Folder")
	if at == nil {
		return "", w.errorf(res.at, "function %s: Metadata has no Folder, the package it is built from", id)
	}
	info, err := os.Stat(filepath.Join(w.dir, filepath.FromSlash(at.Value)))
	if err != nil || !info.IsDir() {
		return "", w.errorf(at, "function %s: there is no folder %s", id, at.Value)
	}
	return at.Value, nil
}

// events adds what calls a function.
func (w *wirer) events(id string) error {
	for name, event := range pairs(w.triggers[id]) {
		typ := member(event, "Type")
		if typ == nil {
			return w.errorf(name, "event %s of %s has no Type", name.Value, id)
		}
		properties := member(event, "Properties")
		if properties == nil {
			properties = only(name, nil, nil)
		}
		t := trigger{function: id, name: name, properties: properties}
		var err error
		switch typ.Value {
		case "HttpApi":
			err = w.route(t)
		case "SQS":
			err = w.queue(t)
		case "Schedule", "ScheduleV2":
			err = w.schedule(t, typ.Value == "ScheduleV2")
		default:
			err = w.errorf(typ, "events of the type %s are not run here", typ.Value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// trigger is one entry of a function's Events.
type trigger struct {
	function   string
	name       *yaml.Node
	properties *yaml.Node
}

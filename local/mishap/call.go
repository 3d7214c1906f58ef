package mishap

import (
	"bytes"
	"hash/fnv"
	"io"
	"net/http"
	"strings"
)

// Call is an outside call that was made.
type Call struct {
	Host string
	// Op is the method and path, or the operation of an AWS service.
	Op string
	// Reads says that the call changes nothing.
	Reads bool
	// Follows says that nothing lies between this call and the answer to the one
	// numbered before it: one process made both, for the same event, and had no other
	// call under way with either of them.
	Follows bool
	// Body is a hash of what was sent.
	Body uint64
}

// Again reports whether the call asks for the same as another.
func (c Call) Again(other Call) bool {
	return c.Host == other.Host && c.Op == other.Op && c.Body == other.Body
}

// Modes are those in which the call can go wrong, but Frozen, which takes two
// workers to be of interest. A call that changes nothing has fewer: whether it was
// applied makes no difference.
func (c Call) Modes() []Mode {
	if c.Reads {
		return []Mode{Before, Error}
	}
	return []Mode{Before, After, Error, Lost, Late}
}

// newCall names a request, whose body it reads and gives back.
func newCall(req *http.Request) (Call, error) {
	sum := fnv.New64a()
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return Call{}, err
		}
		if err := req.Body.Close(); err != nil {
			return Call{}, err
		}
		req.Body = io.NopCloser(bytes.NewReader(body))
		sum.Write(body)
	}
	c := Call{Host: req.URL.Host, Op: req.Method + " " + req.URL.Path, Reads: req.Method == http.MethodGet || req.Method == http.MethodHead}
	if target := req.Header.Get("X-Amz-Target"); target != "" {
		c.Op = target[strings.LastIndexByte(target, '.')+1:]
		c.Reads = strings.HasPrefix(c.Op, "Get") || strings.HasPrefix(c.Op, "BatchGet") || c.Op == "Query" || c.Op == "Scan"
	}
	sum.Write([]byte(req.URL.RawQuery))
	c.Body = sum.Sum64()
	return c, nil
}

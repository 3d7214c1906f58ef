package frame

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"fulcrum/shared/boot"
)

//go:embed layout.html static
var own embed.FS

// file is a static file. Its hash is part of its address, so that it can be kept
// for good and is still the right one.
type file struct {
	kind, hash, text string
}

// kinds are the content types by the end of a name. All files are text.
func kindOf(name string) string {
	switch {
	case strings.HasSuffix(name, ".css"):
		return "text/css; charset=utf-8"
	case strings.HasSuffix(name, ".js"):
		return "text/javascript; charset=utf-8"
	}
	return "image/svg+xml"
}

// static reads the static files by their names.
func static() (map[string]file, error) {
	entries, err := own.ReadDir("static")
	if err != nil {
		return nil, err
	}
	files := map[string]file{}
	for _, e := range entries {
		text, err := own.ReadFile("static/" + e.Name())
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(text)
		files[e.Name()] = file{kindOf(e.Name()), hex.EncodeToString(sum[:6]), string(text)}
	}
	return files, nil
}

// asset is the address of a static file: /assets/<hash>.page.js.
func (p *Pages) asset(name string) (string, error) {
	f, ok := p.files[name]
	if !ok {
		return "", fmt.Errorf("there is no static file %s", name)
	}
	return "/assets/" + f.hash + "." + name, nil
}

// Assets answers requests for the static files.
type Assets struct{ files map[string]file }

// NewAssets reads the static files.
func NewAssets() (*Assets, error) {
	files, err := static()
	return &Assets{files}, err
}

// AssetsFromEnv makes Assets for a function, which does not start without them.
func AssetsFromEnv(env *boot.Env) *Assets {
	a, err := NewAssets()
	env.Wrong(err)
	return a
}

// Handle answers one request. A file whose hash is another one's, because a page
// was made by a function that is older or newer, is today's file, and is not kept.
func (a *Assets) Handle(_ context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	hash, name, _ := strings.Cut(e.PathParameters["file"], ".")
	f, ok := a.files[name]
	if !ok {
		return answer(http.StatusNotFound, "text/plain; charset=utf-8", "There is no such file."), nil
	}
	out := answer(http.StatusOK, f.kind, f.text)
	if hash == f.hash {
		out.Headers["cache-control"] = "public, max-age=31536000, immutable"
	}
	return out, nil
}

package stack

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"fulcrum/local/seed"
)

// File is what .local/stack.json says: where everything is.
type File struct {
	Gateway     string            `json:"gateway"`
	Lever       string            `json:"lever"`
	Partner     string            `json:"partner"`
	AWS         string            `json:"aws"`
	Connections []seed.Connection `json:"connections"`
}

// WriteFile writes .local/stack.json below the root, or the file that STACK_FILE
// names, whole or not at all.
func (s *Stack) WriteFile() (string, error) {
	path := cmp.Or(s.options.Getenv("STACK_FILE"), filepath.Join(s.options.Root, ".local", "stack.json"))
	text, err := json.MarshalIndent(File{s.Gateway, s.Lever, s.Partner, s.AWS, s.Connections}, "", "  ")
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", fmt.Errorf("write stack.json: %w", err)
	}
	if err := os.WriteFile(path+".new", append(text, '\n'), 0o600); err != nil {
		return "", fmt.Errorf("write stack.json: %w", err)
	}
	return path, os.Rename(path+".new", path)
}

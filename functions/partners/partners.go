// Package partners has the definitions of all partners (package definition). A
// partner's is the file partner.json in its folder; the folder's name is the
// partner's name everywhere. A new folder is a new partner, without a word of code
// here.
package partners

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"fulcrum/shared/definition"
)

// ErrUnknown says that the bundle has no such partner.
var ErrUnknown = errors.New("the bundle has no such partner")

//go:embed */partner.json
var files embed.FS

// All are the definitions of all partners, by name.
func All() ([]definition.Definition, error) { return read(files) }

// Named is the definition of a partner. It fails with ErrUnknown.
func Named(name string) (definition.Definition, error) {
	text, err := fs.ReadFile(files, path.Join(name, "partner.json"))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		return definition.Definition{}, fmt.Errorf("%.40q: %w", name, ErrUnknown)
	}
	if err != nil {
		return definition.Definition{}, fmt.Errorf("definition of %s: %w", name, err)
	}
	return definition.Parse(name, text)
}

// Defaults sets v, a partner's settings, to what they are before anybody has
// applied any.
func Defaults(name string, v any) error {
	d, err := Named(name)
	if err != nil {
		return err
	}
	text, err := json.Marshal(d.Defaults())
	if err != nil {
		return fmt.Errorf("defaults of %s: %w", name, err)
	}
	return json.Unmarshal(text, v)
}

func read(folder fs.FS) ([]definition.Definition, error) {
	paths, err := fs.Glob(folder, "*/partner.json")
	if err != nil {
		return nil, err
	}
	var all []definition.Definition
	for _, p := range paths {
		text, err := fs.ReadFile(folder, p)
		if err != nil {
			return nil, fmt.Errorf("definition in %s: %w", p, err)
		}
		d, err := definition.Parse(path.Dir(p), text)
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, nil
}

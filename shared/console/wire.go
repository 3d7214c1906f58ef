package console

import (
	"crypto/rand"
	"io/fs"
	"time"

	"fulcrum/shared/apikey"
	"fulcrum/shared/boot"
	"fulcrum/shared/definition"
	"fulcrum/shared/frame"
	"fulcrum/shared/history"
	"fulcrum/shared/session"
	"fulcrum/shared/store"
)

// FromEnv makes a Console from what history.FromEnv needs, and PUBLIC_URL, which
// may be empty.
func FromEnv(env *boot.Env, named func(partner string) (definition.Definition, error)) *Console {
	pages, err := Pages()
	env.Wrong(err)
	table := store.FromEnv(env)
	return New(Parts{
		Table: table, Routes: history.FromEnv(env), Definitions: named, Pages: pages,
		Sessions: session.New(table, "console", rand.Text, time.Now), Keys: apikey.New(table, rand.Reader),
		Public: env.Optional("PUBLIC_URL"), Now: time.Now, Random: rand.Text,
	})
}

// Pages reads the console's templates.
func Pages() (*frame.Pages, error) {
	room, err := fs.Sub(files, "pages")
	if err != nil {
		return nil, err
	}
	return frame.New(room)
}

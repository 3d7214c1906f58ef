package bench

import (
	"archive/zip"
	"compress/flate"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// sizes are those of each function's binary for arm64 and of its zip.
func (r *run) sizes(ctx context.Context) error {
	for _, f := range r.stack.Wiring.Functions {
		binary, err := compile(ctx, r.root, f.Folder, "arm64", r.dir)
		if err != nil {
			return err
		}
		info, err := os.Stat(binary)
		if err != nil {
			return err
		}
		packed, err := zipped(binary)
		if err != nil {
			return err
		}
		r.raw("binary MB, arm64, "+f.Folder, float64(info.Size())/1e6)
		r.raw("zip MB, arm64, "+f.Folder, float64(packed)/1e6)
	}
	largest := func(what, among string) float64 {
		var most float64
		for name, values := range r.report.Raw {
			if strings.HasPrefix(name, what+" MB, arm64, functions/"+among) {
				most = max(most, values[0])
			}
		}
		return most
	}
	r.add(
		Row{Metric: "largest webhook binary, arm64", Value: largest("binary", "webhooks"), Unit: "MB", Goal: new(8.0), Checked: true},
		Row{Metric: "largest webhook zip, arm64", Value: largest("zip", "webhooks"), Unit: "MB", Goal: new(3.2), Checked: true},
		Row{Metric: "largest binary of all, arm64", Value: largest("binary", ""), Unit: "MB"},
		Row{Metric: "Joinedly's sync binary, arm64", Value: largest("binary", "partners/joinedly/sync"), Unit: "MB", Goal: new(10.0), Checked: true},
		Row{Metric: "Joinedly's sync zip, arm64", Value: largest("zip", "partners/joinedly/sync"), Unit: "MB", Goal: new(3.8), Checked: true},
	)
	return nil
}

// zipped is how large a file is in a zip.
func zipped(file string) (int64, error) {
	in, err := os.Open(file)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	var out counter
	w := zip.NewWriter(&out)
	w.RegisterCompressor(zip.Deflate, func(to io.Writer) (io.WriteCloser, error) { return flate.NewWriter(to, flate.BestCompression) })
	entry, err := w.Create(filepath.Base(file))
	if err != nil {
		return 0, err
	}
	if _, err := io.Copy(entry, in); err != nil {
		return 0, err
	}
	return int64(out), w.Close()
}

type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

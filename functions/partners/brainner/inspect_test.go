package brainner

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestWhatAFileIs(t *testing.T) {
	const (
		zip      = "PK\x03\x04\x14\x00"
		compound = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"
		filler   = "stream 0123456789\n"
	)
	word := func(flags byte) string {
		return compound + strings.Repeat("\x00", 504) + "\xEC\xA5" + strings.Repeat("\x00", 9) + string(rune(flags)) + strings.Repeat("\x00", 600)
	}
	tests := map[string]struct {
		name, content string
		media         string
		problem       ResumeProblem
	}{
		"a PDF":                                {"cv.pdf", "%PDF-1.4 …", mediaPDF, ""},
		"a PDF whatever its name":              {"cv.doc", "\n\n%PDF-1.4 …", mediaPDF, ""},
		"a PDF with a password":                {"cv.pdf", "%PDF-1.4 " + strings.Repeat(filler, 9000) + "/Encrypt 12 0 R", mediaPDF, Encrypted},
		"a PDF that encrypts its metadata not": {"cv.pdf", "%PDF-1.4 /EncryptMetadata false", mediaPDF, ""},
		"a PDF that ends in the word":          {"cv.pdf", "%PDF-1.4 /Encrypt", mediaPDF, ""},
		"a .docx":                              {"CV.DOCX", zip + "\x00\x00", mediaDOCX, ""},
		"a .docx with a password":              {"cv.docx", compound + "…", mediaDOCX, Encrypted},
		"a .odt":                               {"cv.odt", zip + "\x00\x00", mediaODT, ""},
		"an archive with a password":           {"cv.odt", zip + "\x01\x00", mediaODT, Encrypted},
		"an archive":                           {"cv.zip", zip + "\x00\x00", "", NoDocument},
		"a .doc":                               {"cv.doc", word(0), mediaDOC, ""},
		"a .doc with a password":               {"cv.doc", word(1), mediaDOC, Encrypted},
		"a spreadsheet":                        {"cv.xls", word(0), "", NoDocument},
		"an .rtf":                              {"cv.rtf", `{\rtf1 …}`, mediaRTF, ""},
		"a text":                               {"cv.txt", "Ada Lovelace\r\n\tLondon – 1842", mediaText, ""},
		"a program that calls itself text":     {"cv.txt", "\x7fELF\x02\x01", "", NoDocument},
		"a picture":                            {"cv.png", "\x89PNG\r\n\x1a\n", "", NoDocument},
		"a page":                               {"cv.html", "<html>", "", NoDocument},
		"nothing":                              {"cv.pdf", "", "", Empty},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			media, size, problem, err := inspect(iotest.OneByteReader(strings.NewReader(tt.content)), tt.name)
			if err != nil || media != tt.media || problem != tt.problem || size != int64(len(tt.content)) {
				t.Errorf("%q, %d bytes, %q, %v", media, size, problem, err)
			}
			if media, problem := kindOf([]byte(tt.content), "x"+extension(tt.media)); tt.problem == "" && (media != tt.media || problem != "") {
				t.Errorf("by its extension it is %q, %q", media, problem)
			}
		})
	}
}

func TestAFileThatBreaksOffIsNotJudged(t *testing.T) {
	broken := errors.New("cut")
	for _, content := range []string{"", "%PDF", "%PDF-1.4" + strings.Repeat(" ", 4*headSize)} {
		if _, _, _, err := inspect(io.MultiReader(strings.NewReader(content), iotest.ErrReader(broken)), "cv.pdf"); !errors.Is(err, broken) {
			t.Errorf("after %d bytes: %v", len(content), err)
		}
	}
}

func FuzzInspectReadsWhateverThereIs(f *testing.F) {
	f.Add([]byte("%PDF-1.4 /Encrypt 1"), "cv.pdf")
	f.Add([]byte("PK\x03\x04"), "cv.docx")
	f.Add([]byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), "cv.doc")
	f.Fuzz(func(t *testing.T, content []byte, name string) {
		media, size, problem, err := inspect(bytes.NewReader(content), name)
		if err != nil || size != int64(len(content)) || media == "" && problem == "" {
			t.Errorf("%q, %d, %q, %v", media, size, problem, err)
		}
	})
}

func TestRanges(t *testing.T) {
	tests := map[string]struct {
		text        string
		first, last int64
		ok          bool
	}{
		"a span":             {"bytes=5-8", 5, 8, true},
		"from a byte on":     {"bytes=4194304-", 4194304, MaxResume, true},
		"the last bytes":     {"bytes=-500", 0, MaxPart, false},
		"several":            {"bytes=0-1,4-5", 0, MaxPart, false},
		"of another unit":    {"pages=1-2", 0, MaxPart, false},
		"backwards":          {"bytes=8-5", 0, MaxPart, false},
		"without a dash":     {"bytes=8", 0, MaxPart, false},
		"none":               {"", 0, MaxPart, false},
		"beyond all numbers": {"bytes=99999999999999999999-", 0, MaxPart, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if first, last, ok := parseRange(tt.text); first != tt.first || last != tt.last || ok != tt.ok {
				t.Errorf("%d to %d, %v", first, last, ok)
			}
		})
	}
}

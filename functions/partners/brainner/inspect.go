package brainner

import (
	"bytes"
	"errors"
	"io"
	"path"
	"strings"
)

// The media types of the documents that are read.
const (
	mediaPDF  = "application/pdf"
	mediaDOC  = "application/msword"
	mediaDOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	mediaODT  = "application/vnd.oasis.opendocument.text"
	mediaRTF  = "application/rtf"
	mediaText = "text/plain"
)

// extension is the extension of a media type's files, by which kindOf tells those
// apart whose content begins alike.
func extension(mediaType string) string {
	return map[string]string{
		mediaPDF: ".pdf", mediaDOC: ".doc", mediaDOCX: ".docx", mediaODT: ".odt", mediaRTF: ".rtf", mediaText: ".txt",
	}[mediaType]
}

// headSize is how much of a file says what it is.
const headSize = 1024

// inspect reads a file to its end and says what it is: by its content, and by its
// name only where the content leaves several possible. Nothing of it is kept.
func inspect(r io.Reader, name string) (mediaType string, size int64, problem ResumeProblem, err error) {
	head := make([]byte, headSize)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", 0, "", err
	}
	head = head[:n]
	search := search{word: []byte("/Encrypt")}
	search.look(head)
	rest, err := io.Copy(&search, r)
	if err != nil {
		return "", 0, "", err
	}
	mediaType, problem = kindOf(head, name)
	if mediaType == mediaPDF && search.found {
		problem = Encrypted
	}
	return mediaType, int64(n) + rest, problem, nil
}

// kindOf says from its first bytes what a file is.
func kindOf(head []byte, name string) (mediaType string, problem ResumeProblem) {
	ext := strings.ToLower(path.Ext(name))
	switch {
	case len(head) == 0:
		return "", Empty
	case bytes.Contains(head, []byte("%PDF-")):
		return mediaPDF, ""
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return zipped(head, ext)
	case bytes.HasPrefix(head, []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")):
		return compound(head, ext)
	case bytes.HasPrefix(head, []byte(`{\rtf`)):
		return mediaRTF, ""
	case (ext == ".txt" || ext == "") && isText(head):
		return mediaText, ""
	}
	return "", NoDocument
}

// zipped tells the documents that are zip archives from other archives. A set
// first bit of an entry's flags says that the entry is encrypted (APPNOTE.TXT of
// PKWARE, 4.4.4).
func zipped(head []byte, ext string) (string, ResumeProblem) {
	mediaType := map[string]string{".docx": mediaDOCX, ".odt": mediaODT}[ext]
	switch {
	case mediaType == "":
		return "", NoDocument
	case len(head) > 6 && head[6]&1 == 1:
		return mediaType, Encrypted
	}
	return mediaType, ""
}

// compound tells what a compound file is: an old Word document, or what Word makes
// of a .docx with a password ([MS-OFFCRYPTO], 2.3). A Word document's header, for
// the most part in the first sector behind the file's, says whether it is encrypted
// ([MS-DOC], 2.5.2: fEncrypted).
func compound(head []byte, ext string) (string, ResumeProblem) {
	const sector = 512
	switch {
	case ext == ".docx":
		return mediaDOCX, Encrypted
	case ext != ".doc":
		return "", NoDocument
	case len(head) > sector+11 && head[sector] == 0xEC && head[sector+1] == 0xA5 && head[sector+11]&1 == 1:
		return mediaDOC, Encrypted
	}
	return mediaDOC, ""
}

// isText reports whether bytes hold no control characters but those of text.
func isText(head []byte) bool {
	return !bytes.ContainsFunc(head, func(c rune) bool { return c < ' ' && !strings.ContainsRune("\t\n\r\f", c) || c == 0x7F })
}

// search looks for a PDF's name object in what is written to it, followed by what
// its value may begin with: /EncryptMetadata is another name.
type search struct {
	word  []byte
	tail  []byte
	found bool
}

// Write looks through the next bytes.
func (s *search) Write(p []byte) (int, error) {
	s.look(p)
	return len(p), nil
}

func (s *search) look(p []byte) {
	text := append(s.tail, p...)
	for rest := text; !s.found; {
		at := bytes.Index(rest, s.word)
		if at < 0 || at+len(s.word) >= len(rest) {
			break
		}
		rest = rest[at+len(s.word):]
		s.found = strings.IndexByte(" \t\r\n\f<0123456789", rest[0]) >= 0
	}
	s.tail = bytes.Clone(text[max(0, len(text)-len(s.word)):])
}

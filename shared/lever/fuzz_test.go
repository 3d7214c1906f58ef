package lever_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"fulcrum/shared/lever"
)

// seeds are the bodies of testdata whose names begin so, and some that are none.
func seeds(f *testing.F, prefixes ...string) {
	f.Helper()
	for _, prefix := range prefixes {
		files, err := filepath.Glob("testdata/" + prefix + "*.json")
		if err != nil || len(files) == 0 {
			f.Fatalf("no %s: %v", prefix, err)
		}
		for _, name := range files {
			text, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(text)
		}
	}
	for _, text := range []string{"", "null", "{}", "[]", `{"data":null}`, `{"data":{"data":{}}}`, `{"data":[{}]}`, `{"data":{"id":7}}`, "\xff", "<html>"} {
		f.Add([]byte(text))
	}
}

func arrived(status int, body []byte) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(body)),
	}
}

// plainly fails unless the error is made of our words and of Lever's code alone.
func plainly(t *testing.T, ours *regexp.Regexp, err error) {
	t.Helper()
	if err != nil && !ours.MatchString(err.Error()) {
		t.Errorf("the error says more than it should: %q", err)
	}
}

// unreadable is all that is said of an answer with a good status.
func unreadable() *regexp.Regexp {
	return regexp.MustCompile(`^lever: 200 (Unreadable: the answer is not of the form expected|TooDeep: the answer is nested too deeply)$`)
}

func FuzzOpportunity(f *testing.F) {
	seeds(f, "opportunity", "contact", "posting")
	words := unreadable()
	f.Fuzz(func(t *testing.T, body []byte) {
		var o lever.Opportunity
		err := lever.Decode(arrived(200, body), lever.Enveloped(&o))
		plainly(t, words, err)
		if err == nil && o.ID == "" && !strings.Contains(string(body), "oteI") && !bytes.Contains(bytes.ToLower(body), []byte("noteid")) {
			t.Errorf("%+v is an opportunity", o)
		}
	})
}

func FuzzOffers(f *testing.F) {
	seeds(f, "offer")
	words := unreadable()
	f.Fuzz(func(t *testing.T, body []byte) {
		var page lever.OfferAnswer
		plainly(t, words, lever.Decode(arrived(200, body), &page))
		for _, o := range page.Data {
			for _, field := range o.Fields {
				if date := o.Date(field.Identifier); date != "" && len(date) < len("2006-01-02") {
					t.Errorf("date %q of %s", date, field.Value)
				}
				if text := o.String(field.Identifier); text != strings.TrimSpace(text) {
					t.Errorf("text %q of %s", text, field.Value)
				}
			}
		}
		if o := lever.Signed(page.Data); o != nil && o.Status != lever.OfferSigned {
			t.Errorf("signed is %s", o.Status)
		}
	})
}

func FuzzPage(f *testing.F) {
	seeds(f, "opportunities", "archive_reasons", "webhooks", "files", "nothing")
	words := unreadable()
	f.Fuzz(func(t *testing.T, body []byte) {
		var page lever.PageAnswer
		err := lever.Decode(arrived(200, body), &page)
		plainly(t, words, err)
		if err == nil && (page.Data == nil || page.HasNext && page.Next == "") {
			t.Errorf("%+v is a page", page)
		}
	})
}

func FuzzError(f *testing.F) {
	for _, text := range []string{
		read(f, "error_not_found"), read(f, "error_offset"), "", "<html>", `{"code":7}`, `{"code":"Ada Lovelace"}`, `{"message":{}}`,
	} {
		f.Add(404, []byte(text))
		f.Add(301, []byte(text))
	}
	words := regexp.MustCompile(`^lever: -?\d+ [A-Z][A-Za-z' -]{0,63}(: a redirect; is the account in another region\?)?$`)
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		err := lever.AnswerError(arrived(status, body))
		plainly(t, words, err)
		if lever.StatusOf(err) != status || err == nil {
			t.Errorf("status %d: %v", status, err)
		}
	})
}

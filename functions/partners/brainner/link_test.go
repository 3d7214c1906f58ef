package brainner_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"fulcrum/functions/partners/brainner"
	"fulcrum/local/twin/desk"
)

// link gets a link to a candidate's résumé.
func (b bench) link(c brainner.Candidate) brainner.ResumeLink {
	b.Helper()
	var l brainner.ResumeLink
	if status := b.Call("GET", strings.Replace(c.Resume.Link, b.C.ID, "{c}", 1), nil, &l); status != http.StatusOK {
		b.Fatalf("link: %d", status)
	}
	return l
}

// fetch fetches what a link leads to, with nothing but the link.
func (b bench) fetch(url, span string) answered {
	b.Helper()
	header := http.Header{}
	if span != "" {
		header.Set("Range", span)
	}
	return b.request(http.MethodGet, url, nil, header)
}

func TestAResumeIsGivenForAQuarterOfAnHour(t *testing.T) {
	on(t, both, func(b bench) {
		p, c := b.screened()
		l := b.link(c)
		a := b.fetch(l.URL, "")
		if a.status != http.StatusOK || string(a.body) != pdf || a.header.Get("Content-Type") != "application/pdf" ||
			a.header.Get("Cache-Control") != "no-store" || a.header.Get("X-Content-Type-Options") != "nosniff" {
			b.Errorf("%d %q %v", a.status, a.body, a.header)
		}
		if strings.Contains(l.URL, p.OpportunityID) || strings.Contains(l.URL, c.Resume.ID) {
			b.Errorf("the link says whose it is: %s", l.URL)
		}
		for _, forged := range []string{l.URL[:len(l.URL)-3] + "AAA", l.URL + "x", l.URL[:strings.LastIndex(l.URL, "/")] + "/ticket"} {
			if a := b.fetch(forged, ""); a.status != http.StatusNotFound {
				b.Errorf("a forged link: %d", a.status)
			}
		}
		time.Sleep(14 * time.Minute)
		if a := b.fetch(l.URL, ""); a.status != http.StatusOK {
			b.Errorf("after 14 minutes: %d", a.status)
		}
		time.Sleep(2 * time.Minute)
		if a := b.fetch(l.URL, ""); a.status != http.StatusNotFound {
			b.Errorf("after 16 minutes: %d", a.status)
		}
		l = b.link(c)
		b.Do(b.Twin.Anonymize(b.Account, p.OpportunityID))
		if a := b.fetch(l.URL, ""); a.status != http.StatusNotFound {
			b.Errorf("who was anonymized: %d", a.status)
		}
	})
}

func TestALargeResumeIsFetchedInParts(t *testing.T) {
	on(t, both, func(b bench) {
		content := append([]byte(pdf), bytes.Repeat([]byte("0123456789abcdef"), 10<<16)...)
		p := b.applicantWith(job, desk.Upload{Name: "portfolio.pdf", Content: content})
		quiet()
		c, _ := b.candidate(p)
		l := b.link(c)
		if l.Resume.Size != int64(len(content)) || l.PartSize != brainner.MaxPart {
			b.Errorf("link %+v", l)
		}
		if a := b.fetch(l.URL, ""); a.status != http.StatusRequestEntityTooLarge || a.header.Get("Accept-Ranges") != "bytes" {
			b.Errorf("the whole: %d", a.status)
		}
		var got []byte
		for len(got) < len(content) {
			a := b.fetch(l.URL, fmt.Sprintf("bytes=%d-", len(got)))
			want := fmt.Sprintf("bytes %d-%d/%d", len(got), len(got)+len(a.body)-1, len(content))
			if a.status != http.StatusPartialContent || a.header.Get("Content-Range") != want || len(a.body) == 0 {
				b.Fatalf("%d %s, want %s", a.status, a.header.Get("Content-Range"), want)
			}
			got = append(got, a.body...)
		}
		if !bytes.Equal(got, content) {
			b.Error("the parts are not the whole")
		}
		if a := b.fetch(l.URL, "bytes=5-8"); string(a.body) != pdf[5:9] {
			b.Errorf("a part of 4 bytes: %q", a.body)
		}
		if a := b.fetch(l.URL, fmt.Sprintf("bytes=%d-", len(content))); a.status != http.StatusRequestedRangeNotSatisfiable {
			b.Errorf("behind the end: %d", a.status)
		}
	})
}

func TestAResumeIsGivenAsLongAsTheSettingsKeepIt(t *testing.T) {
	on(t, strings.Replace(both, "{", `{"retentionDays":1,`, 1), func(b bench) {
		_, c := b.screened()
		b.link(c)
		b.Stop()
		time.Sleep(25 * time.Hour)
		b.Start(b.T)
		if status := b.Call("GET", strings.Replace(c.Resume.Link, b.C.ID, "{c}", 1), nil, nil); status != http.StatusGone {
			b.Errorf("after a day: %d", status)
		}
	})
}

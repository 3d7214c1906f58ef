// Package hostile has names as attackers write them into public application forms,
// and a way to see that none of them changes what a page consists of.
package hostile

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Names are some two hundred names: markup in every place where a page may put a
// name, spreadsheet formulas, headers, texts that run backwards, what is not text at
// all, and what is very long.
func Names() []string {
	var all []string
	for _, inner := range []string{
		`<script>alert(1)</script>`, `<img src=x onerror=alert(1)>`, `<svg/onload=alert(1)>`, `<iframe src="javascript:alert(1)">`,
		`<a href="javascript:alert(1)">x</a>`, `<form action=//evil.test><input name=csrf>`, `<base href=//evil.test>`,
		`<meta http-equiv=refresh content="0;url=//evil.test">`, `<link rel=stylesheet href=//evil.test>`, `<style>*{display:none}</style>`,
		`<template>`, `<math><mi//xlink:href="data:x,<script>alert(1)</script>">`, `<details open ontoggle=alert(1)>`, `<!--`, `<![CDATA[`,
		`<td></tr></table>`, `<textarea>`, `<select><option>`, `<plaintext>`, `<noscript><p title="</noscript><img src=x>">`,
	} {
		for _, around := range []string{"%s", `">%s`, `'>%s`, `</bdi></td></title></textarea>%s`, `--></script></style>%s`, `" autofocus onfocus=alert(1) x="%s`, `Ada %s Lovelace`, "`%s`"} {
			all = append(all, fmt.Sprintf(around, inner))
		}
	}
	return append(all,
		`=HYPERLINK("http://evil.test";"x")`, `+1+cmd|' /C calc'!A0`, `-2+3`, `@SUM(1+1)`, "\t=1", "\r=1",
		"Ada\r\nBcc: victim@example.com", "Ada\nSet-Cookie: a=b", "Ada%0d%0aLocation:%20//evil.test",
		"\u202eevil\u202c", "\u2066x\u2069", "\u200b", "\ufeffAda", "A\u0300\u0301\u0302\u0303", "a\x00b", "\x1b[31mred", "\xff\xfe", "\xc3\x28", "\xed\xa0\x80",
		"{{.CSRF}}", "{{template \"head\" .}}", "${7*7}", "<%= 7*7 %>", "#{7*7}", "&lt;script&gt;", "&#60;script&#62;", "&", "&amp", "&#x3c;", "%3Cscript%3E",
		"javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x", "//evil.test", "../../../etc/passwd", "\\\\evil\\share",
		`'; DROP TABLE connections; --`, `" OR ""="`, `Robert'); DELETE`, `O'Brien-Łukasiewicz`, `李小龍`, `محمد`, `𝕬𝖉𝖆`, `👩‍💻`,
		strings.Repeat("x", 10_000), strings.Repeat("<b>", 500), strings.Repeat("\"'>", 300), " ", "null", "undefined", "NaN", "true", "0",
	)
}

// Structure is what a page consists of: its elements in their order with the names
// of their attributes, and not what they say. It fails with what is no page.
func Structure(page string) ([]string, error) {
	d := xml.NewDecoder(strings.NewReader(strings.Map(readable, page)))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	var all []string
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, fmt.Errorf("page: %w", err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			var names []string
			for _, a := range token.Attr {
				names = append(names, a.Name.Local)
			}
			slices.Sort(names)
			all = append(all, "<"+token.Name.Local+" "+strings.Join(names, " ")+">")
		case xml.EndElement:
			all = append(all, "</"+token.Name.Local+">")
		case xml.Comment, xml.ProcInst:
			all = append(all, "<?>")
		}
	}
}

// readable leaves out what stands in no XML; it makes no element in HTML.
func readable(r rune) rune {
	if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == '\ufffe' || r == '\uffff' {
		return -1
	}
	return r
}

// Difference is where two structures begin to differ, empty where they do not.
func Difference(a, b []string) string {
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) || a[i] != b[i] {
			return fmt.Sprintf("element %d: %q, and %q", i, at(a, i), at(b, i))
		}
	}
	return ""
}

func at(all []string, i int) string {
	if i >= len(all) {
		return ""
	}
	return all[i]
}

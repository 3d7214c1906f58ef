package page_test

import (
	"encoding/json"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"fulcrum/shared/connect/page"
	"fulcrum/shared/definition"
	"fulcrum/shared/frame"
)

// A form that is sent back as it was shown changes nothing, whatever the kind.
func TestAFormSentBackIsTheSameDocument(t *testing.T) {
	tests := map[definition.Kind][]string{
		definition.Boolean:  {`true`, `false`},
		definition.Integer:  {`3`, `0`},
		definition.Text:     {`"Exemption Status"`, `""`, `"a \"b\" <c>"`},
		definition.Email:    {`"a@b.example"`, `null`},
		definition.Choose:   {`"lead-new"`, `null`},
		definition.Emails:   {`["a@b.example","c@d.example"]`, `[]`},
		definition.Texts:    {`["one","two words"]`, `[]`},
		definition.Integers: {`[3,7]`, `[]`},
		definition.Names:    {`{"NYC":"New York","SF":"San Francisco"}`, `{}`},
	}
	for kind, values := range tests {
		t.Run(string(kind), func(t *testing.T) {
			s := definition.Setting{Name: "s", Kind: kind}
			for _, v := range values {
				f := page.FieldOf(s, json.RawMessage(v), nil)
				form := url.Values{"s": {f.Value}}
				if f.On {
					form.Set("s", "true")
				}
				var got, want any
				if err := json.Unmarshal(page.Values(definition.Definition{Settings: []definition.Setting{s}}, form)["s"], &got); err != nil {
					t.Fatal(err)
				}
				if err := json.Unmarshal([]byte(v), &want); err != nil || !reflect.DeepEqual(got, want) {
					t.Errorf("%s becomes %v", v, got)
				}
			}
		})
	}
}

func TestWhatIsTypedWrongReachesTheDefinition(t *testing.T) {
	tests := map[string]struct {
		kind        definition.Kind
		typed, want string
	}{
		"a number that is none":      {definition.Integer, "three", `"three"`},
		"numbers, one of them none":  {definition.Integers, "3\nfour\n", `[3,"four"]`},
		"a name without another":     {definition.Names, "NYC\n= x\n", `{"NYC":""}`},
		"white space around":         {definition.Texts, "  one \n\n two\n", `["one","two"]`},
		"a boolean that is not sent": {definition.Boolean, "", `false`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d := definition.Definition{Settings: []definition.Setting{{Name: "s", Kind: tt.kind}}}
			if got := page.Values(d, url.Values{"s": {tt.typed}})["s"]; string(got) != tt.want {
				t.Errorf("%s", got)
			}
		})
	}
}

func TestWhatAStrangerTypedIsText(t *testing.T) {
	pages, err := page.New()
	if err != nil {
		t.Fatal(err)
	}
	out, err := pages.Show(200, "start", page.Start{Frame: page.Frame{Frame: frame.Frame{Title: "<script>"}, Action: "javascript:alert(1)"}, Customer: `"><img onerror=x>`})
	if err != nil || strings.Contains(out.Body, "<script>") || strings.Contains(out.Body, "<img") || strings.Contains(out.Body, "javascript:") {
		t.Errorf("%v\n%s", err, out.Body)
	}
	if _, err := pages.Show(200, "nobody", nil); err == nil {
		t.Error("a page that is not there is shown")
	}
}

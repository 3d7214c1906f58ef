package partners

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"fulcrum/shared/definition"
	"fulcrum/shared/lever"
)

func TestEveryPartnerIsDefined(t *testing.T) {
	all, err := All()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, d := range all {
		names = append(names, d.Name)
		named, err := Named(d.Name)
		if err != nil || named.Title != d.Title {
			t.Errorf("%s: %+v, %v", d.Name, named, err)
		}
		if _, ok := d.Setting("contacts"); !ok {
			t.Errorf("%s has nobody to tell", d.Name)
		}
	}
	if want := "brainner evidenced interviewing-io joinedly justworks"; strings.Join(names, " ") != want {
		t.Errorf("partners %v", names)
	}
	for _, name := range []string{"", "nobody", "..", "joinedly/sync"} {
		if _, err := Named(name); !errors.Is(err, ErrUnknown) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// Who knows one partner's folder knows them all.
func TestEveryPartnerHasTheSameFiles(t *testing.T) {
	all, err := All()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		for _, name := range []string{
			"partner.json", "partner.go", "document.go", "mapping.go", "state.go", "settings.go", "api.go", "wire.go", "kit_test.go", "sync/main.go", "api/main.go",
		} {
			if _, err := os.Stat(filepath.Join(d.Name, name)); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestDefaultsAreThoseOfTheFile(t *testing.T) {
	var got struct {
		AutoGenerateJobs, AutoImportCandidates bool
		PostResults                            string
	}
	if err := Defaults("brainner", &got); err != nil || got.AutoGenerateJobs || !got.AutoImportCandidates || got.PostResults != "form" {
		t.Errorf("%+v, %v", got, err)
	}
	if err := Defaults("nobody", &got); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
}

// sixth is the definition of a partner that is not there.
const sixth = `{"title":"Sixth","support":"a@b.c","apply":"Save",
	"connect":{"by":"oauth","button":"Go","does":["reads"],"scopes":["offline_access"]},
	"webhooks":{"madeBy":"integration","typedTokens":false,"events":[{"event":"candidateHired","title":"Candidate Hired","required":true}]},
	"settings":[{"name":"on","label":"On","kind":"boolean","default":false}]}`

func TestASixthPartnerIsOneFolder(t *testing.T) {
	all, err := read(fstest.MapFS{
		"sixth/partner.json": {Data: []byte(sixth)}, "sixth/partner.go": {}, "partners.go": {},
	})
	if err != nil || len(all) != 1 || all[0].Name != "sixth" || !slices.Equal(all[0].Webhooks.Required(), []lever.Event{lever.CandidateHired}) {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestADocumentIsCompletedOrRefusedAsAWhole(t *testing.T) {
	d, err := Named("interviewing-io")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		given string
		wrong string
	}{
		"nothing is right: the configuration is off": {`{}`, ""},
		"enabled needs a user and a stage":           {`{"enabled":true}`, "defaultStage performAs"},
		"enabled with an empty user":                 {`{"enabled":true,"performAs":"","defaultStage":"lead-new"}`, "performAs"},
		"enabled with both":                          {`{"enabled":true,"performAs":"ada@x.example","defaultStage":"lead-new"}`, ""},
		"what is no setting":                         {`{"enable":true}`, "enable"},
		"several at once":                            {`{"tags":1,"enabled":"yes"}`, "enabled tags"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var given definition.Values
			if err := json.Unmarshal([]byte(tt.given), &given); err != nil {
				t.Fatal(err)
			}
			full, wrong := d.Complete(given)
			var names []string
			for _, p := range wrong {
				names = append(names, p.Setting)
			}
			if strings.Join(names, " ") != tt.wrong {
				t.Errorf("wrong %+v", wrong)
			}
			if keys := slices.Collect(maps.Keys(full)); len(keys) != len(d.Settings) && tt.wrong == "" {
				t.Errorf("the document has %v", keys)
			}
		})
	}
}

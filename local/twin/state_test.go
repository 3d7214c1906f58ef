package twin_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"fulcrum/local/twin"
)

// checkRestart fails the test unless a twin that is made from the store has all
// that the twin has which wrote it. Both are closed then.
func checkRestart(t *testing.T, live *twin.Twin, o twin.Options) {
	t.Helper()
	live.Close()
	again := restarted(t, o)
	if diff := firstDifference(state(live), state(again)); diff != "" {
		t.Errorf("after a restart:\n%s", diff)
	}
}

// restarted is a closed twin from the store. Nothing was delivered in its life, so
// that it has what the store has.
func restarted(t *testing.T, o twin.Options) *twin.Twin {
	t.Helper()
	o.Client = &http.Client{Transport: silence{}}
	again, err := twin.New(o)
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
	return again
}

// silence is a network in which nobody answers.
type silence struct{}

func (silence) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func firstDifference(want, got []string) string {
	for i := range max(len(want), len(got)) {
		line := func(list []string) string {
			if i < len(list) {
				return list[i]
			}
			return "nothing"
		}
		if line(want) != line(got) {
			return "was " + line(want) + "\nis  " + line(got)
		}
	}
	return ""
}

// state is all that accounts and authorization server hold, a line for each value.
func state(x *twin.Twin) []string {
	p := &printer{seen: map[object]string{}}
	p.print("desk", reflect.ValueOf(x.Desk).Elem())
	return p.lines
}

// printer prints values with all their members, exported or not. The path of a line
// begins at the object that the value belongs to.
type printer struct {
	lines []string
	// seen are objects that were printed, with their ids. An object that is met
	// again is named by its id.
	seen map[object]string
}

// object is what a pointer points to. An object and its first member have one
// address, and two types.
type object struct {
	typ     reflect.Type
	address uintptr
}

// left are types that are no state of Lever's: what the twin stands on, how it
// locks, what it knows of the store, and the record of requests.
func left(typ reflect.Type) bool {
	if typ.Kind() == reflect.Func || typ.Kind() == reflect.Chan {
		return true
	}
	return slices.Contains([]string{
		"sync.Mutex", "sync.RWMutex", "account.Config", "hook.Config", "tenant.Config", "oauth.Config", "*http.Client",
		"*shelf.Rack", "*shelf.books", "*tenant.Log", "[]tenant.Violation",
	}, typ.String())
}

func (p *printer) say(path, text string) { p.lines = append(p.lines, path+" = "+text) }

func (p *printer) print(path string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		p.pointer(path, v)
	case reflect.Interface:
		p.dynamic(path, v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			switch member := v.Field(i); {
			case left(f.Type) || f.Name == "places" || f.Name == "next":
				// Places in a row are seen by its order.
			case f.Type.Kind() == reflect.Slice && member.Len() == 0 && !f.IsExported():
				// Only where it is printed as JSON is an empty list not nil.
				p.say(path+"."+f.Name, "empty")
			default:
				p.print(path+"."+f.Name, member)
			}
		}
	case reflect.Slice, reflect.Array:
		p.list(path, v)
	case reflect.Map:
		p.table(path, v)
	case reflect.String:
		p.say(path, strconv.Quote(v.String()))
	default:
		p.say(path, fmt.Sprint(v))
	}
}

func (p *printer) pointer(path string, v reflect.Value) {
	if v.IsNil() {
		p.say(path, "nil")
		return
	}
	x := object{v.Type(), v.Pointer()}
	if id, ok := p.seen[x]; ok {
		p.say(path, "the "+v.Type().String()+" "+id)
		return
	}
	if e := v.Elem(); e.Kind() == reflect.Struct {
		for _, name := range []string{"ID", "id"} {
			if f := e.FieldByName(name); f.Kind() == reflect.String {
				p.seen[x] = f.String()
				p.say(path, "the "+v.Type().String()+" "+f.String())
				path = f.String()
			}
		}
	}
	p.print(path, v.Elem())
}

// dynamic prints a value of any type as JSON would: all numbers are alike.
func (p *printer) dynamic(path string, v reflect.Value) {
	switch {
	case !v.IsValid():
		p.say(path, "nil")
	case v.CanInt():
		p.say(path, fmt.Sprint(float64(v.Int())))
	default:
		p.print(path, v)
	}
}

func (p *printer) list(path string, v reflect.Value) {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		p.say(path, strconv.Quote(text(v)))
		return
	}
	if v.Len() == 0 {
		p.say(path, fmt.Sprintf("empty, nil: %t", v.IsNil()))
	}
	for i := range v.Len() {
		p.print(path+"["+strconv.Itoa(i)+"]", v.Index(i))
	}
}

// text is what is in a file, or JSON without spaces; null is nothing.
func text(v reflect.Value) string {
	b := v.Bytes()
	if v.Type() != reflect.TypeFor[json.RawMessage]() {
		return string(b)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, b); err != nil {
		return string(b)
	}
	return strings.TrimPrefix(compact.String(), "null")
}

func (p *printer) table(path string, v reflect.Value) {
	if v.Len() == 0 {
		p.say(path, "empty")
	}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, k := range keys {
		p.print(path+"["+k.String()+"]", v.MapIndex(k))
	}
}

package dynamodb

import (
	"cmp"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestNumbersAreReadAndWritten(t *testing.T) {
	nines := strings.Repeat("9", 38)
	tests := map[string]struct{ in, want string }{
		"a whole number stays":                        {"12", "12"},
		"zeros behind the point go":                   {"-1.50", "-1.5"},
		"zeros before it go":                          {"00012.3400", "12.34"},
		"nothing before the point is zero":            {".5", "0.5"},
		"nothing behind it is nothing":                {"5.", "5"},
		"a plus goes":                                 {"+5", "5"},
		"zero has no sign":                            {"-0.00", "0"},
		"zero has no exponent":                        {"0E5", "0"},
		"an exponent is written out":                  {"1E3", "1000"},
		"a negative one too":                          {"-12e-3", "-0.012"},
		"38 digits are kept":                          {nines, nines},
		"38 digits far behind the point are kept":     {"0." + nines, "0." + nines},
		"zeros around 38 digits do not count":         {"0" + nines + "000", nines + "000"},
		"the greatest number":                         {"9.9999999999999999999999999999999999999E+125", nines + strings.Repeat("0", 88)},
		"the smallest number above zero":              {"1E-130", "0." + strings.Repeat("0", 129) + "1"},
		"a great exponent of a small number is great": {"0.00001E130", "1" + strings.Repeat("0", 125)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			n, err := parseNumber(tt.in)
			if err != nil || n.String() != tt.want {
				t.Errorf("%s is %v (%v), want %s", tt.in, n, err, tt.want)
			}
		})
	}
}

func TestWhatIsNoNumberIsRefused(t *testing.T) {
	const unreadable = "The parameter cannot be converted to a numeric value"
	tests := map[string]struct{ in, problem string }{
		"nothing":                   {"", unreadable},
		"a word":                    {"abc", unreadable + ": abc"},
		"a sign alone":              {"-", unreadable},
		"two signs":                 {"--1", unreadable},
		"two points":                {"1.2.3", unreadable},
		"an exponent of nothing":    {"1E", unreadable},
		"a space":                   {" 1", unreadable},
		"what a float can be":       {"NaN", unreadable},
		"hexadecimals":              {"0x1F", unreadable},
		"a point alone":             {".", unreadable},
		"39 digits":                 {strings.Repeat("9", 39), "Attempting to store more than 38 significant digits in a Number"},
		"a number that is too far":  {"1E126", "Number overflow"},
		"a number that is too near": {"-1E-131", "Number underflow"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			n, err := parseNumber(tt.in)
			if err == nil || !strings.HasPrefix(message(err), tt.problem) {
				t.Errorf("%q is %v (%v), want the error %s", tt.in, n, err, tt.problem)
			}
		})
	}
}

func TestSumsAreExact(t *testing.T) {
	nines := strings.Repeat("9", 38)
	tests := map[string]struct{ a, operator, b, want string }{
		"tenths":                        {"0.1", "+", "0.2", "0.3"},
		"a sum that vanishes":           {"5.5", "+", "-5.5", "0"},
		"a difference":                  {"3", "-", "5", "-2"},
		"minus a negative number":       {"3", "-", "-5", "8"},
		"minus zero":                    {"3", "-", "0", "3"},
		"zero minus":                    {"0", "-", "3", "-3"},
		"a carry through all digits":    {nines, "+", "1", "1" + strings.Repeat("0", 38)},
		"the last of 38 digits":         {nines, "-", "1", strings.Repeat("9", 37) + "8"},
		"numbers of different size":     {"1E20", "+", "1E-10", "100000000000000000000.0000000001"},
		"a sum of 39 digits fails":      {nines, "+", "0.1", "overflow"},
		"so does one that is too far":   {"9E125", "+", "9E125", "overflow"},
		"and numbers too far apart":     {"1E125", "+", "1", "overflow"},
		"a difference that is too near": {"1.1E-130", "-", "1E-130", "underflow"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			a, b := num(t, tt.a), num(t, tt.b)
			sum, err := a.plus(b)
			if tt.operator == "-" {
				sum, err = a.minus(b)
			}
			got := sum.String()
			if err != nil {
				got = message(err)
			}
			if got != tt.want && (err == nil || !strings.Contains(got, "Number "+tt.want)) {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// TestNumbersAgreeWithExactFractions holds the order, the sortable form and the
// sums against math/big.
func TestNumbersAgreeWithExactFractions(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	draw := func() string {
		return fmt.Sprintf("%s%d.%dE%d", []string{"", "-"}[random.IntN(2)], random.IntN(30), random.IntN(30), random.IntN(12)-6)
	}
	for range 5000 {
		x, y := draw(), draw()
		a, b, fa, fb := num(t, x), num(t, y), fraction(t, x), fraction(t, y)
		want := fa.Cmp(fb)
		if got := a.compare(b); got != want {
			t.Errorf("%s compared with %s is %d, want %d", x, y, got, want)
		}
		if got := strings.Compare(a.sortable(), b.sortable()); got != want {
			t.Errorf("%s sorts %d against %s, want %d", x, got, y, want)
		}
		sum, err := a.plus(b)
		if err != nil || fraction(t, sum.String()).Cmp(fa.Add(fa, fb)) != 0 {
			t.Errorf("%s + %s is %v (%v), want %v", x, y, sum, err, fa)
		}
		if again := num(t, a.String()); again != a {
			t.Errorf("%s reads back as %v", a, again)
		}
	}
}

func TestSortableNumbersAreInOrder(t *testing.T) {
	ascending := []string{"-9E125", "-10", "-1.23", "-1.2", "-1", "-0.12", "-0.1", "-1E-130", "0", "1E-130", "0.1", "0.12", "1", "1.2", "9", "10", "9E125"}
	for i, low := range ascending {
		for j, high := range ascending {
			if got := strings.Compare(num(t, low).sortable(), num(t, high).sortable()); got != cmp.Compare(i, j) {
				t.Errorf("%s sorts %d against %s", low, got, high)
			}
		}
	}
}

// The sizes are those of the recorded answers that number.size names.
func TestNumbersCountByTheirDigits(t *testing.T) {
	tests := map[string]int{
		"0": 1, "1": 2, "12": 2, "123": 3, "1234": 3, "-1": 3, "-123": 4, "100": 2, "1.5": 3, "0.5": 2, "0.001": 2, "123.45": 4,
		strings.Repeat("9", 38): 20,
	}
	for in, want := range tests {
		if got := num(t, in).size(); got != want {
			t.Errorf("%s counts for %d, want %d", in, got, want)
		}
	}
}

func num(t testing.TB, s string) number {
	t.Helper()
	n, err := parseNumber(s)
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return n
}

func fraction(t *testing.T, s string) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		t.Fatalf("%s is no number", s)
	}
	return r
}

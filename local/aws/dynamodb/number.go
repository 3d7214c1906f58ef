package dynamodb

import (
	"cmp"
	"math/big"
	"strconv"
	"strings"

	"fulcrum/local/aws/wire"
)

// number is a decimal of up to 38 digits: 0.digits × 10^point. Its digits have
// no zero at either end and zero has none, so numbers that are equal are equal
// by ==. DynamoDB's numbers are decimals too; a float would lose digits.
type number struct {
	negative bool
	digits   string
	point    int
}

// The bounds of DynamoDB's numbers, from "Supported data types and naming
// rules": 38 digits, and magnitudes of 1E-130 to 9.99…E+125.
const (
	maxDigits   = 38
	maxExponent = 125
	minExponent = -130
)

// parseNumber reads a number as clients write it: 12, -1.50, .5, 1E3.
func parseNumber(s string) (number, error) {
	if s == "" {
		return number{}, invalid("The parameter cannot be converted to a numeric value")
	}
	mantissa, exponent, err := splitExponent(strings.TrimLeft(s, "+-"))
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := whole + fraction
	if err != nil || len(s)-len(strings.TrimLeft(s, "+-")) > 1 || digits == "" || strings.Trim(digits, "0123456789") != "" {
		return number{}, invalid("The parameter cannot be converted to a numeric value: %s", s)
	}
	n := newNumber(s[0] == '-', digits, len(whole)+exponent)
	return n, n.check()
}

func splitExponent(s string) (mantissa string, exponent int, err error) {
	i := strings.IndexAny(s, "eE")
	if i < 0 {
		return s, 0, nil
	}
	exponent, err = strconv.Atoi(s[i+1:])
	return s[:i], exponent, err
}

func newNumber(negative bool, digits string, point int) number {
	trimmed := strings.TrimLeft(digits, "0")
	point -= len(digits) - len(trimmed)
	trimmed = strings.TrimRight(trimmed, "0")
	if trimmed == "" {
		return number{}
	}
	return number{negative: negative, digits: trimmed, point: point}
}

func (n number) check() error {
	switch exponent := n.point - 1; {
	case n.digits == "":
		return nil
	case exponent > maxExponent:
		return numberOverflow()
	case exponent < minExponent:
		return invalid("Number underflow. Attempting to store a number with magnitude smaller than supported range")
	case len(n.digits) > maxDigits:
		return invalid("Attempting to store more than 38 significant digits in a Number")
	}
	return nil
}

func numberOverflow() *wire.Error {
	return invalid("Number overflow. Attempting to store a number with magnitude larger than supported range")
}

// String is the number in plain notation, which is how DynamoDB answers it.
func (n number) String() string {
	if n.digits == "" {
		return "0"
	}
	sign := ""
	if n.negative {
		sign = "-"
	}
	switch {
	case n.point <= 0:
		return sign + "0." + strings.Repeat("0", -n.point) + n.digits
	case n.point >= len(n.digits):
		return sign + n.digits + strings.Repeat("0", n.point-len(n.digits))
	}
	return sign + n.digits[:n.point] + "." + n.digits[n.point:]
}

func (n number) compare(o number) int {
	if n.negative != o.negative {
		if n.negative {
			return -1
		}
		return 1
	}
	if n.negative {
		return o.compareMagnitude(n)
	}
	return n.compareMagnitude(o)
}

func (n number) compareMagnitude(o number) int {
	switch {
	case n.digits == "" || o.digits == "":
		return cmp.Compare(len(n.digits), len(o.digits))
	case n.point != o.point:
		return cmp.Compare(n.point, o.point)
	}
	return strings.Compare(n.digits, o.digits)
}

// plus fails when the sum is out of bounds. DynamoDB calls a sum of more than 38
// digits an overflow.
func (n number) plus(o number) (number, error) {
	scale := min(n.point-len(n.digits), o.point-len(o.digits))
	sum := new(big.Int).Add(n.scaled(scale), o.scaled(scale))
	digits := new(big.Int).Abs(sum).String()
	total := newNumber(sum.Sign() < 0, digits, len(digits)+scale)
	if len(total.digits) > maxDigits {
		return number{}, numberOverflow()
	}
	return total, total.check()
}

func (n number) minus(o number) (number, error) {
	if o.digits != "" {
		o.negative = !o.negative
	}
	return n.plus(o)
}

// scaled is n × 10^-scale, which must be whole.
func (n number) scaled(scale int) *big.Int {
	v, ok := new(big.Int).SetString(n.digits, 10)
	if !ok {
		return new(big.Int)
	}
	shift := big.NewInt(int64(n.point - len(n.digits) - scale))
	v.Mul(v, shift.Exp(big.NewInt(10), shift, nil))
	if n.negative {
		v.Neg(v)
	}
	return v
}

// size is what the number counts for in its item. The developer guide says one
// byte for two digits and one more; that the halves before and behind the
// decimal point are rounded up apart, and the minus sign counts, was measured
// at the 400 KB limit (github.com/nubo-db/dynamodb-conformance, item-size.ts,
// eu-west-2, August 2026).
func (n number) size() int {
	if n.digits == "" {
		return 1
	}
	whole := min(max(n.point, 0), len(n.digits))
	size := 1 + (whole+1)/2 + (len(n.digits)-whole+1)/2
	if n.negative {
		size++
	}
	return size
}

// sortable is a text whose bytes sort as the numbers do.
func (n number) sortable() string {
	if n.digits == "" {
		return "\x80"
	}
	exponent := byte(n.point - 1 - minExponent)
	if !n.negative {
		return "\xc0" + string([]byte{exponent}) + n.digits
	}
	// Of two negative numbers the greater magnitude comes first. The colon
	// sorts behind the digits, so that -0.12 comes before -0.1.
	mirrored := []byte(n.digits)
	for i, d := range mirrored {
		mirrored[i] = '9' - d + '0'
	}
	return "\x40" + string([]byte{^exponent}) + string(mirrored) + ":"
}

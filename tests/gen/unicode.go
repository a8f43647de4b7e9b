// SPDX-License-Identifier: MIT

// Writes src/base/utf8_tables.h from the Unicode data that Go knows:
//
//	go run tests/gen/unicode.go >src/base/utf8_tables.h
package main

import (
	"fmt"
	"unicode"
)

// A span is lo, lo+stride, …, hi.
type span struct {
	lo, hi, stride, delta rune
}

// Covers the runes for which f gives a delta with as few spans as a greedy
// walk finds: neighbours of one delta, one or two apart.
func spans(f func(rune) (rune, bool)) []span {
	var out []span

	for r := rune(0x80); r <= unicode.MaxRune; r++ {
		delta, ok := f(r)
		if !ok {
			continue
		}
		if n := len(out); n > 0 && out[n-1].delta == delta {
			last := &out[n-1]
			step := r - last.hi
			if last.lo == last.hi && step <= 2 {
				last.stride, last.hi = step, r
				continue
			}
			if step == last.stride {
				last.hi = r
				continue
			}
		}
		out = append(out, span{r, r, 1, delta})
	}
	return out
}

func class(name, comment string, is func(rune) bool) {
	fmt.Printf("\n/* %s */\nstatic const struct span %s[] = {\n", comment, name)
	all := spans(func(r rune) (rune, bool) { return 0, is(r) })
	for i, s := range all {
		if i%3 == 0 {
			fmt.Print("\t")
		}
		fmt.Printf("{ 0x%x, 0x%x, %d },", s.lo, s.hi, s.stride)
		if i%3 == 2 || i == len(all)-1 {
			fmt.Println()
		} else {
			fmt.Print(" ")
		}
	}
	fmt.Println("};")
}

func caseMap(name, comment string, from, to func(rune) rune) {
	fmt.Printf("\n/* %s */\nstatic const struct shift %s[] = {\n", comment, name)
	all := spans(func(r rune) (rune, bool) { return to(r) - r, to(r) != from(r) })
	for i, s := range all {
		if i%2 == 0 {
			fmt.Print("\t")
		}
		fmt.Printf("{ { 0x%x, 0x%x, %d }, %d },", s.lo, s.hi, s.stride, s.delta)
		if i%2 == 1 || i == len(all)-1 {
			fmt.Println()
		} else {
			fmt.Print(" ")
		}
	}
	fmt.Println("};")
}

func main() {
	same := func(r rune) rune { return r }

	fmt.Println("/* SPDX-License-Identifier: MIT */")
	fmt.Println("/* Written by tests/gen/unicode.go: do not edit.")
	fmt.Printf(" * Unicode %s above ASCII. */\n", unicode.Version)
	class("print_spans", "unicode.IsPrint", unicode.IsPrint)
	class("letter_spans", "unicode.IsLetter", unicode.IsLetter)
	class("digit_spans", "unicode.IsDigit", unicode.IsDigit)
	class("upper_spans", "unicode.IsUpper", unicode.IsUpper)
	class("lower_spans", "unicode.IsLower", unicode.IsLower)
	caseMap("to_upper", "unicode.ToUpper", same, unicode.ToUpper)
	caseMap("to_lower", "unicode.ToLower", same, unicode.ToLower)
	caseMap("to_title", "unicode.ToTitle where it is not ToUpper",
		unicode.ToUpper, unicode.ToTitle)
}

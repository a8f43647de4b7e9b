/* SPDX-License-Identifier: MIT */
/*
 * UTF-8 with Go's rules: a bad byte is one U+FFFD of width 1.
 * May include: str.h.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdint.h>

#include "base/str.h"

#define RUNE_ERROR 0xFFFDu

/* First rune of `s` and its width in bytes (0 for an empty text). */
uint32_t utf8_decode(sv s, size_t *width);
/* Writes a rune; invalid ones become U+FFFD.  Returns the bytes written. */
size_t rune_encode(uint32_t rune, char out[4]);
void sb_add_rune(struct sb *b, uint32_t rune);
/* Runes in `s`, every bad byte being one. */
size_t utf8_count(sv s);
bool utf8_valid(sv s);
/* Go's unicode.IsPrint, IsLetter, IsDigit, IsSpace, IsUpper, IsLower. */
bool rune_is_print(uint32_t r);
bool rune_is_letter(uint32_t r);
bool rune_is_digit(uint32_t r);
bool rune_is_space(uint32_t r);
bool rune_is_upper(uint32_t r);
bool rune_is_lower(uint32_t r);
/* Go's unicode.ToUpper, ToLower, ToTitle. */
uint32_t rune_upper(uint32_t r);
uint32_t rune_lower(uint32_t r);
uint32_t rune_title(uint32_t r);

#endif

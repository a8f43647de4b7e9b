/* SPDX-License-Identifier: MIT */
#include "roman.h"

#include <string.h>

static const struct {
	unsigned value;
	const char *digits;
} table[] = {
	{ 1000, "M" }, { 900, "CM" }, { 500, "D" }, { 400, "CD" },
	{ 100, "C" }, { 90, "XC" }, { 50, "L" }, { 40, "XL" },
	{ 10, "X" }, { 9, "IX" }, { 5, "V" }, { 4, "IV" }, { 1, "I" },
};

enum { N_TABLE = sizeof(table) / sizeof(table[0]) };

int
roman_write(char *to, size_t size, unsigned number)
{
	size_t n = 0;

	if (number < 1 || number > 3999)
		return -1;
	for (size_t i = 0; i < N_TABLE; i++)
		for (; number >= table[i].value; number -= table[i].value) {
			size_t len = strlen(table[i].digits);

			if (n + len + 1 > size)
				return -1;
			memcpy(to + n, table[i].digits, len);
			n += len;
		}
	to[n] = '\0';
	return 0;
}

unsigned
roman_read(const char *text)
{
	const char *p = text;
	char again[16];
	unsigned number = 0;

	for (size_t i = 0; i < N_TABLE; i++) {
		size_t len = strlen(table[i].digits);

		for (; strncmp(p, table[i].digits, len) == 0; p += len)
			number += table[i].value;
	}
	/* IIII and IXI are read too, but nobody writes them so */
	if (roman_write(again, sizeof(again), number) != 0 ||
	    strcmp(again, text) != 0)
		return 0;
	return number;
}

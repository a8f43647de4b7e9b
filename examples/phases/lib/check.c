/* SPDX-License-Identifier: MIT */
/* Tests of the library. */
#include "roman.h"

#include <stdio.h>
#include <string.h>

int
main(void)
{
	char text[16];
	int wrong = 0;

	for (unsigned n = 1; n < 4000; n++)
		wrong += roman_write(text, sizeof(text), n) != 0 ||
		    roman_read(text) != n;
	wrong += roman_write(text, sizeof(text), 1994) != 0 ||
	    strcmp(text, "MCMXCIV") != 0;
	wrong += roman_write(text, sizeof(text), 0) == 0;
	wrong += roman_write(text, sizeof(text), 4000) == 0;
	wrong += roman_write(text, 3, 8) == 0;
	wrong += roman_read("IIII") != 0 || roman_read("IXI") != 0;
	wrong += roman_read("") != 0 || roman_read("X1") != 0;
	printf("%d wrong\n", wrong);
	return wrong != 0;
}

/* SPDX-License-Identifier: MIT */
/* roman NUMBER */
#include "roman.h"

#include <stdio.h>
#include <stdlib.h>

int
main(int argc, char **argv)
{
	char text[16], *end = NULL;
	unsigned long n = argc == 2 ? strtoul(argv[1], &end, 10) : 0;

	if (end == NULL || *end != '\0' || n > 3999 ||
	    roman_write(text, sizeof(text), (unsigned)n) != 0) {
		fprintf(stderr, "usage: roman NUMBER (1 to 3999)\n");
		return 2;
	}
	puts(text);
	return 0;
}

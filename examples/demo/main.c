/* SPDX-License-Identifier: MIT */
/* words [N]: prints the N most frequent words of standard input (default 10) */
#include "words.h"

#include <stdio.h>
#include <stdlib.h>

int
main(int argc, char **argv)
{
	struct words words = { NULL, 0, 0 };
	struct word *all;
	char line[4096], *end = NULL;
	unsigned long max = argc > 1 ? strtoul(argv[1], &end, 10) : 10;

	if (argc > 2 || (end != NULL && (*end != '\0' || end == argv[1]))) {
		fprintf(stderr, "usage: words [N]\n");
		return 2;
	}
	while (fgets(line, sizeof(line), stdin) != NULL)
		if (words_add(&words, line) != 0)
			return 1;
	all = words_sorted(&words);
	if (all == NULL)
		return 1;
	for (size_t i = 0; i < words.n && i < max; i++)
		printf("%zu %s\n", all[i].count, all[i].text);
	free(all);
	words_free(&words);
	return fflush(stdout) == 0 ? 0 : 1;
}

/* SPDX-License-Identifier: MIT */
#include "words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures;

static void
check(int passed, const char *what)
{
	printf("%s - %s\n", passed ? "ok" : "not ok", what);
	failures += !passed;
}

static void
counts_without_regard_to_case(void)
{
	struct words w = { NULL, 0, 0 };

	check(words_count(&w, "the") == 0, "an empty table has no words");
	words_add(&w, "The cat, the hat -- and THE bat!");
	check(words_count(&w, "the") == 3, "the case does not matter");
	check(words_count(&w, "hat") == 1, "signs end a word");
	check(words_count(&w, "th") == 0, "a beginning is not the word");
	check(w.n == 5, "five different words");
	words_free(&w);
}

static void
sorts_by_count_then_alphabet(void)
{
	struct words w = { NULL, 0, 0 };
	struct word *all;

	words_add(&w, "b a c b");
	all = words_sorted(&w);
	check(all != NULL && strcmp(all[0].text, "b") == 0 &&
		strcmp(all[1].text, "a") == 0 && strcmp(all[2].text, "c") == 0,
	    "the most frequent first, then by the alphabet");
	free(all);
	words_free(&w);
}

static void
grows(void)
{
	struct words w = { NULL, 0, 0 };
	int right = 1;

	for (int round = 0; round < 3; round++)
		for (int i = 0; i < 17576; i++) {
			const char word[] = { (char)('a' + i / 676),
				(char)('a' + i / 26 % 26),
				(char)('a' + i % 26), '\0' };

			words_add(&w, word);
			right &= words_count(&w, word) == (size_t)round + 1;
		}
	check(w.n == 17576 && right, "all words of three letters");
	words_free(&w);
}

int
main(void)
{
	counts_without_regard_to_case();
	sorts_by_count_then_alphabet();
	grows();
	return failures == 0 ? 0 : 1;
}

/* SPDX-License-Identifier: MIT */
/* Any bytes as a snippet of shell, which runs if it opens no files: `make
 * fuzz`, then tests/fuzz/snippet_fuzz. */
#include "fuzz/fuzz.h"

#include "shell/snippet.h"

static void
drive(struct snippet_run *r)
{
	for (size_t i = 0; i < 1000; i++) {
		switch (snippet_step(r)->kind) {
		case SNIPPET_DONE:
			return;
		case SNIPPET_PRINT:
			snippet_printed(r, 0);
			break;
		case SNIPPET_SPAWN:
			if (i % 3 == 0) {
				snippet_not_started(r);
				break;
			}
			snippet_ended(r, 1, (int)(i % 2), 0);
			break;
		case SNIPPET_BASH:
			snippet_ended(r, 1, 0, 0);
			break;
		}
	}
}

FUZZ_TARGET(snippet)
{
	static char *env[] = { (char *)"HOME=/", (char *)"PATH=/bin",
		(char *)"A=a b", (char *)"B=*", NULL };
	const struct snippet_place place = { .env = env,
		.dir = "/",
		.options = { .errexit = text.n % 2 == 0 } };
	struct arena *a = arena_new();
	const struct snippet *s = snippet_read(a, text);

	if (s != NULL && snippet_suits(s, &place) &&
	    memchr(text.p, '<', text.n) == NULL &&
	    memchr(text.p, '>', text.n) == NULL) {
		struct snippet_run *r = snippet_begin(a, s, &place);

		drive(r);
		snippet_run_keep(r);
		snippet_end(r);
	}
	arena_free(a);
}

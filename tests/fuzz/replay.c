/* SPDX-License-Identifier: MIT */
/* Gives files to a fuzz target: replay TARGET FILE… */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "fuzz/fuzz.h"

#define TARGETS(X)                                                             \
	X(action_result)                                                       \
	X(address)                                                             \
	X(dotenv) X(glob) X(journal) X(manifest) X(memo) X(number) X(posix)    \
	    X(regex) X(settings) X(snippet) X(taskfile) X(template) X(yaml)

#define X(name) void fuzz_##name(sv text);
TARGETS(X)
#undef X

static const struct target {
	const char *name;
	void (*fn)(sv text);
} targets[] = {
#define X(name) { #name, fuzz_##name },
	TARGETS(X)
#undef X
};

static int
replay(const struct target *t, char **paths)
{
	for (; *paths != NULL; paths++) {
		struct arena *a cleanup_arena = arena_new();
		struct err e cleanup_err = ERR_INIT;
		char *exact;
		sv text;

		if (!read_file(a, *paths, &text, &e)) {
			fprintf(stderr, "%s\n", e.message);
			return 1;
		}
		/* without the NUL that the reader puts behind it */
		exact = xmalloc(text.n + 1);
		if (text.n > 0)
			memcpy(exact, text.p, text.n);
		printf("%s\n", *paths);
		fflush(stdout);
		t->fn((sv){ exact, text.n });
		free(exact);
	}
	return 0;
}

int
main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(targets) / sizeof(*targets);
	    i++)
		if (strcmp(argv[1], targets[i].name) == 0)
			return replay(&targets[i], argv + 2);
	fprintf(stderr, "usage: replay TARGET FILE...\n");
	return 2;
}

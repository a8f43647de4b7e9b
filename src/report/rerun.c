/* SPDX-License-Identifier: MIT */
/* The command line that runs a call of a journal once more. */
#include "report/kind.h"

#include <string.h>

#include "go/shellword.h"

enum {
	MOST_RERUN = 8000
};

static bool
says_where(const char *word, bool *takes_next)
{
	*takes_next = strcmp(word, "-d") == 0 || strcmp(word, "--dir") == 0 ||
		      strcmp(word, "-t") == 0 ||
		      strcmp(word, "--taskfile") == 0;
	return *takes_next || strncmp(word, "--dir=", 6) == 0 ||
	       strncmp(word, "--taskfile=", 11) == 0;
}

static void
rerun_add(struct arena *a, struct sb *b, const char *word)
{
	sb_addc(b, ' ');
	sb_adds(b, shell_quote(a, sv_of(word)));
}

const char *
picture_rerun(
    struct arena *a, const struct picture *p, const struct journal_call *c)
{
	const journal_words *argv = &p->log->run.argv;
	const struct journal_call *root =
	    &p->log->calls.v[p->facts[c->id - 1].root - 1];
	struct sb b cleanup_sb = SB_INIT;
	bool takes_next = false;
	size_t i = 0;

	sb_adds(&b, "prun");
	for (; i < argv->n && strcmp(argv->v[i], "--") != 0; i++)
		if (says_where(argv->v[i], &takes_next)) {
			rerun_add(a, &b, argv->v[i]);
			if (takes_next && i + 1 < argv->n)
				rerun_add(a, &b, argv->v[++i]);
		}
	rerun_add(a, &b, *root->key != '\0' ? root->key : root->name);
	for (i = 0; i < argv->n && strcmp(argv->v[i], "--") != 0; i++)
		if (argv->v[i][0] != '-' && strchr(argv->v[i], '=') != NULL)
			rerun_add(a, &b, argv->v[i]);
	for (; i < argv->n; i++)
		rerun_add(a, &b, argv->v[i]);
	return b.n <= MOST_RERUN ? sb_take(&b, a).p : "";
}

/* SPDX-License-Identifier: MIT */
/*
 * P-104: the words `task:NAME` of a script get links to prun, so that any shell
 * finds them on PATH where they are commands.  One that is none (the argument
 * of an echo, say) gets a link that nobody uses.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "join/internal.h"

static const char breaks[] = " \t\n;&|()<>\"'`$\\{}";

/* The beginning of a word, maybe inside quotes: `sh -c 'task:a'`. */
static bool
begins_word(sv text, size_t at)
{
	return at == 0 || strchr(breaks, text.p[at - 1]) != NULL ||
	       text.p[at - 1] == '!';
}

static bool
make_one(struct command *cm, const char *name, const char *bin,
    const char *program, struct map *made)
{
	struct arena *a = run_arena(cm->r);

	if (map_get(made, sv_of(name)) != NULL)
		return true;
	if (strchr(name, '/') != NULL || !words_is_task(cm->owner, name))
		return false;
	name = arena_strdup(a, name);
	if (symlink(program, arena_printf(a, "%s/task:%s", bin, name)) == 0 ||
	    errno == EEXIST)
		map_put(made, sv_of(name), made);
	return true;
}

bool
script_links_make(
    struct command *cm, const char *bin, const char *program, struct map *made)
{
	sv text = sv_of(cm->text);
	ptrdiff_t at = -1;
	bool any = false;

	while ((at = sv_find(text, SV("task:"), (size_t)(at + 1))) >= 0) {
		size_t start = (size_t)at + sizeof("task:") - 1, end = start;

		while (end < text.n && strchr(breaks, text.p[end]) == NULL)
			end++;
		if (end > start && begins_word(text, (size_t)at))
			any |= make_one(cm,
			    sv_cstr(command_arena(cm),
				sv_sub(text, start, end - start)),
			    bin, program, made);
	}
	return any;
}

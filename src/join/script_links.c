/* SPDX-License-Identifier: MIT */
/*
 * P-104: the words `task:NAME` of a script get links to prun, so that any shell
 * finds them on PATH where they are commands.  One that is none (the argument
 * of an echo, say) gets a link that nobody uses.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "run/internal.h"

static bool
make_one(struct live_call *lc, const char *name, const char *bin,
    const char *program, struct map *made)
{
	struct arena *a = lc->r->arena;

	if (map_get(made, sv_of(name)) != NULL)
		return true;
	if (strchr(name, '/') != NULL ||
	    !task_is_known(lc->arena, lc->r->compiler, name))
		return false;
	name = arena_strdup(a, name);
	if (symlink(program, arena_printf(a, "%s/task:%s", bin, name)) == 0 ||
	    errno == EEXIST)
		map_put(made, sv_of(name), made);
	return true;
}

bool
script_links_make(struct live_call *lc, const char *script, const char *bin,
    const char *program, struct map *made)
{
	size_t at = 0;
	bool any = false;
	sv name;

	while (task_words_next(sv_of(script), &at, &name))
		any |=
		    make_one(lc, sv_cstr(lc->arena, name), bin, program, made);
	return any;
}

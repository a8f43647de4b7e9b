/* SPDX-License-Identifier: MIT */
/*
 * P-104: the words `task:NAME` of a script get links to prun, so that any shell
 * finds them on PATH where they are commands.  One that is none (the argument
 * of an echo, say) gets a link that nobody uses.
 */
#include <string.h>

#include "compile/task_words.h"
#include "join/internal.h"

static bool
make_one(struct command *cm, const char *name, const char *bin,
    const char *program, struct map *made)
{
	struct arena *a = run_arena(cm->r);

	if (map_get(made, sv_of(name)) != NULL)
		return true;
	if (strchr(name, '/') != NULL || !command_knows_task(cm, name))
		return false;
	name = arena_strdup(a, name);
	if (bin_dir_link(a, bin, arena_printf(a, "task:%s", name), program))
		map_put(made, sv_of(name), made);
	return true;
}

bool
script_links_make(
    struct command *cm, const char *bin, const char *program, struct map *made)
{
	size_t at = 0;
	bool any = false;
	sv name;

	while (task_words_next(sv_of(cm->text), &at, &name))
		any |= make_one(cm, sv_cstr(command_arena(cm), name), bin,
		    program, made);
	return any;
}

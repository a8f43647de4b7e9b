/* SPDX-License-Identifier: MIT */
/* Which constructs a shell that is no bash has: it is asked. */
#include "exec/shell_dialect.h"

#include "base/map.h"
#include "exec/capture.h"

static const char yes[] = "yes", no[] = "no";

/* Whatever it prints is nothing to see. */
static const char *
ask_shell(struct arena *a, const struct shell *sh, const char *probe)
{
	const char *argv[] = { sh->path, "-c", probe, NULL };
	struct capture c = { .argv = argv, .env = shell_env_plain(a, NULL) };
	struct err ignored cleanup_err = ERR_INIT;
	int status = 1;
	sv out, err;

	return capture_run(a, &c, &status, &out, &err, &ignored) && status == 0
		   ? yes
		   : no;
}

const struct dialect_find *
shell_lacks(struct arena *a, struct shell *sh, const dialect_finds *finds)
{
	const struct dialect_find *f;

	if (sh->is_bash)
		return NULL;
	vec_each(finds, f) {
		const char *answer = sh->answers != NULL
					 ? map_get(sh->answers, sv_of(f->probe))
					 : NULL;

		if (answer == NULL) {
			answer = ask_shell(a, sh, f->probe);
			if (sh->answers != NULL)
				map_put(sh->answers, sv_of(f->probe),
				    (void *)answer);
		}
		if (answer == no)
			return f;
	}
	return NULL;
}

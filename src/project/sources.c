/* SPDX-License-Identifier: MIT */
/* What a folder says of settings: .env, .taskrc.yml, experiments. */
#include "config.h"

#include <stdlib.h>

#include "base/io.h"
#include "base/path.h"
#include "project/settings.h"

/* C-505: TASK_X_* of a .env file in the config folder beat the environment. */
static void
sources_read_dotenv(struct arena *a, const char *dir, struct environment *env)
{
	const char *path = path_join(a, sv_of(dir), SV(".env"));
	struct err ignored cleanup_err = ERR_INIT;
	struct map *names;
	const struct map_entry *m;
	sv text;

	if (!path_exists(path) || !read_file(a, path, &text, &ignored))
		return;
	names = map_new(a);
	if (!dotenv_parse(a, text, names, &ignored))
		return;
	map_each(names, m)
		if (sv_starts(m->key, SV("TASK_X_")))
			environment_set(env, m->key.p, m->value);
}

/* A number that is none counts as not said, as does 0. */
static long
experiment_number(const char *text)
{
	char *end;
	long n;

	if (text == NULL || *text == '\0')
		return 0;
	n = strtol(text, &end, 10);
	return *end == '\0' ? n : 0;
}

long
setting_experiment(const struct setting_sources *src, const char *name)
{
	struct arena *a cleanup_arena = arena_new();
	long n = experiment_number(map_get(src->rc.experiments, sv_of(name)));

	return n != 0 ? n
		      : experiment_number(environment_get(
			    src->env, arena_printf(a, "TASK_X_%s", name)));
}

bool
setting_sources_read(struct arena *a, const char *dir,
    const struct invocation *in, struct setting_sources *out, struct err *e)
{
	struct environment *env = in->env;
	const struct taskrc_world w = { environment_answer, env, trust_file,
		in->trust };
	bool ok;

	*out = (struct setting_sources){ .env = env };
	sources_read_dotenv(a, dir, env);
	ok = taskrc_load(a, dir, &w, &out->rc, e);
	out->gentle_force = setting_experiment(out, "GENTLE_FORCE") == 1;
	out->env_precedence = setting_experiment(out, "ENV_PRECEDENCE") == 1;
	return ok;
}

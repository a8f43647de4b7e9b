/* SPDX-License-Identifier: MIT */
/* Which of the runs around this one still live, and what they said. */
#include "config.h"

#include "project/protocol.h"

#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "join/message.h"
#include "store/state.h"

/* Does somebody listen? */
static bool
is_answered(const char *control)
{
	int fd =
	    control != NULL && *control != '\0' ? message_connect(control) : -1;

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

bool
protocol_is_alive(const struct protocol *p, const char *folder)
{
	struct arena *a cleanup_arena = arena_new();

	if (path_exists(path_join(a, sv_of(folder), SV("lock"))))
		return run_dir_is_live(folder);
	return is_answered(p->control);
}

/* Keeps the living among the runs around. */
static bool
forget_runs(struct arena *a, struct protocol *p)
{
	string_vec runs = { 0 }, folders = { 0 };
	size_t dead, n = p->runs.n;
	bool told = p->folders.n == n, nearest = true;

	for (size_t i = 0; i < n; i++) {
		const char *folder = told ? p->folders.v[i] : "-";

		nearest = protocol_is_alive(p, folder);
		if (!nearest)
			continue;
		vec_push(a, &runs, p->runs.v[i]);
		vec_push(a, &folders, folder);
	}
	dead = n - runs.n;
	if (!nearest)
		p->control = p->job = p->bin = NULL;
	p->runs = runs;
	p->folders = folders;
	p->level = p->level > (long)dead ? p->level - (long)dead : 0;
	if (dead > 0 && p->level == 0)
		p->has_level = false;
	return dead > 0;
}

/* Keeps the repositories whose runs would hear of a commit. */
static void
forget_owes(struct arena *a, struct protocol *p)
{
	string_vec owes = { 0 }, repos = { 0 };

	for (size_t i = 0; i < p->owes.n && i < p->repos.n; i++) {
		if (!protocol_is_alive(p, path_dir(a, sv_of(p->owes.v[i]))))
			continue;
		vec_push(a, &owes, p->owes.v[i]);
		vec_push(a, &repos, p->repos.v[i]);
	}
	p->owes = owes;
	p->repos = repos;
	p->has_repos = repos.n > 0;
}

static void
forget_no_commit(struct arena *a, struct protocol *p)
{
	string_vec in = { 0 }, by = { 0 };
	bool everywhere = p->no_commit_in.n == 0;

	if (!p->no_commit || p->no_commit_by.n == 0)
		return;
	for (size_t i = 0; i < p->no_commit_by.n; i++) {
		if (!protocol_is_alive(p, p->no_commit_by.v[i]))
			continue;
		vec_push(a, &by, p->no_commit_by.v[i]);
		if (i < p->no_commit_in.n)
			vec_push(a, &in, p->no_commit_in.v[i]);
	}
	p->no_commit = everywhere ? by.n > 0 : in.n > 0;
	p->no_commit_in = in;
	p->no_commit_by = by;
}

static bool
is_written_below(const char *name)
{
	return strcmp(name, "PRUN_CONTROL") == 0 ||
	       strcmp(name, "PRUN_JOB") == 0 || strcmp(name, "PRUN_BIN") == 0 ||
	       strcmp(name, "PRUN_JOBSERVER") == 0;
}

/* The environment says what `p` says, and of the nearest run nothing where that
 * is over. */
static void
say_anew(struct arena *a, const struct protocol *p, struct environment *env)
{
	struct protocol said = *p;
	string_vec all = { 0 };
	sv name, text;

	said.in_hook = false;
	said.state_of = NULL;
	said.id_to = NULL;
	for (const char *const *v = protocol_names; *v != NULL; v++)
		if (p->control == NULL || !is_written_below(*v))
			environment_set(env, *v, NULL);
	protocol_write(a, &said, &all);
	for (size_t i = 0; i < all.n; i++)
		if (sv_cut(sv_of(all.v[i]), '=', &name, &text))
			environment_set(env, sv_cstr(a, name), text.p);
}

void
protocol_forget_dead(
    struct arena *a, struct protocol *p, struct environment *env)
{
	if (!forget_runs(a, p))
		return;
	forget_owes(a, p);
	forget_no_commit(a, p);
	if (p->runs.n == 0 && p->compat_of_run)
		p->compat = p->compat_of_run = false;
	say_anew(a, p, env);
}

void
protocol_stand_alone(
    struct arena *a, struct protocol *p, struct environment *env)
{
	struct protocol alone = {
		.level = p->level,
		.has_level = p->has_level,
		.compat = p->compat,
		.in_hook = p->in_hook,
		.state_of = p->state_of,
		/* the user's word holds, that of a run not */
		.no_commit = p->no_commit && p->no_commit_by.n == 0,
		.no_commit_in = p->no_commit_by.n == 0 ? p->no_commit_in
						       : (string_vec){ 0 },
	};

	*p = alone;
	say_anew(a, p, env);
}

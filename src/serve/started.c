/* SPDX-License-Identifier: MIT */
#include "serve/started.h"

#include "base/io.h"
#include "serve/run_file.h"
#include "serve/tools.h"
#include "store/sessions.h"

#define STARTED_NAME "serve.started"

static bool
goes_on(struct server *s, const char *id)
{
	struct arena *a cleanup_arena = arena_new();
	struct state folder = sessions_folder(a, &s->o.state);

	return state_run_is_live(a, &s->o.state, id) ||
	       state_run_is_live(a, &folder, id);
}

/* Those that are over are forgotten on the way. */
static void
started_write(struct server *s)
{
	struct arena *a cleanup_arena = arena_new();
	struct err ignored cleanup_err = ERR_INIT;
	struct sb text cleanup_sb = SB_INIT;
	size_t kept = 0;

	for (size_t i = 0; i < s->started.n; i++)
		if (goes_on(s, s->started.v[i].id))
			s->started.v[kept++] = s->started.v[i];
	s->started.n = kept;
	for (size_t i = 0; i < s->started.n; i++)
		sb_printf(&text, "%s\n", s->started.v[i].id);
	(void)write_atomic(state_path(a, &s->o.state, STARTED_NAME),
	    sb_sv(&text), 0600, &ignored);
}

static void
started_add(struct server *s, const char *id)
{
	struct started_id one;

	memcpy(one.id, id, sizeof(one.id));
	vec_push(NULL, &s->started, one);
}

void
started_open(struct server *s)
{
	struct arena *a cleanup_arena = arena_new();
	struct err ignored cleanup_err = ERR_INIT;
	sv text, line, rest;

	if (!read_file(
		a, state_path(a, &s->o.state, STARTED_NAME), &text, &ignored))
		return;
	while (text.n > 0) {
		const char *id;

		sv_cut(text, '\n', &line, &rest);
		text = rest;
		id = sv_cstr(a, line);
		if (run_id_is_one(id) && goes_on(s, id))
			started_add(s, id);
	}
}

void
started_note(struct server *s, const char *id)
{
	started_add(s, id);
	started_write(s);
}

void
started_cancel(struct server *s)
{
	for (size_t i = 0; i < s->started.n; i++)
		if (goes_on(s, s->started.v[i].id))
			tool_cancel(s, s->started.v[i].id);
}

bool
started_is_over(struct server *s)
{
	for (size_t i = 0; i < s->started.n; i++)
		if (goes_on(s, s->started.v[i].id))
			return false;
	return true;
}

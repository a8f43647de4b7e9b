/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "serve/news.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/io.h"
#include "exec/fswatch.h"
#include "serve/run_file.h"
#include "serve/tests.h"

enum {
	SOON_MS = 50, /* from a change of a file to the look */
	TRIES = 5,
};

/* A run that has not ended, or a session. */
struct known {
	char id[RUN_ID_N + 1];
	char *said; /* what was told of it last; NULL: nothing */
	bool is_over;
	int tries; /* looks at a folder that is not yet a run's */
};
typedef VEC(struct known) knowns;

struct watchers {
	struct server *s;
	struct fswatch *watch;
	struct timer *soon;
	char newest[RUN_ID_N + 1]; /* run that was there */
	knowns runs, sessions;
};

static void
knowns_free(knowns *all)
{
	for (size_t i = 0; i < all->n; i++)
		free(all->v[i].said);
	vec_free(all);
}

void
watchers_free(struct watchers *w)
{
	if (w == NULL)
		return;
	loop_timer_stop(w->s->l, &w->soon);
	fswatch_free(w->watch);
	knowns_free(&w->runs);
	knowns_free(&w->sessions);
	w->s->watchers = NULL;
	free(w);
}

static struct known *
known_find(knowns *all, const char *id)
{
	struct known *k;

	vec_each(all, k)
		if (strcmp(k->id, id) == 0)
			return k;
	return NULL;
}

static struct known *
known_add(knowns *all, const char *id)
{
	struct known k = { .said = NULL };

	memcpy(k.id, id, RUN_ID_N);
	vec_push(NULL, all, k);
	return &all->v[all->n - 1];
}

static void
known_forget(knowns *all, size_t i)
{
	free(all->v[i].said);
	all->v[i] = all->v[--all->n];
}

/* ---- telling ---- */

static void
tell_all(struct server *s, const char *event, sv data)
{
	http_lock(s->http);
	for (struct stream *st = streams_first(s); st != NULL; st = st->next)
		if (st->hears_all)
			stream_tell(st, event, data);
	http_unlock(s->http);
}

/* What has been said already is no news. */
static void
known_tell(
    struct server *s, struct known *k, const char *event, struct json_out *j)
{
	const char *text = sb_cstr(&j->text);

	if (k->said != NULL && strcmp(k->said, text) == 0)
		return;
	free(k->said);
	k->said = xstrdup(text);
	tell_all(s, event, sb_sv(&j->text));
}

static void
watch_dir(struct watchers *w, const char *dir)
{
	struct err ignored cleanup_err = ERR_INIT;
	bool is_new;

	fswatch_add(w->watch, dir, &is_new, &ignored);
}

/* ---- runs ---- */

/* false: it is over, or no run at all. */
static bool
look_at_run(struct watchers *w, struct known *k)
{
	struct arena *a cleanup_arena = arena_new();
	struct json_out j cleanup_json = JSON_OUT_INIT;
	struct run_file run;

	if (!run_file_read(a, &w->s->o.state, k->id, &run))
		return path_exists(run.path) && ++k->tries < TRIES;
	jo_open(&j, '{');
	run_file_json(&run, &j);
	jo_close(&j, '}');
	known_tell(w->s, k, "run", &j);
	if (run.end.kind == VALUE_MAP || !run.is_live)
		return false;
	watch_dir(w, run.path);
	return true;
}

/* Those that have come since the last time; with `all`, those that live. */
static void
find_runs(struct watchers *w, bool all)
{
	struct arena *a cleanup_arena = arena_new();
	const struct state *s = &w->s->o.state;
	state_names ids = { 0 };

	state_runs(a, s, &ids);
	for (size_t i = 0; i < ids.n; i++)
		if (all ? state_run_is_live(a, s, ids.v[i])
			: strcmp(ids.v[i], w->newest) > 0)
			known_add(&w->runs, ids.v[i]);
	if (ids.n > 0)
		memcpy(w->newest, ids.v[0], RUN_ID_N);
}

static void
news_of_runs(struct watchers *w)
{
	for (size_t i = w->runs.n; i-- > 0;)
		if (!look_at_run(w, &w->runs.v[i]))
			known_forget(&w->runs, i);
}

/* ---- sessions ---- */

/* One that is over is told once more, if it was known. */
static void
look_at_session(void *arg, const char *id, bool is_live, struct json_out *j)
{
	struct watchers *w = arg;
	struct known *k = known_find(&w->sessions, id);

	if (k == NULL && !is_live)
		return;
	if (k == NULL)
		k = known_add(&w->sessions, id);
	known_tell(w->s, k, "session", j);
	k->is_over = !is_live;
}

static void
look_at_sessions(struct watchers *w)
{
	tests_each(w->s, look_at_session, w);
	for (size_t i = w->sessions.n; i-- > 0;)
		if (w->sessions.v[i].is_over)
			known_forget(&w->sessions, i);
}

/* ---- when ---- */

static void
watchers_look(struct watchers *w)
{
	watch_dir(w, w->s->o.state.dir);
	watch_dir(w, w->s->o.state.runs);
	find_runs(w, false);
	news_of_runs(w);
	look_at_sessions(w);
}

static void
on_news_soon(void *arg)
{
	struct watchers *w = arg;

	w->soon = NULL;
	watchers_look(w);
}

static void
on_news_change(void *arg, const char *path, enum fswatch_event what)
{
	struct watchers *w = arg;

	(void)path;
	(void)what;
	if (w->soon == NULL)
		w->soon =
		    loop_timer(w->s->l, SOON_MS * NS_PER_MS, on_news_soon, w);
}

static struct watchers *
watchers_new(struct server *s)
{
	struct watchers *w = xcalloc(1, sizeof(*w));

	w->s = s;
	w->watch = fswatch_new(s->l, on_news_change, w);
	find_runs(w, true);
	return w;
}

static bool
somebody_hears_all(struct server *s)
{
	bool any = false;

	http_lock(s->http);
	for (struct stream *st = streams_first(s); st != NULL; st = st->next)
		any = any || st->hears_all;
	http_unlock(s->http);
	return any;
}

void
news_look(struct server *s)
{
	if (s->watchers == NULL)
		return;
	if (somebody_hears_all(s))
		watchers_look(s->watchers);
	else
		watchers_free(s->watchers);
}

void
news_greet(struct server *s, struct stream *st)
{
	struct known *k;

	if (s->watchers == NULL)
		s->watchers = watchers_new(s);
	/* what was known before is said to this one; what is new, to all */
	http_lock(s->http);
	vec_each(&s->watchers->runs, k)
		if (k->said != NULL)
			stream_tell(st, "run", sv_of(k->said));
	vec_each(&s->watchers->sessions, k)
		if (k->said != NULL)
			stream_tell(st, "session", sv_of(k->said));
	http_unlock(s->http);
	watchers_look(s->watchers);
}

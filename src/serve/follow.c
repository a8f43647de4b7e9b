/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "serve/follow.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/lock.h"
#include "base/path.h"
#include "exec/fswatch.h"
#include "serve/news.h"
#include "serve/run_file.h"

enum {
	LOGS_MS = 250,  /* between two looks at the sizes of logs */
	LOOK_MS = 1000, /* at all else that nobody tells of */
	SCAN_BLOCK = 256 * 1024,
};

struct follows {
	struct server *s;
	struct follow *first;
	struct timer *tick;
	int64_t looked_ns;
};

/* ---- logs ---- */

static void
tell_log(struct follow *f, const struct follow_log *log, struct stream *only)
{
	struct json_out j cleanup_json = JSON_OUT_INIT;

	jo_open(&j, '{');
	jo_key(&j, "run_id");
	jo_text(&j, f->id);
	jo_key(&j, "call");
	jo_int(&j, log->call);
	jo_key(&j, "size");
	jo_int(&j, log->size);
	jo_close(&j, '}');
	http_lock(f->s->http);
	for (struct stream *st = streams_first(f->s); st != NULL; st = st->next)
		if (st->follow == f && (only == NULL || st == only))
			stream_tell(st, "log", sb_sv(&j.text));
	http_unlock(f->s->http);
}

static void
look_at_log(struct follow *f, struct follow_log *log)
{
	struct stat st;

	if (stat(log->path, &st) != 0 || st.st_size == log->size)
		return;
	log->size = st.st_size;
	tell_log(f, log, NULL);
}

static void
log_begins(struct follow *f, struct arena *a, value line)
{
	const char *name = journal_line_text(line, "log");
	struct follow_log log = {
		.job = (unsigned)journal_line_int(line, "id"),
		.call = (unsigned)journal_line_int(line, "call"),
	};

	if (*name == '\0' || *name == '/' || strstr(name, "..") != NULL)
		return;
	log.path = xstrdup(path_join(a, sv_of(f->path), sv_of(name)));
	vec_push(NULL, &f->logs, log);
}

static void
log_ends(struct follow *f, unsigned job)
{
	for (size_t i = 0; i < f->logs.n; i++) {
		if (f->logs.v[i].job != job)
			continue;
		look_at_log(f, &f->logs.v[i]);
		free(f->logs.v[i].path);
		f->logs.v[i] = f->logs.v[--f->logs.n];
		return;
	}
}

static void
scan_line(struct follow *f, sv line)
{
	struct arena *a cleanup_arena = NULL;
	sv kind = journal_line_kind(line);
	bool begins = sv_is(kind, "job");
	value v;

	if (!begins && !sv_is(kind, "job_end"))
		return;
	a = arena_new();
	if (!journal_line_read(a, line, &v))
		return;
	if (begins)
		log_begins(f, a, v);
	else
		log_ends(f, (unsigned)journal_line_int(v, "id"));
}

/* Which logs there are, from what has come since the last time. */
static void
scan_journal(struct follow *f)
{
	int fd cleanup_close = open_own(f->events, O_RDONLY, 0);
	struct arena *a cleanup_arena = arena_new();
	char *block = arena_alloc(a, SCAN_BLOCK);
	ssize_t n;

	while (fd >= 0 && (n = pread(fd, block, SCAN_BLOCK, f->scanned)) > 0) {
		sv rest = { block, (size_t)n }, line, after = rest;
		bool any = false;

		while (sv_cut(after, '\n', &line, &rest)) {
			after = rest;
			any = true;
			scan_line(f, line);
		}
		if (any)
			f->scanned += n - (ssize_t)after.n;
		else if (n == SCAN_BLOCK)
			f->scanned += n; /* no line of a job is that long */
		else
			return;
	}
}

/* ---- one run ---- */

static void
follow_wake(struct follow *f)
{
	for (struct stream *st = streams_first(f->s); st != NULL; st = st->next)
		if (st->follow == f)
			http_stream_wake(st->http);
}

/* What is new of the journal; whether it lives is asked first. */
static void
follow_look(struct follow *f, bool ask)
{
	struct stat st;
	bool lives = f->is_live && (!ask || run_dir_is_live(f->path));
	int64_t size = stat(f->events, &st) == 0 ? st.st_size : f->size;

	if (size == f->size && lives == f->is_live)
		return;
	http_lock(f->s->http);
	f->size = size;
	f->is_live = lives;
	follow_wake(f);
	http_unlock(f->s->http);
	scan_journal(f);
}

static void
on_follow_change(void *arg, const char *path, enum fswatch_event what)
{
	struct follow *f = arg;

	(void)what;
	if (strcmp(path, f->events) == 0)
		follow_look(f, false);
}

static void
follow_watch(struct follow *f)
{
	struct err ignored cleanup_err = ERR_INIT;
	bool is_new;

	f->watch = fswatch_new(f->s->l, on_follow_change, f);
	fswatch_add(f->watch, f->path, &is_new, &ignored);
}

static void
follow_free(struct follow *f)
{
	if (f->watch != NULL)
		fswatch_free(f->watch);
	for (size_t i = 0; i < f->logs.n; i++)
		free(f->logs.v[i].path);
	vec_free(&f->logs);
	free(f->id);
	free(f->path);
	free(f->events);
	free(f);
}

/* ---- all of them ---- */

static void
follows_sweep(struct follows *all)
{
	struct follow **at = &all->first, *f;

	while ((f = *at) != NULL) {
		bool idle;

		http_lock(all->s->http);
		idle = f->n_streams == 0;
		http_unlock(all->s->http);
		if (idle) {
			*at = f->next;
			follow_free(f);
		} else {
			at = &f->next;
		}
	}
}

static void
heartbeats(struct server *s, int64_t now)
{
	http_lock(s->http);
	for (struct stream *st = streams_first(s); st != NULL; st = st->next)
		if (now - st->spoke_ns >= HEARTBEAT_S * NS_PER_S)
			stream_comment(st);
	http_unlock(s->http);
}

static void
on_follows_tick(void *arg)
{
	struct follows *all = arg;
	int64_t now = clock_mono_ns();
	bool look = now - all->looked_ns >= LOOK_MS * NS_PER_MS;

	all->tick = NULL;
	for (struct follow *f = all->first; f != NULL; f = f->next) {
		if (!f->is_live)
			continue;
		for (size_t i = 0; i < f->logs.n; i++)
			look_at_log(f, &f->logs.v[i]);
		follow_look(f, look);
	}
	if (look) {
		all->looked_ns = now;
		follows_sweep(all);
		heartbeats(all->s, now);
		news_look(all->s);
	}
	if (all->first != NULL || http_counts(all->s->http).streams > 0)
		all->tick = loop_timer(
		    all->s->l, LOGS_MS * NS_PER_MS, on_follows_tick, all);
}

void
follows_wake(struct follows *all)
{
	if (all->tick == NULL)
		all->tick = loop_timer(
		    all->s->l, LOGS_MS * NS_PER_MS, on_follows_tick, all);
}

struct follows *
follows_new(struct server *s)
{
	struct follows *all = xcalloc(1, sizeof(*all));

	all->s = s;
	return all;
}

void
follows_free(struct follows *all)
{
	struct follow *f;

	if (all == NULL)
		return;
	loop_timer_stop(all->s->l, &all->tick);
	while ((f = all->first) != NULL) {
		all->first = f->next;
		follow_free(f);
	}
	free(all);
}

static struct follow *
follow_new(struct server *s, const char *id)
{
	struct follow *f = xcalloc(1, sizeof(*f));
	struct stat st;

	f->s = s;
	f->id = xstrdup(id);
	f->path = xasprintf("%s/%s", s->o.state.runs, id);
	f->events = xasprintf("%s/events.jsonl", f->path);
	f->is_live = run_dir_is_live(f->path);
	f->size = stat(f->events, &st) == 0 ? st.st_size : 0;
	if (f->is_live) {
		follow_watch(f);
		scan_journal(f);
	}
	return f;
}

struct follow *
follow_join(struct server *s, const char *id)
{
	struct follow *f = s->follows->first;

	while (f != NULL && strcmp(f->id, id) != 0)
		f = f->next;
	if (f == NULL) {
		f = follow_new(s, id);
		f->next = s->follows->first;
		s->follows->first = f;
	} else {
		follow_look(f, true);
	}
	http_lock(s->http);
	f->n_streams++;
	http_unlock(s->http);
	return f;
}

void
follow_greet(struct follow *f, struct stream *st)
{
	for (size_t i = 0; i < f->logs.n; i++)
		if (f->logs.v[i].size > 0)
			tell_log(f, &f->logs.v[i], st);
}

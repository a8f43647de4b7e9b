/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "serve/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/lock.h"
#include "serve/answers.h"
#include "serve/follow.h"
#include "serve/news.h"
#include "serve/pages.h"
#include "serve/router.h"

enum {
	FILL_BLOCK = 16 * 1024,
	FILL_LINE_MAX = 1024 * 1024, /* a longer one is not sent */
};

/* ---- what is said ---- */

static void
event_add(struct sb *out, const char *event, int64_t id, sv data)
{
	if (id >= 0)
		sb_printf(out, "id: %" PRId64 "\n", id);
	sb_printf(out, "event: %s\ndata: ", event);
	sb_addv(out, data);
	sb_adds(out, "\n\n");
}

static void
stream_said(struct stream *st)
{
	st->spoke_ns = clock_mono_ns();
	if (st->news.n > NEWS_MAX)
		st->is_over = true;
	if (st->http != NULL)
		http_stream_wake(st->http);
}

void
stream_tell(struct stream *st, const char *event, sv data)
{
	event_add(&st->news, event, -1, data);
	stream_said(st);
}

void
stream_comment(struct stream *st)
{
	sb_adds(&st->news, ":\n\n");
	stream_said(st);
}

/* ---- the journal ---- */

static void
add_resync(struct stream *st)
{
	struct sb data cleanup_sb = SB_INIT;

	sb_printf(&data, "{\"run_id\":\"%s\",\"event_id\":%" PRId64 "}",
	    st->follow->id, st->at);
	event_add(&st->out, "resync", -1, sb_sv(&data));
}

/* Where the last whole line before `size` ends. */
static int64_t
last_line_end(int fd, int64_t size)
{
	char block[4096];

	while (size > 0) {
		int64_t from = size > (int64_t)sizeof(block)
				   ? size - (int64_t)sizeof(block)
				   : 0;
		ssize_t n = pread(fd, block, (size_t)(size - from), from);

		for (; n > 0; n--)
			if (block[n - 1] == '\n')
				return from + n;
		size = from;
	}
	return 0;
}

static void
skip_to_end(struct stream *st)
{
	st->at = last_line_end(st->fd, st->follow->size);
	add_resync(st);
}

static void
stream_add_line(struct stream *st, sv line)
{
	char name[32];
	sv kind = journal_line_kind(line);

	st->at += (int64_t)line.n + 1;
	if (kind.n == 0 || kind.n >= sizeof(name))
		return;
	memcpy(name, kind.p, kind.n);
	name[kind.n] = '\0';
	event_add(&st->out, name, st->at, line);
	st->has_ended = st->has_ended || sv_is(kind, "end");
}

/* The next lines; false: there is no whole one. */
static bool
fill_lines(struct stream *st)
{
	for (size_t n = FILL_BLOCK; n <= FILL_LINE_MAX; n *= 8) {
		char *block cleanup_free = xmalloc(n);
		ssize_t got = pread(st->fd, block, n, st->at);
		sv text = { block, got > 0 ? (size_t)got : 0 }, line, rest;
		bool any = false;

		while (sv_cut(text, '\n', &line, &rest)) {
			text = rest;
			any = true;
			stream_add_line(st, line);
		}
		if (any)
			return true;
		if (got < (ssize_t)n)
			return false;
	}
	skip_to_end(st);
	return true;
}

/* It goes on from a place where the next line begins, not too far back. */
static bool
is_near(const struct stream *st)
{
	int64_t left = st->follow->size - st->at, lines = 0;
	char block[FILL_BLOCK];
	ssize_t n;

	if (left < 0 || left > REPLAY_BYTES_MAX)
		return false;
	if (st->at > 0 &&
	    (pread(st->fd, block, 1, st->at - 1) != 1 || *block != '\n'))
		return false;
	for (int64_t at = st->at; at < st->follow->size; at += n) {
		n = pread(st->fd, block, sizeof(block), at);
		if (n <= 0)
			break;
		for (ssize_t i = 0; i < n; i++)
			lines += block[i] == '\n';
	}
	return lines <= REPLAY_EVENTS_MAX;
}

/* ---- filling ---- */

static void
add_bye(struct stream *st)
{
	struct sb data cleanup_sb = SB_INIT;

	st->said_bye = true;
	sb_printf(&data,
	    "{\"run_id\":\"%s\",\"event_id\":%" PRId64 ",\"complete\":%s}",
	    st->follow->id, st->at, st->has_ended ? "true" : "false");
	event_add(&st->out, "bye", -1, sb_sv(&data));
}

/* Puts what comes next into `out`; false: nothing does now. */
static bool
stream_prepare(struct stream *st)
{
	struct follow *f = st->follow;

	sb_clear(&st->out);
	st->sent = 0;
	if (f != NULL && st->fd < 0)
		st->fd = open_own(f->events, O_RDONLY, 0);
	if (f != NULL && st->fd >= 0 && !st->said_bye &&
	    f->size - st->at > REPLAY_BYTES_MAX)
		skip_to_end(st);
	else if (f != NULL && st->fd >= 0 && st->at < f->size)
		fill_lines(st);
	if (st->out.n == 0 && st->news.n > 0) {
		sb_addv(&st->out, sb_sv(&st->news));
		sb_clear(&st->news);
	}
	if (st->out.n == 0 && f != NULL && !st->said_bye &&
	    (st->has_ended || !f->is_live))
		add_bye(st);
	return st->out.n > 0;
}

static long
stream_fill(void *arg, char *to, size_t n)
{
	struct stream *st = arg;

	if (st->is_over)
		return -1;
	if (st->sent == st->out.n && !stream_prepare(st)) {
		sb_free(&st->out);
		st->sent = 0;
		return st->said_bye && !st->hears_all ? -1 : 0;
	}
	if (n > st->out.n - st->sent)
		n = st->out.n - st->sent;
	memcpy(to, st->out.p + st->sent, n);
	st->sent += n;
	return (long)n;
}

/* ---- beginning and end ---- */

struct stream *
streams_first(struct server *s)
{
	return s->streams;
}

static void
stream_free(void *arg)
{
	struct stream *st = arg;

	if (st->next != NULL)
		st->next->link = st->link;
	*st->link = st->next;
	if (st->follow != NULL)
		st->follow->n_streams--;
	if (st->fd >= 0)
		close(st->fd);
	sb_free(&st->out);
	sb_free(&st->news);
	free(st);
}

static const struct stream_ops stream_ops = { stream_fill, stream_free };

static struct stream *
stream_new(struct server *s, struct follow *f, bool hears_all)
{
	struct stream *st = xcalloc(1, sizeof(*st));

	*st = (struct stream){ .s = s,
		.follow = f,
		.hears_all = hears_all,
		.fd = -1,
		.spoke_ns = clock_mono_ns() };
	http_lock(s->http);
	st->next = s->streams;
	st->link = &s->streams;
	if (st->next != NULL)
		st->next->link = &st->next;
	s->streams = st;
	http_unlock(s->http);
	return st;
}

/* The browser connects again after a second; what was missed comes, or the word
 * that it does not. */
static void
stream_begin(struct stream *st, int64_t after)
{
	sb_adds(&st->out, "retry: 1000\n\n");
	if (st->follow == NULL)
		return;
	st->at = after > 0 ? after : 0;
	st->fd = open_own(st->follow->events, O_RDONLY, 0);
	if (st->fd >= 0 ? !is_near(st) : st->at > 0)
		skip_to_end(st);
}

/* Where it goes on; false: that is none, which is answered. */
static bool
stream_read_after(struct request *r, int64_t *after)
{
	const char *text = request_header(r, "Last-Event-ID");

	if (!query_number(r, "after", after))
		return false;
	if (text == NULL || *text == '\0' || event_id_read(text, after))
		return true;
	reply_problem(r, 400, "Last-Event-ID is no id of an event");
	return false;
}

static void
stream_open(struct request *r, const char *run, bool hears_all)
{
	struct server *s = r->s;
	struct answer an = ANSWER_INIT;
	struct stream *st;
	int64_t after;

	if (!stream_read_after(r, &after))
		return;
	if (http_counts(s->http).streams >= STREAMS_MAX) {
		reply_problem(
		    r, 503, "there are %d streams already", STREAMS_MAX);
		return;
	}
	st = stream_new(s, run != NULL ? follow_join(s, run) : NULL, hears_all);
	stream_begin(st, after);
	if (st->follow != NULL)
		follow_greet(st->follow, st);
	if (hears_all)
		news_greet(s, st);
	follows_wake(s->follows);
	an.type = "text/event-stream";
	an.stream = &stream_ops;
	an.arg = st;
	an.handle = &st->http;
	http_answer(r, &an);
}

void
stream_run(struct request *r)
{
	struct run_file run;

	if (request_run(r, &run))
		stream_open(r, run.id, false);
}

void
stream_all(struct request *r)
{
	const char *id = request_query(r, "run");
	struct run_file run;

	if (id != NULL && !run_id_is_one(id))
		reply_problem(r, 400, "run is no id");
	else if (id != NULL && !run_file_read(r->a, &r->s->o.state, id, &run))
		reply_problem(r, 404, "there is no run %.80s", id);
	else
		stream_open(r, id, true);
}

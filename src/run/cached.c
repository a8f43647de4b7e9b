/* SPDX-License-Identifier: MIT */
/*
 * Outputs that are kept (P-1001): asked for behind the mark, so that no other
 * run is at the same work, and kept when the call has passed.  What its commands
 * print is heard meanwhile, and said again when the outputs are put back.
 */
#include "run/internal.h"

enum {
	PRINTED_MAX = 16 * 1024 * 1024 /* what prints more is not kept */
};

static const struct ccmd *
first_command(const struct ctask *t)
{
	for (size_t i = 0; i < t->cmds.n; i++)
		if (t->cmds.v[i].kind == CMD_SHELL)
			return &t->cmds.v[i];
	return NULL;
}

/* As the commands would have printed it: whoever collects or prefixes output
 * does so now. */
static void
replay(struct live_call *lc)
{
	const struct printed *p = &lc->cached.printed;
	const struct ccmd *cmd = first_command(lc->ctask);
	struct run_config *c = &lc->r->config;
	struct job_spec spec = { .script = "" };
	sv rest = p->bytes;

	if (cmd == NULL)
		return;
	if (c->stdio != NULL && lc->streams == NULL)
		c->stdio(c->ctx, lc->record, cmd, &spec);
	for (size_t i = 0; i < p->stretches.n; i++) {
		const struct printed_stretch *s = &p->stretches.v[i];

		live_call_emit(lc, &(struct event){ .kind = EVENT_OUTPUT,
				       .cmd = cmd,
				       .stream = s->stream,
				       .bytes = sv_sub(rest, 0, s->n) });
		rest = sv_sub(rest, s->n, SIZE_MAX);
	}
	live_call_emit(
	    lc, &(struct event){ .kind = EVENT_REPLAYED, .cmd = cmd });
}

/* May its outputs be put back at all? */
static bool
may_be_back(const struct live_call *lc)
{
	return lc->r->config.cache_get != NULL && !lc->forced &&
	       (lc->marked || lc->ctask->sources.n == 0) &&
	       lc->record->attempts <= 1 && !live_call_is_cancelled(lc);
}

static void
cached_wake(void *waker)
{
	live_call_wake(waker);
}

static enum cached_answer
look_up(struct live_call *lc)
{
	struct run_config *c = &lc->r->config;
	bool asks_again = lc->cached.asking != NULL;

	if (!may_be_back(lc)) {
		if (asks_again)
			c->cache_drop(c->ctx, &lc->cached);
		lc->cached = (struct cached_call){ 0 };
		return CACHED_NOT;
	}
	if (!asks_again) {
		lc->cached =
		    (struct cached_call){ .wake = cached_wake, .waker = lc };
		/* without sources there is nothing to be looked up by */
		if (lc->ctask->sources.n > 0)
			live_call_reads(lc, false);
	}
	return c->cache_get(
	    c->ctx, lc->arena, lc->record, &lc->fp, &lc->cached);
}

bool
step_cache(struct live_call *lc)
{
	struct run *r = lc->r;

	lc->record->keeps_output = false;
	switch (look_up(lc)) {
	case CACHED_WAITS:
		return false;
	case CACHED_NOT:
		lc->has_begun = true;
		lc->record->keeps_output = lc->cached.wish != NULL;
		return call_go(lc, STATE_CMDS);
	case CACHED_BACK:
		break;
	}
	lc->has_begun = true;
	lc->is_back = true;
	lc->record->keeps_output = true;
	live_call_emit(lc, &(struct event){ .kind = EVENT_CACHED,
			       .text = lc->cached.text,
			       .quiet = !r->config.verbose &&
					(r->config.silent ||
					    lc->ctask->silent) });
	replay(lc);
	return call_go(lc, STATE_AFTER);
}

/* ---- hearing ---- */

void
cached_wire(struct live_call *lc, struct job_spec *spec)
{
	if (!lc->record->keeps_output)
		return;
	if (spec->out.kind == STDIO_INHERIT)
		spec->out.kind = STDIO_PIPE;
	if (spec->err.kind == STDIO_INHERIT)
		spec->err.kind = STDIO_PIPE;
	lc->is_print_lost |= spec->out.kind == STDIO_FD ||
			     spec->err.kind == STDIO_FD;
}

void
cached_hear(struct live_call *lc, int stream, sv bytes)
{
	struct printed *p = &lc->cached.printed;

	if (!lc->record->keeps_output || lc->is_print_lost)
		return;
	if (lc->printed.n + bytes.n > PRINTED_MAX) {
		lc->is_print_lost = true;
		sb_free(&lc->printed);
		return;
	}
	sb_addv(&lc->printed, bytes);
	if (p->stretches.n > 0 &&
	    p->stretches.v[p->stretches.n - 1].stream == stream)
		p->stretches.v[p->stretches.n - 1].n += bytes.n;
	else
		vec_push(lc->arena, &p->stretches,
		    ((struct printed_stretch){ stream, bytes.n }));
}

void
cached_keep(struct live_call *lc)
{
	struct run_config *c = &lc->r->config;

	if (lc->cached.wish == NULL || lc->is_back || lc->is_print_lost ||
	    lc->record->attempts > 1)
		return;
	lc->cached.printed.bytes = sb_sv(&lc->printed);
	c->cache_put(c->ctx, lc->arena, lc->record, &lc->cached);
}

/* SPDX-License-Identifier: MIT */
/*
 * What CI systems make of marked lines (P-504): collapsible groups around the
 * output of a job or a call, an annotation per failed call.
 */
#include "output/internal.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

/* One line, in which GitHub reads %, CR and LF from escapes; in a property also
 * the two separators. */
static void
add_escaped(struct sb *b, const char *text, const char *also)
{
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '%' || *p == '\r' || *p == '\n' ||
		    strchr(also, *p) != NULL)
			sb_printf(b, "%%%02X", (unsigned char)*p);
		else
			sb_addc(b, *p);
	}
}

/* What is one line whatever the text has. */
static void
ci_add_line(struct sb *b, const char *text)
{
	for (; *text != '\0'; text++)
		sb_addc(b, (unsigned char)*text < ' ' ? ' ' : *text);
}

static long long
now_s(void)
{
	return (long long)(clock_real_ns() / NS_PER_S);
}

/* Does the run have more calls than this one?  A block alone needs no fold. */
static bool
is_one_of_many(const struct output *o, const struct run_call *call)
{
	const struct ctask *t = call->ctask;

	if (o->c.has_many || call->parent != NULL || call->id > 1 ||
	    t->deps.n > 0)
		return true;
	for (size_t i = 0; i < t->cmds.n; i++)
		if (t->cmds.v[i].kind == CMD_TASK)
			return true;
	return false;
}

void
ci_group_begin(struct output *o, const struct run_call *call, struct block *b)
{
	struct sb line cleanup_sb = SB_INIT;

	if (o->c.ci == OUTPUT_CI_NONE || !o->c.is_log ||
	    !is_one_of_many(o, call))
		return;
	b->section = arena_printf(o->arena, "prun_%u_%u", call->id, call->jobs);
	if (o->c.ci == OUTPUT_CI_GITHUB) {
		sb_adds(&line, "::group::");
		add_escaped(&line, call->name, "");
	} else {
		sb_printf(&line,
		    "\033[0Ksection_start:%lld:%s"
		    "[collapsed=true]\r\033[0K",
		    now_s(), b->section);
		ci_add_line(&line, call->name);
	}
	b->begin = sb_take(&line, o->arena).p;
}

/* On GitHub no group begins open: there the name alone is left, as a line.  Of a
 * call some of whose output was shown the next block may be another one. */
void
ci_group_open(struct output *o, struct block *b)
{
	const char *collapsed = strstr(b->begin, "[collapsed=true]");
	struct sb line cleanup_sb = SB_INIT;

	if (o->c.ci == OUTPUT_CI_GITHUB) {
		/* in front of the name, which might read as a command */
		sb_adds(&line, "--- ");
		sb_adds(&line, b->begin + sizeof("::group::") - 1);
		b->section = NULL;
	} else if (collapsed != NULL) {
		sb_add(&line, b->begin, (size_t)(collapsed - b->begin));
		sb_adds(&line, "[collapsed=false]");
		sb_adds(&line, collapsed + sizeof("[collapsed=true]") - 1);
	} else {
		return;
	}
	b->begin = sb_take(&line, o->arena).p;
}

void
ci_group_end(struct output *o, struct block *b)
{
	b->end =
	    o->c.ci == OUTPUT_CI_GITHUB
		? "::endgroup::"
		: arena_printf(o->arena, "\033[0Ksection_end:%lld:%s\r\033[0K",
		      now_s(), b->section);
}

/* CI systems read both streams; a value that somebody takes stays what the task
 * printed. */
static void
ci_show_line(struct output *o, struct sb *b)
{
	sb_addc(b, '\n');
	term_write(
	    o->c.term, o->c.is_log ? STDOUT_FILENO : STDERR_FILENO, sb_sv(b));
}

void
ci_annotate(struct output *o, const struct run_call *call, const char *why)
{
	struct sb b cleanup_sb = SB_INIT;

	if (o->c.ci == OUTPUT_CI_GITHUB) {
		if (call->parent == NULL)
			return; /* that one has go-task's (C-195) */
		sb_adds(&b, "::error title=Task '");
		add_escaped(&b, call->name, ":,");
		sb_adds(&b, "' failed::");
		add_escaped(&b, why, "");
	} else if (o->c.ci == OUTPUT_CI_GITLAB) {
		/* it has none: a line that stands out, as the runner's own */
		sb_adds(&b, "\033[31;1mERROR: task ");
		ci_add_line(&b, call->name);
		sb_adds(&b, " failed: ");
		ci_add_line(&b, why);
		sb_adds(&b, "\033[0;m");
	} else {
		return;
	}
	ci_show_line(o, &b);
}

void
ci_annotate_more(struct output *o, size_t n)
{
	struct sb b cleanup_sb = SB_INIT;
	const char *calls = n == 1 ? "call" : "calls";

	if (o->c.ci == OUTPUT_CI_GITHUB)
		sb_printf(&b, "::error::%zu more %s failed", n, calls);
	else if (o->c.ci == OUTPUT_CI_GITLAB)
		sb_printf(&b, "\033[31;1mERROR: %zu more %s failed\033[0;m", n,
		    calls);
	else
		return;
	ci_show_line(o, &b);
}

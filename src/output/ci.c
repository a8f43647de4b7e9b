/* SPDX-License-Identifier: MIT */
/*
 * What CI systems make of marked lines (P-504): collapsible groups around the
 * output of a job or a call, an annotation per failed call.
 */
#include "output/internal.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/path.h"
#include "store/culprit.h"

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

/* Whose log it is, for files that it names. */
struct annotated {
	const struct output *o;
	const struct run_call *call;
};

/* Below the folder that annotations are about; NULL: there is no such file
 * there. */
static const char *
file_in_workspace(
    const struct output *o, struct arena *a, const char *dir, sv name)
{
	const char *base = o->c.workspace[0] ? o->c.workspace : o->c.root_dir;
	const char *path = path_clean(a, sv_of(path_join(a, sv_of(dir), name)));
	size_t n = strlen(base);
	struct stat st;

	if (strncmp(path, base, n) != 0 || path[n] != '/' ||
	    stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return NULL;
	return path + n + 1;
}

static const char *
file_of_log(void *ctx, struct arena *a, sv name)
{
	const struct annotated *x = ctx;
	const char *dir = x->call->dir, *file = NULL;

	if (name.n == 0 || memchr(name.p, '\0', name.n) != NULL)
		return NULL;
	if (name.p[0] == '/')
		return file_in_workspace(x->o, a, "/", name);
	if (dir != NULL)
		file = file_in_workspace(x->o, a, dir, name);
	return file != NULL
		   ? file
		   : file_in_workspace(x->o, a, x->o->c.root_dir, name);
}

static void
add_github(struct sb *b, const struct run_call *call, const char *why,
    const struct culprit *c)
{
	sb_adds(b, "::error ");
	if (c->file != NULL) {
		sb_adds(b, "file=");
		add_escaped(b, c->file, ":,");
		sb_printf(b, ",line=%d,", c->line);
		if (c->column > 0)
			sb_printf(b, "col=%d,", c->column);
	}
	sb_adds(b, "title=Task '");
	add_escaped(b, call->name, ":,");
	sb_adds(b, "' failed::");
	if (*c->text != '\0') {
		add_escaped(b, c->text, "");
		sb_adds(b, " (");
	}
	add_escaped(b, why, "");
	if (*c->text != '\0')
		sb_addc(b, ')');
}

/* It has none: a line that stands out, as the runner's own. */
static void
add_gitlab(struct sb *b, const struct run_call *call, const char *why,
    const struct culprit *c)
{
	sb_adds(b, "\033[31;1mERROR: task ");
	ci_add_line(b, call->name);
	sb_adds(b, " failed: ");
	ci_add_line(b, why);
	if (c->file != NULL) {
		sb_adds(b, ": ");
		ci_add_line(b, c->file);
		sb_printf(b, ":%d", c->line);
	}
	if (*c->text != '\0') {
		sb_adds(b, ": ");
		ci_add_line(b, c->text);
	}
	sb_adds(b, "\033[0;m");
}

void
ci_annotate(struct output *o, struct arena *a, const struct run_call *call,
    const char *why)
{
	struct annotated x = { o, call };
	const char *log = output_log_of(o, call).path;
	struct culprit c = { "", NULL, 0, 0 };
	struct sb b cleanup_sb = SB_INIT;

	if (o->c.ci == OUTPUT_CI_NONE)
		return;
	if (log != NULL)
		culprit_find_in(a, log, file_of_log, &x, &c);
	if (o->c.ci == OUTPUT_CI_GITHUB)
		add_github(&b, call, why, &c);
	else
		add_gitlab(&b, call, why, &c);
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

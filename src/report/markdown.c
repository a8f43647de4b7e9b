/* SPDX-License-Identifier: MIT */
/*
 * The kind `markdown`: the summary of a step of a CI system, failures first.
 * GitHub drops a summary of more than 1024 KiB as a whole, so there is a bound
 * that leaves room for those of others.
 */
#include "report/kind.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"

enum {
	MOST = 900 * 1024,
	TAKEN = 1000 * 1024, /* of the file of a step, together with others */
	LEAST = 8 * 1024,    /* with less there is nothing to say */
	ROW = 4 * 1024,      /* no row is longer */
	HEAD = 2 * 1024,
	TAIL = 14 * 1024,
	ROWS = 300, /* of the table; a page with more is no summary */
	MOST_NAME = 300,
	MOST_WHY = 1000,
};

/* In a line of text or a cell: nothing of it is markup. */
static void
markdown_text(struct arena *a, struct sb *out, const char *text)
{
	for (const char *p = text_line(a, text, MOST_NAME); *p != '\0'; p++) {
		char c = *p;

		if (c == '<')
			sb_adds(out, "&lt;");
		else if (c == '&')
			sb_adds(out, "&amp;");
		else if (c == '@')
			sb_adds(out, "&#64;"); /* tells nobody */
		else {
			if (strchr("\\`*_{}[]()#+-.!|~>", c) != NULL)
				sb_addc(out, '\\');
			sb_addc(out, c);
		}
	}
}

/* Longer than any run of backticks in the text, so that nothing ends it. */
static size_t
fence_length(sv text)
{
	size_t most = 2, run = 0;

	for (size_t i = 0; i < text.n; i++) {
		run = text.p[i] == '`' ? run + 1 : 0;
		most = run > most ? run : most;
	}
	return most + 1;
}

static void
markdown_code(struct sb *out, sv text)
{
	size_t fence = fence_length(text);

	sb_pad(out, '`', fence);
	sb_addc(out, '\n');
	sb_addv(out, text);
	if (!sv_ends(text, SV("\n")))
		sb_addc(out, '\n');
	sb_pad(out, '`', fence);
	sb_adds(out, "\n\n");
}

static void
markdown_failure(struct arena *a, const struct picture *p,
    const struct journal_call *c, struct sb *out)
{
	const struct call_facts *f = &p->facts[c->id - 1];
	struct sb log cleanup_sb = SB_INIT, command cleanup_sb = SB_INIT;

	sb_adds(out, "<details><summary>\xe2\x9d\x8c <b>");
	text_markup(out, sv_of(text_line(a, c->name, MOST_NAME)));
	sb_printf(out, "</b> (%s): ", duration_short(a, f->own_ns));
	text_markup(
	    out, sv_of(text_line(a, *f->why ? f->why : f->status, MOST_WHY)));
	sb_adds(out, "</summary>\n\n");
	text_clean(&command, sv_of(picture_rerun(a, p, c)));
	if (command.n > 0)
		markdown_code(out, sb_sv(&command));
	text_log(a, p, &(struct log_part){ f->log, 0, -1, HEAD, TAIL }, &log);
	if (log.n > 0)
		markdown_code(out, sb_sv(&log));
	sb_adds(out, "</details>\n\n");
}

/* With what there is to be said of each, for as long as there is room. */
static void
markdown_failures(struct arena *a, const struct picture *p, const unsigned *ids,
    size_t most, struct sb *out)
{
	size_t n = p->count[VERDICT_FAILED] + p->count[VERDICT_ERROR];

	for (size_t i = 0; i < n; i++) {
		size_t before = out->n;

		markdown_failure(a, p, &p->log->calls.v[ids[i] - 1], out);
		if (out->n <= most)
			continue;
		out->n = before;
		sb_printf(out,
		    "The output of %zu %sfailed calls is left "
		    "out.\n\n",
		    n - i, i > 0 ? "more " : "");
		return;
	}
}

static void
markdown_row(struct arena *a, const struct picture *p,
    const struct journal_call *c, struct sb *out)
{
	static const char *const signs[VERDICT_COUNT] = {
		[VERDICT_PASSED] = "\xe2\x9c\x85",
		[VERDICT_SKIPPED] = "\xe2\x8f\xad",
		[VERDICT_FAILED] = "\xe2\x9d\x8c",
		[VERDICT_ERROR] = "\xe2\x9d\x8c",
		[VERDICT_EXCUSED] = "\xe2\x9a\xa0\xef\xb8\x8f",
		[VERDICT_CANCELLED] = "\xf0\x9f\x9a\xab",
		[VERDICT_UNFINISHED] = "\xe2\x8f\xb3",
	};
	const struct call_facts *f = &p->facts[c->id - 1];

	sb_printf(out, "| %s | ", signs[f->verdict]);
	markdown_text(a, out, c->name);
	sb_printf(out, " | %s | %s | ", duration_short(a, f->own_ns),
	    duration_short(a, f->wait_ns));
	markdown_text(
	    a, out, c->flaky ? "flaky: passed on a retry" : f->status);
	sb_adds(out, f->on_path ? " (critical)" : "");
	if (*c->queue_name != '\0') {
		sb_adds(out, ", job ");
		markdown_text(a, out, c->queue_name);
	}
	if (*c->node != '\0') {
		sb_adds(out, " on ");
		markdown_text(a, out, c->node);
	}
	sb_adds(out, " |\n");
}

static void
markdown_head(struct arena *a, const struct picture *p, struct sb *out)
{
	const size_t *count = p->count;

	sb_adds(out, "## ");
	markdown_text(a, out, p->title);
	sb_printf(out,
	    ": %s\n\n%zu passed, %zu failed, %zu skipped, %zu other, in %s",
	    p->verdict, count[VERDICT_PASSED],
	    count[VERDICT_FAILED] + count[VERDICT_ERROR],
	    count[VERDICT_SKIPPED],
	    count[VERDICT_EXCUSED] + count[VERDICT_CANCELLED] +
		count[VERDICT_UNFINISHED],
	    duration_short(a, p->wall_ns));
	sb_printf(out, " (%s of jobs); run %s\n\n",
	    duration_short(a, p->busy_ns), p->run->id);
}

static bool
is_step_summary(const struct picture *p, const char *target)
{
	struct stat want, is;

	return p->run->step_summary != NULL && *p->run->step_summary != '\0' &&
	       stat(p->run->step_summary, &want) == 0 &&
	       stat(target, &is) == 0 && want.st_dev == is.st_dev &&
	       want.st_ino == is.st_ino;
}

/* Where the target is the file of a step, its size; else 0. */
static size_t
step_has(const struct picture *p, const char *target)
{
	struct stat st;

	if (!is_step_summary(p, target) || stat(target, &st) < 0)
		return 0;
	return (size_t)st.st_size;
}

bool
report_markdown(struct arena *a, const struct picture *p, const char *target,
    struct sb *out, struct err *e)
{
	size_t has = step_has(p, target), most = MOST, i;
	unsigned *ids;

	if (has + LEAST > TAKEN)
		return err_set(e, ERR_GENERIC,
		    "%s has %zu bytes already, and GitHub takes 1 MiB", target,
		    has);
	if (most > TAKEN - has)
		most = TAKEN - has;
	picture_order(a, p, &ids);
	markdown_head(a, p, out);
	markdown_failures(a, p, ids, most / 4 * 3, out);
	sb_adds(out, "| | Call | Time | Waited | Outcome |\n"
		     "|---|---|---:|---:|---|\n");
	for (i = 0; i < p->n_calls && i < ROWS && out->n + ROW < most; i++)
		markdown_row(a, p, &p->log->calls.v[ids[i] - 1], out);
	if (i < p->n_calls)
		sb_printf(
		    out, "\n%zu more calls are left out.\n", p->n_calls - i);
	sb_addc(out, '\n');
	return true;
}

bool
report_markdown_deliver(struct arena *a, const struct picture *p,
    const char *target, sv text, struct err *e)
{
	int fd cleanup_close = -1;

	if (!is_step_summary(p, target))
		return report_put(a, target, text, e);
	fd = open(target, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, errno, "open %s", target);
	return write_all(fd, text.p, text.n) ||
	       err_sys(e, errno, "write %s", target);
}

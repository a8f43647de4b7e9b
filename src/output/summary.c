/* SPDX-License-Identifier: MIT */
/*
 * What a run came to (P-106, P-502): a table of its calls, then the failures
 * with the last lines of their logs, what was skipped and why, the command that
 * reruns just these, and last the line that names the failed phases.
 */
#include "output/internal.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/utf8.h"

/* Less is none: jobs one after the other. */
#define SPEED_UP_MIN 1.05

enum { TAIL_LINES = 10, TAIL_BYTES = 4096, TABLE_ROWS = 40 };

static const char *
outcome_word(const struct run_call *c)
{
	if (c->outcome == OUTCOME_PASSED && c->flaky)
		return "flaky";
	return outcome_name(c->outcome);
}

/* What failed the run, or was to. */
static bool
is_bad(const struct run_call *c)
{
	return outcome_is_bad(c->outcome) && !c->excused;
}

/* A call that failed by itself, not because of one below it. */
static bool
is_root_cause(const struct run_call *c)
{
	return c->outcome == OUTCOME_FAILED && c->cause == NULL && !c->excused;
}

const char *
failure_text(struct arena *a, const struct run_call *c)
{
	if (c->is_unseen && c->exit_status >= 0)
		return arena_printf(a,
		    "failed in the background, exit status %d", c->exit_status);
	if (c->is_unseen)
		return "failed in the background";
	if (c->err.code == ERR_TIMEOUT)
		return "timed out";
	if (c->signal > 0)
		return arena_printf(a, "killed by signal %d", c->signal);
	if (c->exit_status >= 0)
		return arena_printf(a, "exit status %d", c->exit_status);
	return c->err.message ? c->err.message : "failed";
}

int64_t
call_time_ns(const struct run_call *c)
{
	return c->end_ns > c->start_ns && c->start_ns > 0
	    ? c->end_ns - c->start_ns : 0;
}

static void
summary_add_row(
    struct arena *a, struct sb *out, const struct run_call *c, int width)
{
	sb_printf(out, "  %-11s %-*s %8s", outcome_word(c), width,
	    term_shown(a, c->name),
	    call_time_ns(c) > 0 ? duration_short(a, call_time_ns(c)) : "-");
	if (c->slot_wait_ns > NS_PER_S / 100)
		sb_printf(out, "  waited %s",
		    duration_short(a, c->slot_wait_ns));
	if (c->attempts > 1)
		sb_printf(out, "  %u attempts", c->attempts);
	if (c->excused)
		sb_adds(out, "  does not count");
	sb_addc(out, '\n');
}

static void
add_table(struct arena *a, struct sb *out, const struct run_result *r)
{
	int width = 10;
	size_t rows = 0;

	for (size_t i = 0; i < r->n; i++) {
		int n = (int)utf8_count(sv_of(r->calls[i]->name));

		if (n > width && n <= 40)
			width = n;
	}
	/* what shared the run of another call is no line of its own */
	for (size_t i = 0; i < r->n; i++)
		if (r->calls[i]->twin == NULL && rows++ < TABLE_ROWS)
			summary_add_row(a, out, r->calls[i], width);
	if (rows > TABLE_ROWS)
		sb_printf(out, "  … and %zu more\n", rows - TABLE_ROWS);
}

static void
add_times(struct arena *a, struct sb *out, const struct run_result *r)
{
	int64_t wall = r->end_ns - r->start_ns, sum = 0;
	double speed_up;

	for (size_t i = 0; i < r->n; i++)
		sum += r->calls[i]->job_ns - r->calls[i]->calls_ns;
	sb_printf(out, "prun: %zu calls in %s", r->n, duration_short(a, wall));
	if (sum >= NS_PER_MS)
		sb_printf(out, ", %s of work", duration_short(a, sum));
	speed_up = wall > 0 ? (double)sum / (double)wall : 0;
	if (speed_up >= SPEED_UP_MIN)
		sb_printf(out, ", %.1fx as fast as one by one", speed_up);
	sb_addc(out, '\n');
}

/* What a terminal would show of a line in the end: a progress bar draws over
 * itself. */
static sv
last_drawn(sv line)
{
	while (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	for (size_t i = line.n; i > 0; i--)
		if (line.p[i - 1] == '\r')
			return sv_sub(line, i, SIZE_MAX);
	return line;
}

/* The last lines of a log, indented; reads its tail only. */
static void
add_tail(struct sb *out, const char *path)
{
	int fd cleanup_close = open(path, O_RDONLY | O_CLOEXEC);
	char block[TAIL_BYTES];
	struct stat st;
	ssize_t n;
	sv text, line;
	bool colored = false;

	if (fd < 0 || fstat(fd, &st) != 0)
		return;
	n = pread(fd, block, sizeof(block),
	    st.st_size > TAIL_BYTES ? st.st_size - TAIL_BYTES : 0);
	if (n <= 0)
		return;
	text = last_lines((sv){ block, (size_t)n }, TAIL_LINES);
	while (text.n > 0) {
		sv_cut(text, '\n', &line, &text);
		sb_adds(out, "    | ");
		sb_addv(out, last_drawn(line));
		colored |= memchr(line.p, '\033', line.n) != NULL;
		sb_addc(out, '\n');
	}
	/* cut off in the middle of a colour, it would go on */
	if (colored)
		sb_adds(out, "\033[0m");
}

static void
add_failed(struct arena *a, struct sb *out, const struct run_call *c,
    struct output_log log)
{
	sb_printf(out, "  %s: ", term_shown(a, c->name));
	/* the message of an error may have several lines */
	term_add_shown(out, sv_of(failure_text(a, c)), true);
	if (call_time_ns(c) > 0)
		sb_printf(out, " after %s", duration_short(a, call_time_ns(c)));
	if (log.was_lent)
		sb_adds(out, ", output on the screen");
	else if (log.path != NULL)
		sb_printf(out, ", log %s", log.path);
	else if (c->jobs > 0)
		sb_adds(out, ", no output");
	sb_addc(out, '\n');
	if (log.path != NULL && !log.was_lent)
		add_tail(out, log.path);
}

static void
add_failures(const struct output *o, struct arena *a, struct sb *out,
    const struct run_result *r)
{
	sb_adds(out, "prun: failed:\n");
	for (size_t i = 0; i < r->n; i++)
		if (is_root_cause(r->calls[i]))
			add_failed(a, out, r->calls[i],
			    output_log_of(o, r->calls[i]));
	for (size_t i = 0; i < r->n; i++) {
		const struct run_call *c = r->calls[i];

		if (c->twin != NULL || c->excused)
			continue;
		if (c->outcome == OUTCOME_FAILED && !is_root_cause(c))
			sb_printf(out, "  %s: because of %s\n",
			    term_shown(a, c->name),
			    term_shown(a, c->cause->name));
		else if (c->outcome == OUTCOME_NOT_RUN)
			sb_printf(out, "  %s: not run, %s\n",
			    term_shown(a, c->name),
			    c->skip_detail ? term_shown(a, c->skip_detail)
					   : "something before it failed");
		else if (c->outcome == OUTCOME_CANCELLED)
			sb_printf(out, "  %s: cancelled\n",
			    term_shown(a, c->name));
	}
}

/* What has to run again: what failed by itself, and what was to run after it.
 * Tasks that only call others are done when those are. */
static bool
is_rerun(const struct run_call *c)
{
	if (c->twin != NULL || c->excused)
		return false;
	/* a named task that its turn never came to */
	if (c->outcome == OUTCOME_NOT_RUN && c->parent == NULL &&
	    c->skip == SKIP_EARLIER_FAILED)
		return true;
	if (c->outcome == OUTCOME_NOT_RUN)
		return c->parent != NULL && c->task && c->task->cmds.n > 0;
	return is_root_cause(c) || c->outcome == OUTCOME_CANCELLED;
}

/* The nearest call that a command line can make: not internal, and without
 * variables of the task that made it. */
static const struct run_call *
summary_by_name(const struct run_call *c)
{
	while (c->parent != NULL &&
	    (c->has_vars || c->task == NULL || c->task->internal))
		c = c->parent;
	return c;
}

/* Root causes before what they kept from running. */
void
output_rerun(struct arena *a, const struct run_result *r, string_vec *out)
{
	struct map *names = map_new(a);
	const struct map_entry *name;

	for (int roots = 1; roots >= 0; roots--)
		for (size_t i = 0; i < r->n; i++) {
			const struct run_call *c = r->calls[i];

			if (is_rerun(c) && is_root_cause(c) == roots)
				map_put(names,
				    sv_of(summary_by_name(c)->called_name),
				    r->calls[i]);
		}
	map_each(names, name)
		vec_push(a, out, name->key.p);
}

static void
summary_add_rerun(
    struct sb *out, const struct run_result *r, const char *rerun)
{
	struct arena *a cleanup_arena = arena_new();
	string_vec names = { 0 };

	output_rerun(a, r, &names);
	if (names.n > 0 && rerun != NULL)
		sb_printf(out, "prun: run again what failed: %s\n", rerun);
}

/* The names of the phases that failed the run, or of the named tasks. */
static size_t
add_failed_names(struct sb *b, const struct run_result *r, bool phases)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++) {
		const struct run_call *c = r->calls[i];

		if (is_bad(c) && (phases ? c->is_phase : c->parent == NULL))
			sb_printf(b, "%s%s", n++ ? ", " : "", c->name);
	}
	return n;
}

const char *
output_verdict(struct arena *a, const struct run_result *r)
{
	struct sb b cleanup_sb = SB_INIT;

	if (r->n == 0 || (!err_is_set(&r->err) && r->signal == 0))
		return NULL;
	/* a named task that fails by a command of its own, beside its phases;
	 * a bound of the run that no call has felt */
	if (add_failed_names(&b, r, true) == 0 &&
	    add_failed_names(&b, r, false) == 0)
		sb_adds(&b, "the run");
	return arena_printf(a, "prun: FAILED: %s", sb_cstr(&b));
}

/* GitHub shows ten of a step and drops the rest in silence: these, the one of a
 * named task, and the one that says how many more there are. */
enum { ANNOTATIONS_MAX = 8 };

static void
annotate_failures(
    struct output *o, struct arena *a, const struct run_result *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++) {
		const struct run_call *c = r->calls[i];

		if (is_root_cause(c) && c->twin == NULL &&
		    n++ < ANNOTATIONS_MAX)
			ci_annotate(o, c, failure_text(a, c));
	}
	if (n > ANNOTATIONS_MAX)
		ci_annotate_more(o, n - ANNOTATIONS_MAX);
}

void
output_summary(
    struct output *o, const struct run_result *r, const char *rerun)
{
	struct arena *a cleanup_arena = arena_new();
	struct sb b cleanup_sb = SB_INIT;
	bool failed = output_verdict(a, r) != NULL;

	if (o->c.compat)
		return;
	annotate_failures(o, a, r);
	if (r->n < 2)
		return;
	if (!o->c.silent) {
		sb_addc(&b, '\n');
		add_table(a, &b, r);
		add_times(a, &b, r);
	}
	if (failed) {
		add_failures(o, a, &b, r);
		summary_add_rerun(&b, r, rerun);
	}
	term_say(o->c.term, STDERR_FILENO, sb_sv(&b));
}

/* SPDX-License-Identifier: MIT */
/*
 * What a run came to (P-106, P-502): a table of its calls, then the failures
 * with the last lines of their logs, what was not run and why, the command that
 * reruns just these, and last the verdict, which names what failed.
 */
#include "output/internal.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "compile/task_words.h"

/* Less is none: jobs one after the other. */
#define SPEED_UP_MIN 1.05

enum {
	TAIL_LINES = 10,
	TAIL_BYTES = 4096,
	CHAIN_MAX = 8, /* callers of a chain that are named */
	NAMES_MAX = 8, /* in the verdict */
	SIDE_MAX = 12, /* lines of what was not run or cancelled */
};

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

/* Of go-task's message the part that says how long it was to take. */
static const char *
timeout_text(const char *message)
{
	const char *said = message != NULL
			       ? strstr(message, "command timeout exceeded")
			       : NULL;

	return said != NULL ? said : "timed out";
}

/* go-task's name is in front of what it says; prun's is there already. */
static const char *
without_name(const char *message)
{
	return strncmp(message, "task: ", 6) == 0 ? message + 6 : message;
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
		return timeout_text(c->err.message);
	if (c->signal > 0)
		return arena_printf(a, "killed by signal %d", c->signal);
	if (c->exit_status >= 0)
		return arena_printf(a, "exit status %d", c->exit_status);
	return c->err.message ? without_name(c->err.message) : "failed";
}

static void
add_times(struct arena *a, struct sb *out, const struct run_result *r)
{
	int64_t wall = r->end_ns - r->start_ns, sum = 0;
	size_t n = 0;
	double speed_up;

	for (size_t i = 0; i < r->n; i++) {
		n += !r->calls[i]->is_earlier;
		sum += r->calls[i]->job_ns - r->calls[i]->calls_ns;
	}
	sb_printf(out, "prun: %zu call%s in %s", n, n == 1 ? "" : "s",
	    duration_short(a, wall));
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

/* "qa > test": who called it, the requested task first. */
static void
add_chain(struct arena *a, struct sb *out, const struct run_call *c)
{
	const struct run_call *callers[CHAIN_MAX];
	size_t n = 0, more = 0;

	for (c = c->parent; c != NULL; c = c->parent) {
		if (n < CHAIN_MAX)
			callers[n++] = c;
		else
			more++;
	}
	if (n == 0)
		return;
	sb_addc(out, '(');
	if (more > 0)
		sb_printf(out, "%zu more > ", more);
	while (n > 0) {
		sb_adds(out, term_shown(a, callers[--n]->name));
		sb_adds(out, n > 0 ? " > " : ")");
	}
}

/* "test:py (qa > test): exit status 1 after 207ms (waited 313ms)" */
static void
add_reason(struct arena *a, struct sb *out, const struct run_call *c)
{
	const char *wait = wait_text(a, c);

	sb_printf(out, "prun: %s", term_shown(a, c->name));
	if (c->parent != NULL)
		sb_addc(out, ' ');
	add_chain(a, out, c);
	sb_adds(out, ": ");
	/* the message of an error may have several lines */
	term_add_shown(out, sv_of(failure_text(a, c)), true);
	if (own_time_ns(c) >= OWN_TIME_MIN_NS)
		sb_printf(out, " after %s", own_time_text(a, c));
	if (wait != NULL)
		sb_printf(out, " (waited %s)", wait);
}

static void
add_failed(const struct output *o, struct arena *a, struct sb *out,
    const struct run_call *c)
{
	const struct location *at = run_call_fault(c);
	struct output_log log = output_log_of(o, c);
	struct sb reason cleanup_sb = SB_INIT;

	add_reason(a, &reason, c);
	term_add(o->c.term, out, COLOR_RED, sb_sv(&reason));
	sb_addc(out, '\n');
	if (log.was_lent) {
		sb_adds(out, "    its output is on the screen\n");
	} else if (log.path != NULL) {
		add_tail(out, log.path);
		sb_printf(out, "    log: %s\n", log.path);
	} else if (c->jobs > 0) {
		sb_adds(out, "    it printed nothing\n");
	}
	if (at != NULL)
		sb_printf(
		    out, "    at %s\n", term_shown(a, location_text(a, at)));
}

/* What did not come to its turn, or not to its end. */
static bool
is_beside(const struct run_call *c)
{
	return c->twin == NULL && !c->excused &&
	       (c->outcome == OUTCOME_NOT_RUN ||
		   c->outcome == OUTCOME_CANCELLED);
}

static void
add_failures(const struct output *o, struct arena *a, struct sb *out,
    const struct run_result *r)
{
	size_t beside = 0;

	for (size_t i = 0; i < r->n; i++)
		if (is_root_cause(r->calls[i]))
			add_failed(o, a, out, r->calls[i]);
	for (size_t i = 0; i < r->n; i++)
		if (is_beside(r->calls[i]) && beside++ < SIDE_MAX)
			sb_printf(out, "prun: %s: %s\n",
			    term_shown(a, r->calls[i]->name),
			    term_shown(a, ending_text(a, o, r->calls[i])));
	if (beside > SIDE_MAX)
		sb_printf(out, "prun: and %zu more were not run or cancelled\n",
		    beside - SIDE_MAX);
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

/* ---- the verdict ---- */

/* Names once each, in order; the caller puts words between. */
struct name_list {
	struct sb *out;
	struct map *seen;
	size_t n;
};

static void
add_verdict_name(struct name_list *l, const char *name)
{
	if (map_get(l->seen, sv_of(name)) != NULL)
		return;
	map_put(l->seen, sv_of(name), l);
	if (l->n++ < NAMES_MAX)
		sb_printf(l->out, "%s%s", l->n > 1 ? ", " : "", name);
}

/* The phase that failed by it: the one above it, or where that one went on, one
 * that shared its failure. */
static const struct run_call *
phase_of(const struct run_result *r, const struct run_call *c)
{
	const struct run_call *phase = c;

	while (phase != NULL && !phase->is_phase)
		phase = phase->parent;
	if (phase == NULL || is_bad(phase))
		return phase;
	for (size_t i = 0; i < r->n; i++)
		if (r->calls[i]->is_phase && is_bad(r->calls[i]) &&
		    root_cause(r->calls[i]) == c)
			return r->calls[i];
	return NULL;
}

/* Says "test:py" of the phase "test" by itself that it is one of it? */
static bool
tells_phase(const char *name, const char *phase)
{
	size_t n = strlen(phase);

	return strncmp(name, phase, n) == 0 &&
	       strchr(":-", name[n]) != NULL; /* the end as well */
}

/* What failed by itself; a call below a phase with the name of that phase. */
static void
name_roots(struct arena *a, struct name_list *l, const struct run_result *r)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct run_call *c = r->calls[i], *phase;

		if (!is_root_cause(c))
			continue;
		phase = phase_of(r, c);
		if (phase == NULL || tells_phase(c->name, phase->name))
			add_verdict_name(l, c->name);
		else
			add_verdict_name(l,
			    arena_printf(a, "%s (%s)", phase->name, c->name));
	}
}

/* Where nothing has a name so far: the phases, or the named tasks. */
static void
name_failed(struct name_list *l, const struct run_result *r, bool phases)
{
	if (l->n > 0)
		return;
	for (size_t i = 0; i < r->n; i++)
		if (is_bad(r->calls[i]) &&
		    (phases ? r->calls[i]->is_phase
			    : r->calls[i]->parent == NULL))
			add_verdict_name(l, r->calls[i]->name);
}

/* "1 failed, 3 passed, 1 up to date".  Callers that have nothing of their own
 * count by what they call. */
static void
add_counts(struct arena *a, struct sb *out, const struct run_result *r)
{
	static const enum outcome order[] = { OUTCOME_FAILED, OUTCOME_PASSED,
		OUTCOME_UP_TO_DATE, OUTCOME_CACHED, OUTCOME_SKIPPED,
		OUTCOME_NOT_RUN, OUTCOME_CANCELLED };
	size_t n[OUTCOME_CANCELLED + 1] = { 0 };
	const char *sep = "";

	for (size_t i = 0; i < r->n; i++) {
		const struct run_call *c = r->calls[i];

		if (c->is_earlier)
			continue;
		if (c->outcome == OUTCOME_FAILED)
			n[OUTCOME_FAILED] += is_root_cause(c) &&
			    (c->twin == NULL || c->twin->excused);
		else if (c->twin == NULL &&
			 (c->task == NULL || task_has_commands(a, c->task)))
			n[c->outcome]++;
	}
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (n[order[i]] == 0)
			continue;
		sb_printf(out, "%s%zu %s", sep, n[order[i]],
		    outcome_name(order[i]));
		sep = ", ";
	}
}

static bool
has_failed(const struct run_result *r)
{
	return r->n > 0 && (err_is_set(&r->err) || r->signal != 0);
}

static void
add_culprits(struct arena *a, struct sb *out, const struct run_result *r)
{
	struct name_list l = { .out = out, .seen = map_new(a) };

	/* a named task that fails by a command of its own, beside its phases;
	 * a bound of the run that no call has felt */
	name_roots(a, &l, r);
	name_failed(&l, r, true);
	name_failed(&l, r, false);
	if (l.n == 0)
		sb_adds(out, "the run");
	if (l.n > NAMES_MAX)
		sb_printf(out, " and %zu more", l.n - NAMES_MAX);
}

const char *
output_verdict(struct arena *a, const struct run_result *r, const char *behind)
{
	struct sb b cleanup_sb = SB_INIT;

	if (has_failed(r) || behind != NULL) {
		sb_adds(&b, "FAILED: ");
		if (has_failed(r))
			add_culprits(a, &b, r);
		else
			sb_adds(&b, behind);
		sb_adds(&b, "; ");
	}
	add_counts(a, &b, r);
	return arena_strdup(a, sb_cstr(&b));
}

bool
output_tells_failure(const struct output *o, const struct run_result *r)
{
	if (o->c.compat || r->n < 2 || r->err_call == NULL)
		return false;
	for (size_t i = 0; i < r->n; i++)
		if (is_root_cause(r->calls[i]))
			return true;
	return false;
}

bool
output_annotates(const struct output *o, const struct run_result *r)
{
	if (o->c.compat || o->c.ci == OUTPUT_CI_NONE)
		return false;
	for (size_t i = 0; i < r->n; i++)
		if (is_root_cause(r->calls[i]))
			return true;
	return false;
}

/* GitHub shows ten of a step and drops the rest in silence: these, and the one
 * that says how many more there are. */
enum {
	ANNOTATIONS_MAX = 9
};

static void
annotate_failures(
    struct output *o, struct arena *a, const struct run_result *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++) {
		const struct run_call *c = r->calls[i];

		if (is_root_cause(c) && c->twin == NULL &&
		    n++ < ANNOTATIONS_MAX)
			ci_annotate(o, a, c, failure_text(a, c));
	}
	if (n > ANNOTATIONS_MAX)
		ci_annotate_more(o, n - ANNOTATIONS_MAX);
}

/* In CI the machine of a run is soon gone. */
static void
add_place_of_logs(const struct output *o, struct sb *out)
{
	if (o->c.ci == OUTPUT_CI_NONE || o->c.silent || o->c.run_dir == NULL)
		return;
	sb_printf(out, "prun: logs: %s%s\n", o->c.run_dir->path,
	    o->c.is_run_dir_kept
		? " (keep this folder to have them)"
		: ", which go with this machine; [logs] dir = FOLDER in "
		  "prun.ini puts them where the job can keep them");
}

void
output_summary(
    struct output *o, const struct run_result *r, const char *rerun)
{
	struct arena *a cleanup_arena = arena_new();
	struct sb b cleanup_sb = SB_INIT;
	bool failed = has_failed(r);

	if (o->c.compat)
		return;
	annotate_failures(o, a, r);
	if (r->n < 2)
		return;
	if (!o->c.silent) {
		sb_addc(&b, '\n');
		add_table(o, &b, r);
		if (!o->c.dry)
			add_times(a, &b, r);
	}
	if (failed) {
		add_failures(o, a, &b, r);
		add_place_of_logs(o, &b);
		summary_add_rerun(&b, r, rerun);
	}
	term_say(o->c.term, STDERR_FILENO, sb_sv(&b));
}

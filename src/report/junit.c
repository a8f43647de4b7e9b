/* SPDX-License-Identifier: MIT */
/*
 * The kind `junit`: a testcase a call.  What GitLab and Jenkins read of it
 * decides the details: a class and a name together must be unique, since only
 * the first of two alike counts; long texts break their parsers.
 */
#include "report/kind.h"

#include "base/map.h"

enum {
	HEAD = 16 * 1024,
	TAIL = 48 * 1024,
	ALL_LOGS = 24 * 1024 * 1024, /* GitLab takes 30 MB a file */
	MOST_TEXT = 2000,            /* of an attribute */
};

struct junit {
	struct arena *a;
	const struct picture *p;
	struct sb *out;
	struct map *names; /* class and name: how often it came */
};

static void
junit_attribute(struct junit *j, const char *key, const char *text)
{
	sb_printf(j->out, " %s=\"", key);
	text_markup(j->out, sv_of(text_line(j->a, text, MOST_TEXT)));
	sb_addc(j->out, '"');
}

/* prun.NAMESPACE: of "docs:api:build" prun.docs.api */
static const char *
junit_class(struct arena *a, const char *task)
{
	const char *end = strrchr(task, ':');
	struct sb b cleanup_sb = SB_INIT;

	sb_adds(&b, "prun");
	if (end != NULL && end > task)
		sb_addc(&b, '.');
	for (const char *p = task; end != NULL && p < end; p++)
		sb_addc(&b, *p == ':' ? '.' : *p);
	return sb_take(&b, a).p;
}

/* As it is written: what differs in nothing that is shown is the same. */
static const char *
junit_name(struct junit *j, const char *class, const char *name)
{
	const char *key = arena_printf(j->a, "%s %s", class, name);
	unsigned *count = map_get(j->names, sv_of(key));

	if (count == NULL) {
		count = arena_new_of(j->a, unsigned);
		map_put(j->names, sv_of(key), count);
	}
	return ++*count == 1 ? name
			     : junit_name(j, class,
				   arena_printf(j->a, "%s (%u)", name, *count));
}

static void
junit_log(struct junit *j, const struct log_part *part, const char *element)
{
	struct sb log cleanup_sb = SB_INIT;

	if (j->out->n > ALL_LOGS)
		return;
	text_log(j->a, j->p, part, &log);
	if (log.n == 0)
		return;
	sb_printf(j->out, "<%s>", element);
	text_markup(j->out, sb_sv(&log));
	sb_printf(j->out, "</%s>", element);
}

/* One that failed before the last one. */
static void
junit_attempt(
    struct junit *j, const char *element, const struct journal_job *job)
{
	const char *why = *job->error != '\0'
			      ? job->error
			      : arena_printf(j->a, "attempt %u: exit status %d",
				    job->attempt, job->exit_status);

	sb_printf(j->out, "\n      <%s", element);
	junit_attribute(j, "message", why);
	junit_attribute(j, "type", *job->error ? "spawn" : "exit");
	sb_addc(j->out, '>');
	junit_log(j,
	    &(struct log_part){
		job->log, job->log_begin, job->log_end, HEAD, TAIL },
	    "system-out");
	sb_printf(j->out, "</%s>", element);
}

/* By the jobs that failed: of each earlier attempt, the last. */
static void
junit_attempts(struct junit *j, const struct journal_call *c)
{
	const struct journal_log *log = j->p->log;
	const struct call_facts *f = &j->p->facts[c->id - 1];

	for (unsigned id = f->first_job; id != 0 && id <= f->last_job; id++) {
		const struct journal_job *job = &log->jobs.v[id - 1];

		if (job->call == c->id && job->attempt < c->attempts &&
		    (job->exit_status > 0 || *job->error != '\0'))
			junit_attempt(
			    j, c->flaky ? "flakyFailure" : "rerunFailure", job);
	}
}

static const char *
junit_message(struct arena *a, const struct call_facts *f)
{
	if (f->verdict == VERDICT_EXCUSED && *f->why != '\0')
		return arena_printf(a, "%s: %s", f->status, f->why);
	return *f->why != '\0' ? f->why : f->status;
}

static void
junit_verdict(struct junit *j, const struct call_facts *f)
{
	static const char *const elements[VERDICT_COUNT] = {
		[VERDICT_SKIPPED] = "skipped",
		[VERDICT_EXCUSED] = "skipped", /* or a run that passed is red */
		[VERDICT_FAILED] = "failure",
		[VERDICT_ERROR] = "error",
		[VERDICT_CANCELLED] = "error",
		[VERDICT_UNFINISHED] = "error",
	};
	const char *element = elements[f->verdict];

	if (element == NULL)
		return;
	sb_printf(j->out, "\n      <%s", element);
	junit_attribute(j, "message", junit_message(j->a, f));
	if (strcmp(element, "skipped") != 0)
		junit_attribute(j, "type", f->type);
	sb_adds(j->out, "/>");
}

static void
junit_property(struct junit *j, const char *name, const char *value)
{
	if (*value == '\0')
		return;
	sb_printf(j->out, "<property name=\"prun.%s\"", name);
	junit_attribute(j, "value", value);
	sb_adds(j->out, "/>");
}

/* What the format has no other place for: retries, and where a cluster ran
 * it. */
static void
junit_properties(struct junit *j, const struct journal_call *c)
{
	sb_adds(j->out, "\n      <properties>");
	if (c->flaky) {
		junit_property(j, "flaky", "true");
		junit_property(
		    j, "attempts", arena_printf(j->a, "%u", c->attempts));
	}
	junit_property(j, "node", c->node);
	junit_property(j, "job", c->queue_name);
	sb_adds(j->out, "</properties>");
}

static void
junit_case(struct junit *j, const struct journal_call *c)
{
	const struct call_facts *f = &j->p->facts[c->id - 1];
	const char *class =
	    junit_class(j->a, text_line(j->a, c->task, MOST_TEXT / 2));
	const char *name = text_line(j->a, c->name, MOST_TEXT / 2);
	bool has_properties =
	    c->flaky || *c->node != '\0' || *c->queue_name != '\0';
	bool tells = f->verdict != VERDICT_PASSED || has_properties;

	sb_adds(j->out, "    <testcase");
	junit_attribute(j, "classname", class);
	junit_attribute(j, "name", junit_name(j, class, name));
	sb_adds(j->out, " time=\"");
	text_seconds(j->out, f->own_ns);
	sb_adds(j->out, "\"");
	if (!tells) {
		sb_adds(j->out, "/>\n");
		return;
	}
	sb_addc(j->out, '>');
	if (has_properties)
		junit_properties(j, c);
	junit_verdict(j, f);
	if (c->attempts > 1)
		junit_attempts(j, c);
	if (f->verdict != VERDICT_PASSED && f->verdict != VERDICT_SKIPPED)
		junit_log(j, &(struct log_part){ f->log, 0, -1, HEAD, TAIL },
		    "system-out");
	sb_adds(j->out, "\n    </testcase>\n");
}

static void
junit_counts(struct junit *j)
{
	const size_t *count = j->p->count;

	sb_printf(j->out,
	    " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" "
	    "time=\"",
	    j->p->n_calls, count[VERDICT_FAILED],
	    count[VERDICT_ERROR] + count[VERDICT_CANCELLED] +
		count[VERDICT_UNFINISHED],
	    count[VERDICT_SKIPPED] + count[VERDICT_EXCUSED]);
	text_seconds(j->out, j->p->wall_ns);
	sb_adds(j->out, "\" timestamp=\"");
	text_time(j->out, j->p->log->run.at_ns);
	sb_adds(j->out, "\"");
}

bool
report_junit(struct arena *a, const struct picture *p, const char *target,
    struct sb *out, struct err *e)
{
	struct junit j = { a, p, out, map_new(a) };
	const struct journal_call *c;

	(void)target, (void)e;
	sb_adds(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		     "<testsuites name=\"prun\"");
	junit_counts(&j);
	sb_adds(out, ">\n  <testsuite");
	junit_attribute(&j, "name", arena_printf(a, "prun:%s", p->title));
	sb_adds(out, " id=\"0\"");
	junit_attribute(&j, "hostname", p->log->run.host);
	junit_counts(&j);
	sb_adds(out, ">\n");
	vec_each(&p->log->calls, c)
		if (c->id != 0)
			junit_case(&j, c);
	sb_adds(out, "  </testsuite>\n</testsuites>\n");
	return true;
}

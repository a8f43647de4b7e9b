/* SPDX-License-Identifier: MIT */
/*
 * The calls of a run, a row each (P-502): below their callers, what failed
 * before its siblings, at most so many that they fit a screen: first those that
 * failed, then the others in order.
 */
#include "output/internal.h"

#include "output/columns.h"

enum {
	ROWS_MAX = 12,
	NAME_MIN = 10, /* columns of names, indentation included */
	NAME_MAX = 48,
	INDENT = 2,
	/* waits below it are the machine's, not the slots' */
	WAIT_MIN_NS = NS_PER_S / 100,
};

/* ---- what is said of a call ---- */

int64_t
own_time_ns(const struct run_call *c)
{
	return c->job_ns > c->calls_ns ? c->job_ns - c->calls_ns : 0;
}

const char *
own_time_text(struct arena *a, const struct run_call *c)
{
	return own_time_ns(c) >= OWN_TIME_MIN_NS
		   ? duration_short(a, own_time_ns(c))
		   : "-";
}

const char *
wait_text(struct arena *a, const struct run_call *c)
{
	return c->slot_wait_ns > WAIT_MIN_NS
		   ? duration_short(a, c->slot_wait_ns)
		   : NULL;
}

const struct run_call *
root_cause(const struct run_call *c)
{
	if (c->cause == NULL)
		return NULL;
	while (c->cause != NULL)
		c = c->cause;
	return c;
}

struct ending {
	enum color color;
	const char *sign, *ascii;
};

static const struct ending endings[] = {
	[OUTCOME_NONE] = { COLOR_DEFAULT, "-", "-   " },
	[OUTCOME_PASSED] = { COLOR_GREEN, "✓", "ok  " },
	[OUTCOME_UP_TO_DATE] = { COLOR_GREEN, "✓", "ok  " },
	[OUTCOME_CACHED] = { COLOR_GREEN, "✓", "ok  " },
	[OUTCOME_SKIPPED] = { COLOR_YELLOW, "-", "-   " },
	[OUTCOME_FAILED] = { COLOR_RED, "✗", "FAIL" },
	[OUTCOME_NOT_RUN] = { COLOR_YELLOW, "-", "-   " },
	[OUTCOME_CANCELLED] = { COLOR_YELLOW, "-", "-   " },
};

/* ✓, ✗ or -, in its colour */
static void
add_sign(const struct output *o, struct sb *out, enum outcome outcome)
{
	const struct ending *e = &endings[outcome];

	if (o->c.dry && outcome == OUTCOME_PASSED)
		e = &endings[OUTCOME_NONE];
	term_add(o->c.term, out, e->color,
	    sv_of(o->c.term->ascii ? e->ascii : e->sign));
}

static const char *
passed_text(
    struct arena *a, const struct output *o, const struct run_call *c)
{
	if (o->c.dry)
		return "would run";
	if (c->flaky)
		return arena_printf(a, "flaky, %u attempts", c->attempts);
	if (c->attempts > 1)
		return arena_printf(a, "%u attempts", c->attempts);
	return c->miss;
}

static const char *
failed_text(struct arena *a, const struct run_call *c)
{
	const struct run_call *root = root_cause(c);

	if (root == NULL)
		return failure_text(a, c);
	/* a dep that was not run has its own reason */
	return arena_printf(a, "because of %s",
	    root->outcome == OUTCOME_NOT_RUN && root->skip_detail != NULL
		? root->skip_detail
		: root->name);
}

const char *
ending_text(
    struct arena *a, const struct output *o, const struct run_call *c)
{
	switch (c->outcome) {
	case OUTCOME_NONE:
		return NULL;
	case OUTCOME_PASSED:
		return passed_text(a, o, c);
	case OUTCOME_FAILED:
		return failed_text(a, c);
	case OUTCOME_NOT_RUN:
		return c->skip_detail != NULL
			   ? arena_printf(a, "not run, because %s failed",
				 c->skip_detail)
			   : "not run, because something before it failed";
	case OUTCOME_UP_TO_DATE:
	case OUTCOME_CACHED:
	case OUTCOME_SKIPPED:
	case OUTCOME_CANCELLED:
		return outcome_name(c->outcome);
	}
	return NULL;
}

/* Where in a cluster it ran, and how long the cluster let it wait. */
static void
add_cluster(struct arena *a, struct sb *out, const struct run_call *c)
{
	if (c->queue_name == NULL)
		return;
	sb_printf(out, ", queued %s", duration_short(a, c->queue_wait_ns));
	if (c->node != NULL)
		sb_printf(out, ", on %s", c->node);
	sb_printf(out, " as job %s", c->queue_name);
}

void
add_call(const struct output *o, struct sb *out, const struct run_call *c,
    size_t width)
{
	struct arena *a cleanup_arena = arena_new();
	const char *text = ending_text(a, o, c);
	const char *wait = wait_text(a, c);
	size_t used = columns_of(sv_of(c->name));

	add_sign(o, out, c->outcome);
	sb_addc(out, ' ');
	columns_add_line(out, c->name);
	sb_pad(out, ' ', used < width ? width - used : 0);
	sb_printf(out, " %8s", own_time_text(a, c));
	if (wait != NULL)
		sb_printf(out, ", waited %s", wait);
	add_cluster(a, out, c);
	if (text != NULL) {
		sb_adds(out, "  ");
		columns_add_line(out, text);
	}
}

/* ---- rows ---- */

struct row {
	const struct run_call *call;
	struct row *parent;
	VEC(struct row *) below;
	size_t depth;
	bool has_failed; /* it or one below it */
	bool shown;
};

struct rows {
	struct arena *a;
	struct row **of; /* by the id of the call; NULL: it has none */
	struct row top;
	VEC(struct row *) in_order;
};

static bool
is_bad_row(const struct run_call *c)
{
	return outcome_is_bad(c->outcome) && !c->excused;
}

/* What shared the run of another call is no row of its own, nor is what passed
 * in the run before (--failed). */
static void
read_rows(struct rows *t, const struct run_result *r)
{
	unsigned last = 0;

	for (size_t i = 0; i < r->n; i++)
		last = r->calls[i]->id > last ? r->calls[i]->id : last;
	t->of = arena_alloc(t->a, (last + 1) * sizeof(struct row *));
	for (size_t i = 0; i < r->n; i++) {
		const struct run_call *c = r->calls[i];
		struct row *row = arena_new_of(t->a, struct row);

		if (c->twin != NULL || c->is_earlier)
			continue;
		row->call = c;
		row->parent =
		    c->parent != NULL && t->of[c->parent->id] != NULL
			? t->of[c->parent->id]
			: &t->top;
		row->depth = row->parent == &t->top ? 0
						    : row->parent->depth + 1;
		vec_push(t->a, &row->parent->below, row);
		t->of[c->id] = row;
		for (struct row *up = row; is_bad_row(c) && up != NULL &&
					   !up->has_failed;
		     up = up->parent)
			up->has_failed = true;
	}
}

/* Below each row those with a failure first; no call of it is recursive, since
 * a chain of calls can be long. */
static void
order_rows(struct rows *t)
{
	VEC(struct row *) open = { 0 };

	vec_push(t->a, &open, &t->top);
	while (open.n > 0) {
		struct row *row = open.v[--open.n];

		if (row != &t->top)
			vec_push(t->a, &t->in_order, row);
		/* the last one is taken first */
		for (int failed = 0; failed <= 1; failed++)
			for (size_t i = row->below.n; i > 0; i--)
				if (row->below.v[i - 1]->has_failed == failed)
					vec_push(
					    t->a, &open, row->below.v[i - 1]);
	}
}

/* What is bad first. */
static void
choose_rows(struct rows *t, size_t max)
{
	size_t n = 0;

	for (int bad = 1; bad >= 0; bad--)
		for (size_t i = 0; i < t->in_order.n && n < max; i++) {
			struct row *row = t->in_order.v[i];

			if (!row->shown && is_bad_row(row->call) == bad) {
				row->shown = true;
				n++;
			}
		}
}

static size_t
row_width(const struct row *row)
{
	return INDENT * row->depth + columns_of(sv_of(row->call->name));
}

static void
add_row(const struct output *o, struct sb *out, const struct row *row,
    size_t width)
{
	size_t indent = INDENT * row->depth;

	sb_pad(out, ' ', INDENT + indent);
	add_call(o, out, row->call, width > indent ? width - indent : 0);
	if (row->call->excused)
		sb_adds(out, ", does not count");
	sb_addc(out, '\n');
}

/* "and 19 more passed, 2 up to date" */
static void
add_left_out(struct sb *out, const struct rows *t)
{
	size_t n[OUTCOME_CANCELLED + 1] = { 0 };
	const char *sep = "  and";

	for (size_t i = 0; i < t->in_order.n; i++)
		if (!t->in_order.v[i]->shown)
			n[t->in_order.v[i]->call->outcome]++;
	for (int k = 0; k <= OUTCOME_CANCELLED; k++) {
		if (n[k] == 0)
			continue;
		sb_printf(out, "%s %zu%s %s", sep, n[k],
		    *sep == ' ' ? " more" : "", outcome_name((enum outcome)k));
		sep = ",";
	}
	if (*sep == ',')
		sb_addc(out, '\n');
}

void
add_table(const struct output *o, struct sb *out, const struct run_result *r)
{
	struct arena *a cleanup_arena = arena_new();
	struct rows t = { .a = a };
	size_t width = NAME_MIN;
	struct row **row;

	read_rows(&t, r);
	order_rows(&t);
	choose_rows(&t, o->c.verbose ? SIZE_MAX : ROWS_MAX);
	vec_each(&t.in_order, row)
		if ((*row)->shown && row_width(*row) > width)
			width = row_width(*row);
	if (width > NAME_MAX)
		width = NAME_MAX;
	vec_each(&t.in_order, row)
		if ((*row)->shown)
			add_row(o, out, *row, width);
	add_left_out(out, &t);
}

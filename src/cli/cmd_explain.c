/* SPDX-License-Identifier: MIT */
/*
 * --explain: why a task would run or be skipped (P-507).  Its `sh:` variables
 * and `status` commands are run, as --status does; no state is changed.
 */
#include "config.h"

#include "cli/cli.h"

#include <unistd.h>

#include "exec/capture.h"
#include "project/run_cache.h"

/* How deep deps are followed. */
enum { DEPTH_MAX = 50 };

struct explain {
	struct project *p;
	struct fp *fp;
	struct run_cache *cache; /* NULL: nothing is kept */
	struct map *seen;
	struct sb out;
};

/* Does a command of the task's end with 0? */
static bool
holds(struct project *p, const struct ctask *t, const char *text)
{
	struct err e cleanup_err = ERR_INIT;
	struct capture run = { .dir = t->dir, .env = t->env };
	sv ignored;
	int status;

	return project_shell(p, text, &run, &ignored, &status, &e) &&
	    status == 0;
}

/* P-406: secrets are masked, also where go-task is the model. */
static void
explain_add_line(struct explain *x, int depth, const char *text)
{
	struct sb plain cleanup_sb = SB_INIT;

	sb_printf(&x->out, "%*s", depth * 2, "");
	secrets_mask(x->p->in->secrets, sv_of(text), &plain);
	term_add_shown(&x->out, sb_sv(&plain), true);
	sb_addc(&x->out, '\n');
}

/* C-310: both parts, where both are there, must say that it is up to date. */
static bool
explain_state(struct explain *x, const struct ctask *t, int depth,
    struct err *e)
{
	struct project *p = x->p;
	struct fp_state s = { 0 };
	const char *const *text;
	string_vec why = { 0 };
	bool runs;

	if (!fp_check(x->fp, p->a, t, &s, e))
		return false;
	if (s.has_sources && !s.up_to_date)
		vec_each(&s.reasons, text)
			vec_push(p->a, &why, *text);
	if (s.has_sources && !s.up_to_date && why.n == 0)
		vec_push(p->a, &why, s.reason ? s.reason : "stale");
	vec_each(&t->status, text)
		if (!holds(p, t, *text))
			vec_push(p->a, &why, arena_printf(p->a,
				"status fails: %s", *text));
	if (!s.has_sources && t->status.n == 0)
		vec_push(p->a, &why, "it has no sources and no status");
	if (*t->if_text != '\0' && !holds(p, t, t->if_text)) {
		explain_add_line(x, depth,
		    arena_printf(p->a, "%s would be skipped: if: %s", t->name,
			t->if_text));
		return true;
	}
	if (!platform_matches(&t->task->rare->platforms)) {
		explain_add_line(x, depth,
		    arena_printf(p->a,
			"%s would be skipped: not for this platform", t->name));
		return true;
	}
	runs = why.n > 0 || p->s->force || p->s->force_all;
	explain_add_line(x, depth,
	    arena_printf(p->a, "%s %s", t->name,
		runs ? "would run:" : "is up to date"));
	vec_each(&why, text)
		explain_add_line(
		    x, depth + 1, arena_printf(p->a, "- %s", *text));
	if (runs && why.n == 0)
		explain_add_line(x, depth + 1, "- forced");
	if (runs && x->cache != NULL && !p->s->force && !p->s->force_all) {
		const char *kept = run_cache_explain(x->cache, p->a, t, &s);

		if (kept != NULL)
			explain_add_line(
			    x, depth + 1, arena_printf(p->a, "- %s", kept));
	}
	return true;
}

static bool
explain_call(struct explain *x, const struct call *call, int depth,
    struct err *e)
{
	struct project *p = x->p;
	struct ctask *t;
	struct match m;

	if (depth > DEPTH_MAX)
		return true;
	if (!task_find(p->a, &p->compiler, call->task, &m, e) ||
	    !project_compile_call(p, call, &m, true, &t, e))
		return false;
	if (map_get(x->seen, sv_of(t->name)) != NULL)
		return true;
	map_put(x->seen, sv_of(t->name), t);
	if (!explain_state(x, t, depth, e))
		return false;
	for (size_t i = 0; i < t->deps.n; i++) {
		struct call dep = { .task = t->deps.v[i].task,
			.vars = t->deps.v[i].vars };

		if (!explain_call(x, &dep, depth + 1, e))
			return false;
	}
	return true;
}

int
cmd_explain(const struct cli *c, struct project *p)
{
	struct err e cleanup_err = ERR_INIT;
	struct explain x = { .p = p, .seen = map_new(c->a),
		.out = SB_INIT };
	struct call call = { .task = OPT_S(&c->o, explain) };
	bool ok;

	x.fp = project_fp(p, "", true);
	project_use_fp(p, x.fp);
	x.cache = run_cache_new(p, x.fp);
	ok = explain_call(&x, &call, 0, &e);
	term_write(c->term, STDOUT_FILENO, sb_sv(&x.out));
	sb_free(&x.out);
	project_use_fp(p, NULL);
	run_cache_free(x.cache);
	fp_free(x.fp);
	return ok ? c->term->stdout_failed : cli_fail(c, &e, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * --explain: why a task would run or be skipped (P-507).  Its `sh:` variables
 * and `status` commands are run, as --status does; no state is changed.
 */
#include "config.h"

#include "cli/app.h"

#include <unistd.h>

#include "exec/capture.h"
#include "output/mask.h"

/* How deep deps are followed. */
enum { DEPTH_MAX = 50 };

struct explain {
	struct app *app;
	struct fp *fp;
	struct map *seen;
	struct sb out;
};

static bool
explain_compile(
    struct app *app, const struct call *call, struct ctask **out, struct err *e)
{
	struct match m;
	struct cursor *c;

	if (!task_find(app->a, &app->compiler, call->task, &m, e) ||
	    !requires_check(app->a, &app->compiler, call, &m, e))
		return false;
	c = compile_begin(app->a, &app->compiler, call, &m, COMPILE_FULL);
	if (!app_compile(app, c, e))
		return false;
	*out = compile_result(c);
	return true;
}

/* Does a command of the task's end with 0? */
static bool
holds(struct app *app, const struct ctask *t, const char *text)
{
	struct err e cleanup_err = ERR_INIT;
	struct capture run = { .dir = t->dir, .env = t->env };
	sv ignored;
	int status;

	return app_shell(app, text, &run, &ignored, &status, &e) &&
	    status == 0;
}

/* P-406: commands and conditions are shown as they are echoed. */
static void
explain_add_line(
    struct explain *x, const struct ctask *t, int depth, const char *text)
{
	struct mask *m = t->secrets.n > 0
	    ? mask_new(t->secrets.v, t->secrets.n) : NULL;

	sb_printf(&x->out, "%*s", depth * 2, "");
	if (m != NULL) {
		mask_add(m, sv_of(text), &x->out);
		mask_end(m, &x->out);
	} else {
		sb_adds(&x->out, text);
	}
	sb_addc(&x->out, '\n');
	mask_free(m);
}

/* C-310: both parts, where both are there, must say that it is up to date. */
static bool
explain_state(struct explain *x, const struct ctask *t, int depth,
    struct err *e)
{
	struct app *app = x->app;
	struct fp_state s = { 0 };
	const char *const *text;
	string_vec why = { 0 };
	bool runs;

	if (!fp_check(x->fp, app->a, t, &s, e))
		return false;
	if (s.has_sources && !s.up_to_date)
		vec_each(&s.reasons, text)
			vec_push(app->a, &why, *text);
	if (s.has_sources && !s.up_to_date && why.n == 0)
		vec_push(app->a, &why, s.reason ? s.reason : "stale");
	vec_each(&t->status, text)
		if (!holds(app, t, *text))
			vec_push(app->a, &why, arena_printf(app->a,
				"status fails: %s", *text));
	if (!s.has_sources && t->status.n == 0)
		vec_push(app->a, &why, "it has no sources and no status");
	if (*t->if_text != '\0' && !holds(app, t, t->if_text)) {
		explain_add_line(x, t, depth,
		    arena_printf(app->a, "%s would be skipped: if: %s", t->name,
			t->if_text));
		return true;
	}
	if (!platform_matches(&t->task->platforms)) {
		explain_add_line(x, t, depth,
		    arena_printf(app->a,
			"%s would be skipped: not for this platform", t->name));
		return true;
	}
	runs = why.n > 0 || OPT_B(&app->o, force) || OPT_B(&app->o, force_all);
	explain_add_line(x, t, depth,
	    arena_printf(app->a, "%s %s", t->name,
		runs ? "would run:" : "is up to date"));
	vec_each(&why, text)
		explain_add_line(
		    x, t, depth + 1, arena_printf(app->a, "- %s", *text));
	if (runs && why.n == 0)
		explain_add_line(x, t, depth + 1, "- forced");
	return true;
}

static bool
explain_call(struct explain *x, const struct call *call, int depth,
    struct err *e)
{
	struct ctask *t;

	if (depth > DEPTH_MAX || !explain_compile(x->app, call, &t, e))
		return depth > DEPTH_MAX;
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
cmd_explain(struct app *app)
{
	struct err e cleanup_err = ERR_INIT;
	struct explain x = { .app = app, .seen = map_new(app->a),
		.out = SB_INIT };
	struct call call = { .task = OPT_S(&app->o, explain) };
	bool ok;

	x.fp = app_fp(app, "", true);
	app_use_fp(app, x.fp);
	ok = explain_call(&x, &call, 0, &e);
	term_write(&app->term, STDOUT_FILENO, sb_sv(&x.out));
	sb_free(&x.out);
	app_use_fp(app, NULL);
	fp_free(x.fp);
	return ok ? app->term.stdout_failed : app_fail(app, &e, NULL);
}

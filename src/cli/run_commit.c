/* SPDX-License-Identifier: MIT */
#include "cli/run_commit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "plan/plan.h"

static void
commit_say(void *ctx, const char *text)
{
	struct app *app = ctx;

	if (!app->compat && !OPT_B(&app->o, silent))
		term_print(&app->term, STDERR_FILENO, COLOR_DEFAULT,
		    "prun: %s\n", text);
}

static bool
any_task_commits(const struct taskfile *t)
{
	const struct map_entry *m;

	map_each (t->tasks, m)
		if (((const struct task *)m->value)->commit.wanted)
			return true;
	return false;
}

/* Will one of the calls that can be foreseen ask for a commit? */
static const struct task *
foreseen(struct app *app, const call_vec *calls, bool *detached)
{
	struct err ignored cleanup_err = ERR_INIT;
	const struct task *found = NULL;
	struct plan plan;

	*detached = false;
	/* what it finds before it fails counts all the same */
	plan_build(app->a, &app->compiler, calls->v, calls->n, false, NULL,
	    NULL, &plan, &ignored);
	for (size_t i = 0; i < plan.nodes.n; i++) {
		const struct task *t =
		    map_get(app->taskfile->tasks, sv_of(plan.nodes.v[i].task));

		if (t == NULL || !t->commit.wanted)
			continue;
		*detached |= t->commit.detached;
		if (found == NULL)
			found = t;
	}
	return found;
}

static bool
is_set(const char *name)
{
	const char *text = getenv(name);

	return text != NULL && *text != '\0' && strcmp(text, "0") != 0;
}

bool
run_commit_is_foreseen(struct app *app, const call_vec *calls)
{
	bool detached;

	return OPT_SET(&app->o, commit) ||
	       foreseen(app, calls, &detached) != NULL;
}

static bool
is_same_dir(const char *x, const char *y)
{
	struct stat a, b;
	return strcmp(x, y) == 0 ||
	       (stat(x, &a) == 0 && stat(y, &b) == 0 && a.st_dev == b.st_dev &&
		   a.st_ino == b.st_ino);
}

/* The place of this repository in a list of them, one a line; -1: not there. */
static int
find_line(const char *list, const char *dir)
{
	struct arena *a cleanup_arena = arena_new();
	sv line, rest = sv_of(list);

	for (int i = 0; rest.n > 0; i++) {
		sv_cut(rest, '\n', &line, &rest);
		if (is_same_dir(sv_cstr(a, line), dir))
			return i;
	}
	return -1;
}

/*
 * A run around this one that works in the same repository makes the commit: the
 * nearest of them, by its file.  PRUN_OWES and PRUN_REPO are lists of the same
 * length, the nearest run first; a gate's child has the gate's file alone.
 */
static const char *
outer_file(const struct app *app)
{
	const char *files = getenv("PRUN_OWES"), *repos = getenv("PRUN_REPO");
	sv line, rest = sv_of(files ? files : "");
	int at = 0;

	if (rest.n == 0)
		return NULL;
	if (!app->in_hook && repos != NULL)
		at = find_line(repos, app->repo_dir);
	if (at < 0)
		return NULL;
	do
		sv_cut(rest, '\n', &line, &rest);
	while (at-- > 0);
	return line.n > 0 ? sv_cstr(app->a, line) : NULL;
}

/* What runs around this one, or the user, said: for the repositories that
 * PRUN_NO_COMMIT_IN lists, for all where it lists none. */
static bool
is_forbidden(const struct app *app)
{
	const char *where = getenv("PRUN_NO_COMMIT_IN");

	if (!is_set("PRUN_NO_COMMIT"))
		return false;
	return where == NULL || *where == '\0' ||
	       find_line(where, app->repo_dir) >= 0;
}

static const char *
with_line(struct arena *a, const char *name, const char *first)
{
	const char *rest = getenv(name);

	if (rest == NULL || *rest == '\0')
		return arena_printf(a, "%s=%s", name, first);
	return arena_printf(a, "%s=%s\n%s", name, first, rest);
}

void
run_commit_environment(const struct app *app, const struct run_commit *o,
    const char *file, string_vec *env)
{
	struct arena *a = app->a;
	const char *where = getenv("PRUN_NO_COMMIT_IN");
	bool everywhere =
	    OPT_B(&app->o, no_commit) || app->executor != NULL ||
	    (is_set("PRUN_NO_COMMIT") && (where == NULL || *where == '\0'));

	if (o->outer == NULL && file != NULL) {
		vec_push(a, env, with_line(a, "PRUN_OWES", file));
		vec_push(a, env, with_line(a, "PRUN_REPO", app->repo_dir));
	}
	if (!everywhere && !o->asked && !o->foreseen)
		return;
	vec_push(a, env, "PRUN_NO_COMMIT=1");
	vec_push(a, env,
	    everywhere ? "PRUN_NO_COMMIT_IN="
		       : with_line(a, "PRUN_NO_COMMIT_IN", app->repo_dir));
}

bool
run_commit_before(
    struct app *app, const call_vec *calls, struct run_commit *o, struct err *e)
{
	const struct options *opt = &app->o;
	struct err ignored cleanup_err = ERR_INIT;
	bool strict;

	*o = (struct run_commit){ .asked = OPT_SET(opt, commit),
		.commit_id = "" };
	o->possible = o->asked || any_task_commits(app->taskfile);
	o->outer = outer_file(app);
	if (!o->possible || OPT_B(opt, dry) || OPT_B(opt, no_commit) ||
	    is_forbidden(app))
		return true;
	if (o->outer != NULL) {
		/* it may not have looked, its own tasks owing nothing */
		o->ready = git_is_repository(app->work_dir) &&
			   commit_check(app->a, app->work_dir, false, true,
			       &o->before, &ignored);
		return true;
	}
	o->foreseen = foreseen(app, calls, &o->detached) != NULL;
	strict = o->foreseen || o->asked;
	if (!strict && !git_is_repository(app->work_dir))
		return true;
	o->ready = commit_check(app->a, app->work_dir, strict, o->detached,
	    &o->before, strict ? e : &ignored);
	return o->ready || !strict;
}

/* The first of the requested tasks, then of the calls, that has a `commit:`. */
static const struct commit_spec *
deciding_spec(const struct run_result *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->calls[i]->parent == NULL && r->calls[i]->owes_commit)
			return &r->calls[i]->task->commit;
	for (size_t i = 0; i < r->n; i++)
		if (r->calls[i]->owes_commit)
			return &r->calls[i]->task->commit;
	return NULL;
}

static void
collect_trailers(struct arena *a, const struct run_result *r, string_vec *out)
{
	struct map *seen = map_new(a);

	for (size_t i = 0; i < r->n; i++) {
		const struct run_call *c = r->calls[i];

		for (size_t k = 0;
		     c->owes_commit && k < c->task->commit.trailers.n; k++) {
			const char *line = c->task->commit.trailers.v[k];

			if (map_get(seen, sv_of(line)) != NULL)
				continue;
			map_put(seen, sv_of(line), out);
			vec_push(a, out, line);
		}
	}
}

typedef VEC(struct commit_phase) phase_vec;

static void
collect_phases(struct arena *a, const struct run_result *r, phase_vec *out)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct run_call *c = r->calls[i];
		struct commit_phase p = { c->name, c->end_ns - c->start_ns,
			c->outcome == OUTCOME_UP_TO_DATE };

		if (c->is_phase && c->outcome != OUTCOME_SKIPPED)
			vec_push(a, out, p);
	}
}

/* ISSUE as a command-line variable, else of the environment; the default
 * subject alone names it. */
static const char *
issue_number(struct app *app)
{
	const struct var *v = map_get(app->compiler.globals_cli, SV("ISSUE"));
	const char *text = getenv("ISSUE");

	if (v != NULL && v->value.kind == VALUE_STRING)
		text = v->value.u.s;
	if (text != NULL && *text == '#')
		text++;
	return text != NULL && strpbrk(text, "\r\n") == NULL ? text : NULL;
}

/* A message with a template sees the phases, the run and its duration. */
static bool
template_subject(struct app *app, const struct run_result *r,
    const phase_vec *phases, const char *run_id, const char **subject,
    struct err *e)
{
	value data = value_map_new(app->a, GO_MAP);
	value names = value_list_new(app->a, GO_LIST_STRING);
	sv text;

	for (size_t i = 0; i < phases->n; i++)
		value_list_add(app->a, names, value_cstr(phases->v[i].name));
	for (size_t i = 0; i < r->n; i++)
		if (r->calls[i]->parent == NULL && r->calls[i]->ctask &&
		    r->calls[i]->ctask->vars.kind == VALUE_MAP) {
			data = value_copy(app->a, r->calls[i]->ctask->vars);
			break;
		}
	value_map_set(app->a, data, SV("PHASES"), names);
	value_map_set(app->a, data, SV("RUN_ID"), value_cstr(run_id));
	value_map_set(app->a, data, SV("DURATION"),
	    value_cstr(duration_short(app->a, r->end_ns - r->start_ns)));
	if (!templater_replace(
		app->templater, app->a, sv_of(*subject), data, &text, e))
		return false;
	*subject = sv_cstr(app->a, text);
	return true;
}

/*
 * The subject: what was typed is taken as it stands, the other ones are
 * templates.  One that comes out blank gives way to the default.
 */
static bool
subject_of(struct app *app, const struct commit_spec *spec,
    const struct run_result *r, const phase_vec *phases, const char *run_id,
    const char **subject, struct err *e)
{
	*subject = spec != NULL ? spec->message : NULL;
	if (OPT_SET(&app->o, commit) && !is_blank(OPT_S(&app->o, commit))) {
		*subject = OPT_S(&app->o, commit);
		return true;
	}
	if (is_blank(*subject))
		*subject = CFG_S(&app->cfg, commit, message);
	if (!is_blank(*subject) &&
	    !template_subject(app, r, phases, run_id, subject, e))
		return err_wrap(e, "prun: no commit was made: its message: ");
	if (is_blank(*subject))
		*subject = NULL;
	return true;
}

/* A line per report: the repository, then what was dirty before, each ended by
 * a NUL. */
static bool
report_to_outer(struct app *app, const struct run_commit *o, struct err *e)
{
	struct sb line cleanup_sb = SB_INIT;
	const struct map_entry *m;
	int fd cleanup_close =
	    open(o->outer, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (o->ready) {
		const struct commit_before *b = &o->before;
		const char *texts[] = { b->git.top, b->head, b->branch };

		for (size_t i = 0; i < 3; i++)
			sb_add(&line, texts[i], strlen(texts[i]) + 1);
		map_each (b->dirty, m)
			sb_add(&line, m->key.p, strlen(m->key.p) + 1);
	}
	/* no path is empty: two NULs end a report */
	sb_addc(&line, '\0');
	commit_say(app, "the commit is left to the run that started this one");
	app->commit_is_outer = true;
	if (fd < 0 || !write_all(fd, line.p, line.n))
		return err_set(e, ERR_GENERIC,
		    "prun: cannot report the commit to the outer run");
	return true;
}

/* The next text of a report; false at its end. */
static bool
next_text(sv *rest, const char **out)
{
	sv text;

	if (!sv_cut(*rest, '\0', &text, rest))
		*rest = (sv){ "", 0 };
	*out = text.p;
	return text.n > 0;
}

/* What was dirty before all of them was so before the first. */
static void
merge_report(struct app *app, struct run_commit *o, sv *rest)
{
	struct commit_before *b = &o->before;
	struct map *dirty = map_new(app->a), *both = map_new(app->a);
	const char *top, *head, *branch, *path;
	const struct map_entry *m;
	struct err ignored cleanup_err = ERR_INIT;

	if (!next_text(rest, &top))
		return;
	next_text(rest, &head);
	next_text(rest, &branch);
	while (next_text(rest, &path))
		map_put(dirty, sv_of(path), b);
	if (!o->ready) {
		o->ready = git_open(app->a, app->work_dir, &b->git, &ignored) &&
			   strcmp(b->git.top, top) == 0;
		b->dirty = dirty;
		b->head = head;
		b->branch = branch;
		return;
	}
	map_each (b->dirty, m)
		if (map_get(dirty, m->key) != NULL)
			map_put(both, m->key, b);
	b->dirty = both;
}

void
run_commit_by_children(struct app *app, struct run_commit *o, const char *path)
{
	struct err ignored cleanup_err = ERR_INIT;
	bool looked = o->ready;
	sv text;

	if (path == NULL || !path_exists(path))
		return;
	o->reported = true;
	if (looked || !read_file(app->a, path, &text, &ignored))
		return;
	while (text.n > 0)
		merge_report(app, o, &text);
}

static void
tell_left_out(struct app *app, const struct commit_outcome *out)
{
	for (size_t i = 0; i < out->left_out.n; i++)
		commit_say(app, arena_printf(app->a,
				    "left out of the commit, it was "
				    "changed before the run: %s",
				    out->left_out.v[i]));
	for (size_t i = 0; i < out->inner.n; i++)
		commit_say(app, arena_printf(app->a,
				    "left out of the commit, it is a "
				    "repository of its own: %s",
				    out->inner.v[i]));
}

static bool
run_commit_push(
    struct app *app, const struct run_commit *o, bool made, struct err *e)
{
	struct err why cleanup_err = ERR_INIT;
	struct push_result pushed;

	if (!commit_push(&o->before.git, NULL, o->before.branch, &pushed, &why))
		return err_set(e, ERR_GENERIC,
		    "prun: %sthe push did not "
		    "happen: %s; repeat it with: git push",
		    made ? "the commit stays, " : "", why.message);
	commit_say(app, !pushed.changed
			    ? "there was nothing to push"
			    : arena_printf(app->a, "pushed %.10s..%.10s",
				  pushed.old_id, pushed.new_id));
	return true;
}

/* Nothing was asked for, or somebody else makes the commit: *done. */
static bool
is_not_ours(struct app *app, const struct run_commit *o,
    const struct commit_spec *spec, bool *done, struct err *e)
{
	*done = true;
	if ((!o->asked && spec == NULL && !o->reported) || OPT_B(&app->o, dry))
		return true;
	if (!OPT_B(&app->o, no_commit) && o->outer != NULL)
		return report_to_outer(app, o, e);
	if (OPT_B(&app->o, no_commit) || is_forbidden(app)) {
		commit_say(app, "no commit was made, as asked");
		return true;
	}
	*done = false;
	return true;
}

bool
run_commit_after(struct app *app, struct run_commit *o,
    const struct run_result *r, const char *run_id, const char *scratch,
    struct err *e)
{
	const struct commit_spec *spec = deciding_spec(r);
	bool wants_push =
	    !app->push_later &&
	    ((spec != NULL && spec->push) || CFG_B(&app->cfg, commit, push));
	struct commit_request request = {
		.scratch_dir = scratch, .say = commit_say, .ctx = app
	};
	struct commit_outcome out;
	const char *subject;
	string_vec trailers = { 0 };
	phase_vec phases = { 0 };
	bool done;

	if (!is_not_ours(app, o, spec, &done, e) || done)
		return !err_is_set(e);
	if (!o->ready)
		return err_set(e, ERR_GENERIC,
		    "prun: no commit can be made: "
		    "%s is not in a git repository",
		    app->work_dir);
	if (!commit_check_again(
		&o->before, o->detached || (spec != NULL && spec->detached), e))
		return false;
	collect_phases(app->a, r, &phases);
	collect_trailers(app->a, r, &trailers);
	if (!subject_of(app, spec, r, &phases, run_id, &subject, e))
		return false;
	/* P-406: no secret is for the history of a repository */
	request.message = output_masked(o->output, app->a,
	    commit_message(app->a,
		subject ? subject : "Parallel execution results",
		subject ? NULL : issue_number(app), phases.v, phases.n, run_id,
		&trailers));
	request.paths = spec ? spec->paths : COMMIT_RUN;
	request.path_list = spec ? &spec->path_list : NULL;
	if (!commit_make(app->a, &o->before, &request, &out, e))
		return false;
	o->commit_id = out.id;
	if (out.made)
		commit_say(
		    app, arena_printf(app->a, "committed %zu file%s as %.10s",
			     out.committed.n, out.committed.n == 1 ? "" : "s",
			     out.id));
	else
		commit_say(app, "nothing to commit");
	tell_left_out(app, &out);
	return !wants_push || run_commit_push(app, o, out.made, e);
}

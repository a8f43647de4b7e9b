/* SPDX-License-Identifier: MIT */
#include "project/run_commit.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/lock.h"
#include "base/path.h"
#include "plan/plan.h"
#include "project/commit_share.h"

static void
commit_say(void *ctx, const char *text)
{
	struct project *p = ctx;

	if (!p->s->is_compat && !p->s->silent)
		term_print(p->term, STDERR_FILENO, COLOR_DEFAULT,
		    "prun: %s\n", text);
}

static bool
any_task_commits(const struct taskfile *t)
{
	const struct map_entry *m;

	map_each(t->tasks, m)
		if (((const struct task *)m->value)->rare->commit.wanted)
			return true;
	return false;
}

/* Will one of the calls that can be foreseen ask for a commit? */
static const struct task *
foreseen(struct project *p, const call_vec *calls, bool *detached)
{
	struct err ignored cleanup_err = ERR_INIT;
	const struct task *found = NULL;
	struct plan plan;

	*detached = false;
	/* what it finds before it fails counts all the same */
	plan_build(p->a, &p->compiler, calls->v, calls->n, false, NULL, NULL,
	    &plan, &ignored);
	for (size_t i = 0; i < plan.nodes.n; i++) {
		const struct task *t =
		    map_get(p->taskfile->tasks, sv_of(plan.nodes.v[i].task));

		if (t == NULL || !t->rare->commit.wanted)
			continue;
		*detached |= t->rare->commit.detached;
		if (found == NULL)
			found = t;
	}
	return found;
}

bool
run_commit_is_foreseen(struct project *p, const call_vec *calls)
{
	bool detached;

	return SETTING_IS_SET(p->s, commit) ||
	       foreseen(p, calls, &detached) != NULL;
}

static bool
is_same_dir(const char *x, const char *y)
{
	struct stat a, b;
	return strcmp(x, y) == 0 ||
	       (stat(x, &a) == 0 && stat(y, &b) == 0 && a.st_dev == b.st_dev &&
		   a.st_ino == b.st_ino);
}

/* The place of this repository in a list of them; -1: not there. */
static int
find_dir(const string_vec *list, const char *dir)
{
	for (size_t i = 0; i < list->n; i++)
		if (is_same_dir(list->v[i], dir))
			return (int)i;
	return -1;
}

/*
 * A run around this one that works in the same repository makes the commit: the
 * nearest of them, by its file.  A gate's child has the gate's file alone.
 */
static const char *
outer_file(const struct project *p)
{
	const struct protocol *outer = &p->in->outer;
	int at = 0;

	if (!outer->in_hook && outer->has_repos)
		at = find_dir(&outer->repos, p->repo_dir);
	return at >= 0 && (size_t)at < outer->owes.n ? outer->owes.v[at] : NULL;
}

/* What runs around this one, or the user, said: for the repositories that are
 * listed, for all where none is. */
static bool
is_forbidden(const struct project *p)
{
	const struct protocol *outer = &p->in->outer;

	return outer->no_commit &&
	       (outer->no_commit_in.n == 0 ||
		   find_dir(&outer->no_commit_in, p->repo_dir) >= 0);
}

static string_vec
with_first(struct arena *a, const char *first, const string_vec *rest)
{
	string_vec out = { 0 };

	vec_push(a, &out, first);
	for (size_t i = 0; i < rest->n; i++)
		vec_push(a, &out, rest->v[i]);
	return out;
}

/* Who says where no commit is made: what a gate said to this run alone, the run
 * says itself to its jobs. */
static string_vec
said_by(const struct project *p, const char *folder)
{
	const struct protocol *outer = &p->in->outer;
	string_vec out = { 0 };

	for (size_t i = 0; i < outer->no_commit_by.n; i++)
		vec_push(p->a, &out, outer->no_commit_by.v[i]);
	for (size_t i = out.n; i < outer->no_commit_in.n; i++)
		vec_push(p->a, &out, folder);
	return out;
}

void
run_commit_tell(const struct project *p, const struct run_commit *o,
    const char *file, bool nobody, const char *folder, struct protocol *told)
{
	const struct protocol *outer = &p->in->outer;
	bool everywhere = p->s->no_commit || nobody ||
			  (outer->no_commit && outer->no_commit_in.n == 0);

	if (o->outer == NULL && file != NULL) {
		told->owes = with_first(p->a, file, &outer->owes);
		told->repos = with_first(p->a, p->repo_dir, &outer->repos);
	}
	told->no_commit_by = said_by(p, folder);
	if (!everywhere && !o->asked && !o->foreseen)
		return;
	/* by the user, and so for ever, where nobody else says it */
	if (!outer->no_commit || outer->no_commit_in.n > 0 ||
	    outer->no_commit_by.n > 0)
		told->no_commit_by =
		    with_first(p->a, folder, &told->no_commit_by);
	told->no_commit = true;
	told->no_commit_in =
	    everywhere ? (string_vec){ 0 }
		       : with_first(p->a, p->repo_dir, &outer->no_commit_in);
}

bool
run_commit_before(
    struct project *p, const call_vec *calls, struct run_commit *o, struct err *e)
{
	const struct settings *s = p->s;
	struct err ignored cleanup_err = ERR_INIT;
	char *const *env;
	bool strict;

	*o = (struct run_commit){ .asked = SETTING_IS_SET(s, commit),
		.commit_id = "" };
	o->possible = o->asked || any_task_commits(p->taskfile);
	o->outer = outer_file(p);
	if (!o->possible || s->dry || s->no_commit ||
	    (o->outer == NULL && is_forbidden(p)))
		return true;
	env = environment_block(p->in->env);
	if (o->outer != NULL) {
		/* it may not have looked, its own tasks owing nothing, or be
		 * over before this run is */
		o->ready = git_is_repository(p->work_dir) &&
			   commit_check(p->a, p->work_dir, env, false, true,
			       &o->before, &ignored);
		return true;
	}
	o->foreseen = foreseen(p, calls, &o->detached) != NULL;
	strict = o->foreseen || o->asked;
	if (!strict && !git_is_repository(p->work_dir))
		return true;
	o->ready = commit_check(p->a, p->work_dir, env, strict, o->detached,
	    &o->before, strict ? e : &ignored);
	return o->ready || !strict;
}

/* The first of the requested tasks, then of the calls, that has a `commit:`. */
static const struct commit_spec *
deciding_spec(const struct run_result *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->calls[i]->parent == NULL && r->calls[i]->owes_commit)
			return &r->calls[i]->task->rare->commit;
	for (size_t i = 0; i < r->n; i++)
		if (r->calls[i]->owes_commit)
			return &r->calls[i]->task->rare->commit;
	return NULL;
}

static void
collect_trailers(struct arena *a, const struct run_result *r, string_vec *out)
{
	struct map *seen = map_new(a);

	for (size_t i = 0; i < r->n; i++) {
		const struct run_call *c = r->calls[i];

		for (size_t k = 0;
		     c->owes_commit && k < c->task->rare->commit.trailers.n;
		     k++) {
			const char *line = c->task->rare->commit.trailers.v[k];

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
			c->outcome == OUTCOME_UP_TO_DATE, c->excused,
			c->outcome == OUTCOME_CACHED };

		if (c->is_phase && c->outcome != OUTCOME_SKIPPED &&
		    c->outcome != OUTCOME_NOT_RUN)
			vec_push(a, out, p);
	}
}

/* ISSUE as a command-line variable, else of the environment; the default
 * subject alone names it. */
static const char *
issue_number(struct project *p)
{
	const struct var *v = map_get(p->compiler.globals_cli, SV("ISSUE"));
	const char *text = environment_get(p->in->env, "ISSUE");

	if (v != NULL && v->value.kind == VALUE_STRING)
		text = v->value.u.s;
	if (text != NULL && *text == '#')
		text++;
	return text != NULL && strpbrk(text, "\r\n") == NULL ? text : NULL;
}

/* A message with a template sees the phases, the run and its duration. */
static bool
template_subject(struct project *p, const struct run_result *r,
    const phase_vec *phases, const char *run_id, const char **subject,
    struct err *e)
{
	value data = value_map_new(p->a, GO_MAP);
	value names = value_list_new(p->a, GO_LIST_STRING);
	sv text;

	for (size_t i = 0; i < phases->n; i++)
		value_list_add(p->a, names, value_cstr(phases->v[i].name));
	for (size_t i = 0; i < r->n; i++)
		if (r->calls[i]->parent == NULL && r->calls[i]->ctask &&
		    r->calls[i]->ctask->vars.kind == VALUE_MAP) {
			data = value_copy(p->a, r->calls[i]->ctask->vars);
			break;
		}
	value_map_set(p->a, data, SV("PHASES"), names);
	value_map_set(p->a, data, SV("RUN_ID"), value_cstr(run_id));
	value_map_set(p->a, data, SV("DURATION"),
	    value_cstr(duration_short(p->a, r->end_ns - r->start_ns)));
	if (!templater_replace(
		p->templater, p->a, sv_of(*subject), data, &text, e))
		return false;
	*subject = sv_cstr(p->a, text);
	return true;
}

/*
 * The subject: what was typed is taken as it stands, the other ones are
 * templates.  One that comes out blank gives way to the default.
 */
static bool
subject_of(struct project *p, const struct commit_spec *spec,
    const struct run_result *r, const phase_vec *phases, const char *run_id,
    const char **subject, struct err *e)
{
	*subject = spec != NULL ? spec->message : NULL;
	if (SETTING_IS_SET(p->s, commit) && !is_blank(p->s->commit)) {
		*subject = p->s->commit;
		return true;
	}
	if (is_blank(*subject))
		*subject = CFG_S(&p->config, commit, message);
	if (!is_blank(*subject) &&
	    !template_subject(p, r, phases, run_id, subject, e))
		return err_wrap(e, "prun: no commit was made: its message: ");
	if (is_blank(*subject))
		*subject = NULL;
	return true;
}

static void
tell_left_out(struct project *p, const struct commit_outcome *out)
{
	for (size_t i = 0; i < out->left_out.n; i++)
		commit_say(p, arena_printf(p->a,
				    "left out of the commit, it was "
				    "changed before the run: %s",
				    term_shown(p->a, out->left_out.v[i])));
	for (size_t i = 0; i < out->kept_out.n; i++)
		commit_say(
		    p, arena_printf(p->a, "left out of the commit, %s: %s",
			   out->why.v[i],
			   term_shown(p->a, out->kept_out.v[i])));
	for (size_t i = 0; i < out->inner.n; i++)
		commit_say(p, arena_printf(p->a,
				    "left out of the commit, it is a "
				    "repository of its own: %s",
				    term_shown(p->a, out->inner.v[i])));
}

static void
tell_outcome(struct project *p, const struct ownership *w,
    bool tells_undeclared, const struct commit_outcome *out)
{
	size_t n = out->committed.n;

	if (out->made)
		commit_say(p,
		    arena_printf(p->a, "committed %zu file%s as %.10s%s", n,
			n == 1 ? "" : "s", out->id,
			tells_undeclared ? ownership_undeclared(w, out) : ""));
	else
		commit_say(p, "nothing to commit");
	tell_left_out(p, out);
}

/* One run after the other; then the others need not think of this one. */
static bool
make_in_turn(struct project *p, const struct run_commit *o,
    struct commit_request *request, struct commit_outcome *out, struct err *e)
{
	int lock cleanup_close = -1;
	struct ownership whose;
	bool ok;

	/* for one that owes what nested runs reported, this is the first word
	 */
	commit_peers_join(p->a, o->folder, &o->before);
	lock = commit_peers_lock(p->a, &p->state, commit_say, p);
	declared_take(o->calls, o->folder);
	ownership_read(p, o->before.git.top,
	    path_base(p->a, sv_of(o->folder)), o->calls, &whose);
	request->keep_out = ownership_keep_out;
	request->whose = &whose;
	ok = commit_make(p->a, &o->before, request, out, e);
	commit_peers_leave(p->a, o->folder);
	if (ok)
		tell_outcome(p, &whose, request->paths == COMMIT_RUN, out);
	return ok;
}

static bool
run_commit_push(
    struct project *p, const struct run_commit *o, bool made, struct err *e)
{
	struct err why cleanup_err = ERR_INIT;
	struct push_result pushed;

	bool ok =
	    commit_push(&o->before.git, NULL, o->before.branch, &pushed, &why);

	if (*pushed.shown != '\0')
		term_print(
		    p->term, STDERR_FILENO, COLOR_DEFAULT, "%s", pushed.shown);
	if (!ok)
		return err_set(e, ERR_GENERIC,
		    "prun: %sthe push did not "
		    "happen: %s; repeat it with: git push",
		    made ? "the commit stays, " : "", why.message);
	commit_say(p, !pushed.changed
			    ? "there was nothing to push"
			    : arena_printf(p->a, "pushed %.10s..%.10s",
				  pushed.old_id, pushed.new_id));
	return true;
}

/* Nothing was asked for, somebody else makes the commit, or there is none, since
 * the run left out what had passed on another tree (--failed): *done. */
static bool
is_not_ours(struct project *p, struct run_commit *o,
    const struct commit_spec *spec, bool is_half, bool *done, struct err *e)
{
	bool is_told = false, is_over = false;

	*done = true;
	if ((!o->asked && spec == NULL && !o->reported) || p->s->dry)
		return true;
	if (is_half) {
		commit_say(p, "no commit was made: what had passed before was "
			      "not run again; a run of all makes it");
		return true;
	}
	if (!p->s->no_commit && o->outer != NULL) {
		if (!run_commit_report(p, o, &is_told, e))
			return false;
		if (is_told) {
			commit_say(p, "the commit is left to the run that "
				      "started this one");
			return true;
		}
		/* whoever would have made it here makes none any more */
		is_over = !p->s->in_hook && p->in->outer.no_commit_in.n > 0;
	}
	if (p->s->no_commit || (!is_over && is_forbidden(p))) {
		commit_say(p, "no commit was made, as asked");
		return true;
	}
	*done = false;
	return true;
}

bool
run_commit_after(struct project *p, struct run_commit *o,
    const struct run_result *r, const char *run_id, const char *scratch,
    struct err *e)
{
	const struct commit_spec *spec = deciding_spec(r);
	bool wants_push =
	    !o->push_later &&
	    ((spec != NULL && spec->push) || CFG_B(&p->config, commit, push));
	struct commit_request request = {
		.scratch_dir = scratch, .say = commit_say, .ctx = p
	};
	struct commit_outcome out;
	const char *subject;
	string_vec trailers = { 0 };
	phase_vec phases = { 0 };
	bool done;

	if (!is_not_ours(
		p, o, spec, p->rerun != NULL && r->narrowed, &done, e) ||
	    done)
		return !err_is_set(e);
	if (!o->ready)
		return err_set(e, ERR_GENERIC,
		    "prun: no commit can be made: "
		    "%s is not in a git repository",
		    p->work_dir);
	if (!commit_check_again(
		&o->before, o->detached || (spec != NULL && spec->detached), e))
		return false;
	collect_phases(p->a, r, &phases);
	collect_trailers(p->a, r, &trailers);
	if (!subject_of(p, spec, r, &phases, run_id, &subject, e))
		return false;
	/* P-406: no secret is for the history of a repository */
	request.message = secrets_masked(p->in->secrets, p->a,
	    commit_message(p->a,
		subject ? subject : "Parallel execution results",
		subject ? NULL : issue_number(p), phases.v, phases.n, run_id,
		&trailers));
	request.paths = spec ? spec->paths : COMMIT_RUN;
	request.path_list = spec ? &spec->path_list : NULL;
	if (!make_in_turn(p, o, &request, &out, e))
		return false;
	o->commit_id = out.id;
	return !wants_push || run_commit_push(p, o, out.made, e);
}

/* SPDX-License-Identifier: MIT */
/* The workers of a session, from its side. */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "session/session_internal.h"
#include "session/worker.h"

#include "base/clock.h"
#include "base/io.h"
#include "base/path.h"

enum {
	DEATHS_MAX = 3, /* in a row */
};

static void
hand_becomes(struct hand *h, enum hand_state state, const char *word)
{
	h->state = state;
	h->row.status = word;
	h->is_dirty = true;
}

void
hand_say(struct hand *h, const struct talk *t)
{
	struct sb line cleanup_sb = SB_INIT;

	talk_write(&line, t);
	companion_say(h->c, sb_sv(&line));
}

/* ---- what it is told first ---- */

static void
crew_words(struct arena *a, const char *text, string_vec *out)
{
	sv word, rest = sv_of(text);

	while (rest.n > 0) {
		sv_cut(rest, ',', &word, &rest);
		word = sv_trim(word);
		if (word.n > 0)
			vec_push(a, out, sv_cstr(a, word));
	}
}

/* From the top of the work tree to where the tests start. */
static const char *
way_below(const struct session *s)
{
	struct err ignored cleanup_err = ERR_INIT;
	char *out;

	if (!path_rel(s->a, sv_of(s->p->repo_dir), sv_of(s->p->work_dir), &out,
		&ignored) ||
	    strcmp(out, ".") == 0)
		return "";
	return out;
}

static void
hand_setup(struct hand *h)
{
	struct session *s = h->s;
	const struct project *p = s->p;
	const struct config *c = &p->config;
	struct talk t = { .say = "setup",
		.dir = s->pool.dir,
		.session = s->dir.id,
		.commit = s->pool.commit,
		.top = s->git.top,
		.size = s->pool.size,
		.kind = CFG_S(c, worktrees, kind),
		.lfs = CFG_S(c, worktrees, lfs),
		.foreign = CFG_S(c, worktrees, foreign),
		.prepare = CFG_S(c, worktrees, prepare),
		.worker = h->row.worker_id,
		.program = p->program,
		.below = way_below(s),
		.folder = s->dir.path,
		.grace_ns = s->grace_ns,
		.merges = s->q->merges,
		.preserves = CFG_B(c, worktrees, preserve_failed) };

	t.is_far = s->cluster != NULL;
	if (*p->s->taskfile != '\0')
		t.taskfile = path_base(s->a, sv_of(p->path));
	crew_words(s->a, CFG_S(c, worktrees, keep), &t.keep);
	crew_words(s->a, CFG_S(c, worktrees, prepare_key), &t.prepare_key);
	hand_say(h, &t);
}

/* What is inside of the session knows that it is: its runs are the session's,
 * keep what they keep in this repository's state, and commit nothing. */
static char **
crew_environment(struct session *s)
{
	const struct project *p = s->p;
	struct protocol told = p->in->outer;

	told.level = told.level > 0 ? told.level + 1 : 1;
	told.runs = told.folders = (string_vec){ 0 };
	for (size_t i = 0; i < p->in->outer.runs.n; i++) {
		vec_push(s->a, &told.runs, p->in->outer.runs.v[i]);
		if (i < p->in->outer.folders.n)
			vec_push(
			    s->a, &told.folders, p->in->outer.folders.v[i]);
	}
	vec_push(s->a, &told.runs, s->dir.id);
	vec_push(s->a, &told.folders, s->dir.path);
	told.state_of = p->repo_dir;
	told.no_commit = true;
	vec_push(s->a, &told.no_commit_by, s->dir.path);
	return protocol_environment(s->a, environment_block(p->in->env), &told);
}

/* ---- what it says ---- */

static void
hand_is_ready(struct hand *h, const struct talk *m)
{
	struct session *s = h->s;

	h->row.pid = m->pid;
	hand_becomes(h, HAND_IDLE, "idle");
	if (*m->reason != '\0' && s->fault == NULL)
		s->fault = arena_strdup(s->a, m->reason);
}

static void
on_hand_line(void *arg, sv line)
{
	struct hand *h = arg;
	struct session *s = h->s;
	struct talk m;

	if (!talk_read(s->a, line, &m))
		return;
	if (strcmp(m.say, "ready") == 0) {
		hand_is_ready(h, &m);
	} else if (strcmp(m.say, "note") == 0) {
		tell_note(s, m.reason);
	} else if (h->test == NULL || m.number != h->test->row.number) {
		return;
	} else if (strcmp(m.say, "waits") == 0) {
		tell_waiting(s, h);
	} else if (strcmp(m.say, "tree") == 0) {
		h->row.worktree_id = m.tree;
		h->is_dirty = true;
		test_has_tree(s, h->test, &m);
	} else if (strcmp(m.say, "run") == 0) {
		test_is_run(s, h->test, m.run);
	} else if (strcmp(m.say, "job") == 0) {
		cluster_jobs_add(h, &m);
	} else if (strcmp(m.say, "job_cancel") == 0) {
		cluster_jobs_end(h, (int)m.signal);
	} else if (strcmp(m.say, "done") == 0) {
		struct test *t = h->test;

		h->test = NULL;
		h->row.number = 0;
		h->row.worktree_id = "";
		h->deaths = 0;
		h->pool_ns += m.pool_ns;
		if (h->pool_ns > s->row.pool_ns)
			s->row.pool_ns = h->pool_ns;
		hand_becomes(h, HAND_IDLE, "idle");
		test_done(s, t, &m);
	}
}

static void
on_hand_gone(void *arg)
{
	struct hand *h = arg;

	h->is_gone = true;
}

/* ---- its life ---- */

static void
hand_start(struct hand *h)
{
	struct session *s = h->s;
	struct err e cleanup_err = ERR_INIT;
	const struct companion_options o = { .program = s->p->program,
		.word = WORKER_WORD,
		.env = s->worker_env,
		.err_fd = s->err_fd,
		.line = on_hand_line,
		.gone = on_hand_gone,
		.arg = h };

	h->c = companion_start(s->l, &o, &e);
	if (h->c == NULL) {
		if (s->fault == NULL)
			s->fault = arena_strdup(s->a, e.message);
		return;
	}
	h->is_gone = false;
	companion_listen(h->c, true);
	hand_becomes(h, HAND_STARTING, "starting");
	hand_setup(h);
}

static void
hand_give(struct hand *h, struct test *t)
{
	struct session *s = h->s;
	struct talk m = { .say = "test",
		.number = t->row.number,
		.attempt = t->queued->attempt,
		.is_last = t->queued->attempt > s->row.max_retries,
		.name = t->row.name,
		.task = t->row.task,
		.plan_file = t->row.plan_file,
		.batch_range = t->row.batch_range,
		.timeout_ns = s->row.timeout_ns };

	m.flags = s->q->flags;
	m.behind = s->q->behind;
	for (size_t i = 0; i < s->q->words.n; i++)
		vec_push(s->a, &m.words, s->q->words.v[i]);
	for (size_t i = 0; i < t->asked->words.n; i++)
		vec_push(s->a, &m.words, t->asked->words.v[i]);
	h->test = t;
	h->row.number = t->row.number;
	hand_becomes(h, HAND_BUSY, "busy");
	test_given(s, t, h);
	hand_say(h, &m);
}

static void
hand_end(struct hand *h)
{
	hand_becomes(h, HAND_ENDING, "ended");
	hand_say(h, &(struct talk){ .say = "end" });
}

/* Its test has failed by that. */
static void
hand_died(struct hand *h)
{
	struct session *s = h->s;
	struct test *t = h->test;
	struct talk m = talk_new("done");
	bool is_final = t == NULL && ++h->deaths >= DEATHS_MAX;

	cluster_jobs_forget(h);
	tell_died(s, h, is_final);
	h->test = NULL;
	h->row.number = 0;
	h->row.worktree_id = "";
	hand_becomes(h, HAND_NONE, "died");
	if (is_final && s->fault == NULL)
		s->fault = arena_printf(s->a, "%s died %d times in a row",
		    h->row.worker_id, DEATHS_MAX);
	if (t == NULL)
		return;
	m.number = t->row.number;
	m.reason = s->signal != 0
		       ? "cancelled"
		       : arena_printf(s->a, "%s died", h->row.worker_id);
	m.exit_status = -1;
	test_done(s, t, &m);
}

static void
hand_bury(struct hand *h)
{
	bool was_told = h->state == HAND_ENDING;

	companion_stop(h->c);
	h->c = NULL;
	h->is_gone = false;
	if (was_told)
		h->state = HAND_NONE;
	else
		hand_died(h);
}

void
crew_open(struct session *s)
{
	s->hands = arena_alloc(s->a, (size_t)s->most * sizeof(*s->hands));
	s->worker_env = crew_environment(s);
	for (int i = 0; i < s->most; i++) {
		struct hand *h = &s->hands[i];

		h->s = s;
		h->row = (struct worker_row){ .worker_id = arena_printf(
						  s->a, "worker-%d", i + 1),
			.status = "",
			.worktree_id = "" };
	}
}

/* ---- steps ---- */

static int
hands_alive(const struct session *s)
{
	int n = 0;

	for (int i = 0; i < s->most; i++)
		n += s->hands[i].c != NULL;
	return n;
}

/* As many as there is work for, and as are wanted now. */
static void
start_hands(struct session *s)
{
	struct queue_counts n = queue_count(s->queue);
	int work = n.pending + n.running;
	int wanted = work < s->wanted ? work : s->wanted;

	for (int i = 0; i < s->most && s->fault == NULL; i++)
		if (s->hands[i].c == NULL && hands_alive(s) < wanted)
			hand_start(&s->hands[i]);
}

static int
hands_busy(const struct session *s)
{
	int n = 0;

	for (int i = 0; i < s->most; i++)
		n += s->hands[i].state == HAND_BUSY;
	return n;
}

static void
give_tests(struct session *s)
{
	for (int i = 0; i < s->most; i++) {
		struct hand *h = &s->hands[i];
		struct queue_test *t;

		if (h->state != HAND_IDLE || h->is_gone ||
		    hands_busy(s) >= s->wanted)
			continue;
		t = queue_take(s->queue);
		if (t == NULL)
			return;
		hand_give(h, &s->tests[t->number - 1]);
	}
}

bool
crew_step(struct session *s)
{
	bool is_over;

	for (int i = 0; i < s->most; i++)
		if (s->hands[i].is_gone)
			hand_bury(&s->hands[i]);
	if (s->fault != NULL)
		queue_cancel(s->queue);
	if (s->signal == 0 && s->fault == NULL) {
		give_tests(s);
		start_hands(s);
	}
	is_over = queue_is_over(s->queue);
	for (int i = 0; i < s->most; i++)
		if (s->hands[i].state == HAND_IDLE && is_over)
			hand_end(&s->hands[i]);
	return !is_over || hands_alive(s) > 0;
}

void
crew_cancel(struct session *s)
{
	for (int i = 0; i < s->most; i++)
		if (s->hands[i].c != NULL && s->hands[i].state != HAND_ENDING)
			hand_say(
			    &s->hands[i], &(struct talk){ .say = "cancel" });
}

void
crew_close(struct session *s)
{
	for (int i = 0; i < s->most; i++)
		if (s->hands[i].c != NULL)
			hand_bury(&s->hands[i]);
}

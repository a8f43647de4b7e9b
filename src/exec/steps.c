/* SPDX-License-Identifier: MIT */
/*
 * Jobs that are snippets without a shell (shell/snippet.h): their programs run
 * one after the other as the job's process, on the same descriptors.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/local.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "base/vec.h"

extern char **environ;

enum {
	/* what a pipe that can be written to has room for */
	WRITE_AT_ONCE = 4096,
	/* above those that a jobserver's clients are told */
	OWN_FD = 64,
};

struct steps {
	struct arena *own; /* once a process runs: this is in it */
	struct snippet_run *run;
	const struct job_spec *spec; /* until the start returns; or NULL */
	struct wiring wiring;
	bool wired, here, reads_terminal, hidden;
	struct job_stdio out, err;
	int pass[2], pass_from[2]; /* pass[0] 0: none */
};

/* ---- what a builtin prints ---- */

/* As far as nobody has to be waited for; an errno, EAGAIN: not a byte. */
static int
write_at_once(int fd, sv text)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		if (text.n > WRITE_AT_ONCE)
			return EAGAIN;
		if (poll(&p, 1, 0) <= 0)
			return EAGAIN;
	}
	return write_all(fd, text.p, text.n) ? 0 : errno;
}

/* Behind what programs wrote into the same pipe. */
static int
tell_at_once(struct job *j, int slot, sv text)
{
	struct stream *s = j->streams[slot];

	if (s != NULL && !s->is_held)
		stream_drain(s);
	s = j->streams[slot];
	if (s != NULL && s->is_held)
		return EAGAIN;
	if (s == NULL || j->texts != NULL)
		job_add_text(j, slot, text);
	else if (j->output != NULL)
		j->output(j->arg, slot, text);
	return 0;
}

static int
steps_print(struct job *j, int slot, sv text)
{
	const struct steps *st = j->steps;
	const struct job_stdio *to = slot == 1 ? &st->out : &st->err;

	if (to->kind == STDIO_STDOUT) {
		to = &st->out;
		slot = 1;
	}
	switch (to->kind) {
	case STDIO_INHERIT:
		return write_at_once(slot, text);
	case STDIO_FD:
		return write_at_once(
		    st->wired ? st->wiring.child[slot] : to->fd, text);
	case STDIO_PIPE:
	case STDIO_PTY:
		return tell_at_once(j, slot, text);
	case STDIO_NULL:
	case STDIO_STDOUT:
		break;
	}
	return 0;
}

/* ---- the first process ---- */

/* The caller's descriptors are there until the start returns. */
static bool
keep_fd(struct wiring *w, int stream, struct err *e)
{
	int fd = fcntl(w->child[stream], F_DUPFD_CLOEXEC, OWN_FD);

	if (fd < 0)
		return err_sys(e, errno, "a descriptor for a job");
	w->child[stream] = fd;
	w->close[w->n_close++] = fd;
	return true;
}

static bool
keep_pass(struct steps *st, const int *pass, struct err *e)
{
	for (int i = 0; i < 2; i++) {
		st->pass_from[i] = fcntl(pass[i], F_DUPFD_CLOEXEC, OWN_FD);
		if (st->pass_from[i] < 0) {
			if (i == 1)
				close(st->pass_from[0]);
			return err_sys(e, errno, "a descriptor for a job");
		}
	}
	memcpy(st->pass, pass, sizeof(st->pass));
	return true;
}

static bool
keep_fds(struct local *x, struct steps *st, struct err *e)
{
	const struct job_spec *spec = st->spec;
	const struct job_stdio *io[3] = { &spec->in, &spec->out, &spec->err };
	bool shared = spec->err.kind == STDIO_STDOUT;

	if (!wire_all(x, spec, &st->wiring, e))
		return false;
	st->wired = true;
	for (int i = 0; i < 3; i++)
		if (io[i]->kind == STDIO_FD && !keep_fd(&st->wiring, i, e))
			return false;
	if (shared)
		st->wiring.child[2] = st->wiring.child[1];
	return spec->pass == NULL || keep_pass(st, spec->pass, e);
}

static bool
steps_wire(struct job *j, struct err *e)
{
	struct steps *st = j->steps;

	if (st->wired)
		return true;
	if (!loop_up(j->x->base.loop, e) || !keep_fds(j->x, st, e))
		return false;
	st->reads_terminal = st->here && isatty(st->wiring.child[0]);
	return true;
}

/* The job lives on behind its start: with what it was started with. */
static void
steps_keep(struct job *j)
{
	struct steps *st = j->steps;
	struct local *x = j->x;

	if (st->own != NULL)
		return;
	snippet_run_keep(st->run);
	st->own = x->scratch;
	x->scratch = arena_new();
	for (int i = 0; i < STREAMS; i++)
		if (st->wiring.ours[i] >= 0) {
			stream_start(j, i, st->wiring.ours[i], false);
			st->wiring.ours[i] = -1;
		}
	if (j->texts != NULL)
		job_ready(j);
}

/* ---- processes ---- */

static struct arena *
steps_arena(const struct job *j)
{
	return j->steps->own != NULL ? j->steps->own : j->x->scratch;
}

/* With the job's mark; a shell that is only prun's means shows in no SHLVL. */
static char *const *
steps_env(struct job *j, const struct snippet_want *w)
{
	struct arena *a = steps_arena(j);
	struct sb mark cleanup_sb = SB_INIT;
	VEC(char *) out = { 0 };

	for (char *const *env = w->env; *env != NULL; env++) {
		char *v = *env;

		if (str_starts(v, "PRUN_JOB="))
			continue;
		if (w->kind == SNIPPET_BASH && str_starts(v, "SHLVL="))
			v = arena_printf(
			    a, "SHLVL=%ld", strtol(v + 6, NULL, 10) - 1);
		vec_push(a, &out, v);
	}
	tree_mark(j->x, j->serial, getenv("PRUN_JOB"), &mark);
	vec_push(a, &out, sv_cstr(a, sb_sv(&mark)));
	vec_push(a, &out, NULL);
	return out.v;
}

static bool
steps_fds(struct job *j, const struct snippet_want *w, int fd[3], struct err *e)
{
	for (int i = 0; i < 3; i++) {
		const struct snippet_sink *sink = &w->sink[i];

		if (sink->slot == SNIPPET_FILE)
			fd[i] = sink->fd;
		else if (sink->slot == SNIPPET_NULL)
			fd[i] = wire_null(j->x, e);
		else
			fd[i] = j->steps->wiring.child[sink->slot];
		if (fd[i] < 0)
			return false;
	}
	return true;
}

static void
plan_command(struct arena *a, const struct shell *sh,
    const struct snippet_want *w, struct shell_plan *out)
{
	VEC(const char *) argv = { 0 };

	*out = (struct shell_plan){
		.kind = SHELL_SCRIPT, .program = sh->path, .script = w->script
	};
	vec_push(a, &argv, sh->path);
	if (sh->is_bash) {
		vec_push(a, &argv, "--norc");
		vec_push(a, &argv, "-p");
	}
	if (w->options.errexit)
		vec_push(a, &argv, "-e");
	if (w->options.nounset)
		vec_push(a, &argv, "-u");
	vec_push(a, &argv, "-c");
	out->script_at = argv.n;
	vec_push(a, &argv, w->script);
	vec_push(a, &argv, "gosh");
	vec_push(a, &argv, NULL);
	out->argv = argv.v;
}

/* bash, with one command. */
static bool
prepare_bash(struct job *j, const struct snippet_want *w, struct spawn *s,
    int *script_fd, struct err *e)
{
	struct arena *a = steps_arena(j);
	struct local *x = j->x;
	struct shell_plan plan;

	if (!know_shell(x, e))
		return false;
	plan_command(a, &x->shell, w, &plan);
	s->env = shell_plan_hush(a, &x->shell, s->env, &plan);
	if (j->steps->hidden || shell_plan_is_long(&plan)) {
		shell_plan_hide(a, &x->shell, &plan);
		if (!spawn_script_open(plan.script, script_fd, e))
			return false;
		s->script_fd = *script_fd;
	}
	s->path = plan.program;
	s->argv = (char *const *)plan.argv;
	return true;
}

/* The process runs: the job's, in place of the one before it. */
static void
steps_spawned(struct job *j, pid_t pid)
{
	struct steps *st = j->steps;

	if (j->pid > 0)
		loop_child_remove(j->x->base.loop, &j->child);
	job_has_pid(j, pid);
	if (st->here)
		terminal_lent(j->x, j, st->reads_terminal);
	steps_keep(j);
}

enum spawned {
	SPAWNED,
	SPAWNED_NOT,  /* *e says why */
	SPAWNED_BASH, /* the program cannot be executed, and bash knows why */
};

static enum spawned
steps_spawn(struct job *j, const struct snippet_want *w, struct err *e)
{
	struct steps *st = j->steps;
	struct spawn s = { .path = w->path,
		.argv = (char *const *)w->argv,
		.dir = w->dir,
		.own_group = !st->here };
	int script_fd cleanup_close = -1, error = 0;
	enum spawn_stage stage = SPAWN_FORK;
	pid_t pid;

	if (!steps_wire(j, e) || !steps_fds(j, w, s.fd, e))
		return SPAWNED_NOT;
	s.env = steps_env(j, w);
	if (w->kind == SNIPPET_BASH && !prepare_bash(j, w, &s, &script_fd, e))
		return SPAWNED_NOT;
	if (st->pass[0] > 0) {
		s.pass = st->pass;
		s.pass_from = st->pass_from;
	}
	if (st->here)
		terminal_before(j->x);
	s.leash = guard_leash(j->x, j);
	pid = spawn_process(&s, &stage, &error);
	if (pid >= 0) {
		steps_spawned(j, pid);
		return SPAWNED;
	}
	guard_job_ended(j->x, j);
	if (stage == SPAWN_EXEC && w->kind == SNIPPET_SPAWN)
		return SPAWNED_BASH;
	spawn_error(s.path, s.dir, stage, error, e);
	return SPAWNED_NOT;
}

/* ---- step by step ---- */

static void
steps_unwire(struct steps *st)
{
	if (st->wired)
		unwire(&st->wiring, true);
	st->wired = false;
	for (int i = 0; i < 2 && st->pass[0] > 0; i++)
		close(st->pass_from[i]);
	st->pass[0] = 0;
}

void
steps_free(struct job *j)
{
	struct steps *st = j->steps;

	if (st == NULL)
		return;
	j->steps = NULL;
	snippet_end(st->run);
	steps_unwire(st);
	arena_free(st->own);
}

static void
steps_over(struct job *j, int status, int signal, bool is_interrupt)
{
	j->result.status = status;
	j->result.signal = signal;
	j->result.end_ns = clock_mono_ns();
	j->exited = true;
	steps_unwire(j->steps);
	if (j->pid > 0) {
		job_over(j, is_interrupt);
		return;
	}
	/* all that it has is in the arena of its start */
	steps_free(j);
	job_ready(j);
}

/* Up to the next process, or the end.  false with *e: it cannot go on. */
static bool
steps_go(struct job *j, struct err *e)
{
	struct steps *st = j->steps;

	for (;;) {
		const struct snippet_want *w = snippet_step(st->run);
		int error;

		switch (w->kind) {
		case SNIPPET_DONE:
			steps_over(j, w->status, w->signal, false);
			return true;
		case SNIPPET_PRINT:
			error = steps_print(j, w->slot, w->text);
			snippet_printed(st->run, error);
			break;
		case SNIPPET_SPAWN:
		case SNIPPET_BASH:
			switch (steps_spawn(j, w, e)) {
			case SPAWNED:
				return true;
			case SPAWNED_NOT:
				return false;
			case SPAWNED_BASH:
				snippet_not_started(st->run);
			}
		}
		/* whoever heard what it printed may have ended it */
		if (j->ending != ENDING_NOT && snippet_has_more(st->run)) {
			steps_over(j, 128 + j->end_sig, j->end_sig, false);
			return true;
		}
	}
}

struct job *
steps_start(struct local *x, const struct job_spec *spec,
    const struct shell_plan *plan, struct err *e)
{
	struct steps *st = arena_new_of(x->scratch, struct steps);
	struct snippet_place place = { .dir = spec->dir,
		.env = spec->env != NULL ? spec->env : environ,
		.options = plan->options };
	struct job *j = job_new(x, spec);

	st->run = snippet_begin(x->scratch, plan->snippet, &place);
	st->spec = spec;
	st->here = spec->here;
	st->hidden = spec->hidden;
	st->out = spec->out;
	st->err = spec->err;
	j->steps = st;
	if (steps_go(j, e)) {
		if (j->steps != NULL)
			st->spec = NULL;
		return j;
	}
	job_free(j);
	return NULL;
}

/* A job that is being ended has no next command. */
void
steps_told(struct job *j, int status, const struct rusage *u)
{
	struct steps *st = j->steps;
	struct job_result *r = &j->result;
	bool is_interrupt, has_more = snippet_has_more(st->run);
	struct err e = ERR_INIT;

	job_tell_texts(j);
	is_interrupt = job_process_ended(j, status, u);
	if (is_interrupt || j->ending != ENDING_NOT) {
		if (r->status == 0 && has_more) {
			r->signal = j->end_sig;
			r->status = 128 + j->end_sig;
		}
		steps_over(j, r->status, r->signal, is_interrupt);
		return;
	}
	snippet_ended(st->run, j->pid, r->status, r->signal);
	if (steps_go(j, &e))
		return;
	err_move(&r->error, &e);
	r->not_started = true;
	steps_over(j, 127, 0, false);
}

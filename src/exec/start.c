/* SPDX-License-Identifier: MIT */
/* Starting a job: its shell or program, environment and descriptors. */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/local.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"
#include "base/map.h"
#include "base/path.h"
#include "base/vec.h"
#include "exec/shell_dialect.h"
#include "exec/spawn.h"

extern char **environ;

typedef VEC(char *) env_vec;

/* The job's environment with what the shell of go-task sets: PWD (L-115).  A
 * shell that is only prun's means shows in no SHLVL. */
static char *const *
start_job_env(struct job *j, const struct job_spec *spec, bool by_shell)
{
	struct arena *a = j->x->scratch;
	char *const *env = spec->env != NULL ? spec->env : environ;
	bool sets_pwd = spec->dir != NULL && path_is_abs(sv_of(spec->dir));
	struct sb mark cleanup_sb = SB_INIT;
	env_vec out = { 0 };

	for (; *env != NULL; env++) {
		const char *v = *env;

		if ((sets_pwd && str_starts(v, "PWD=")) ||
		    str_starts(v, "PRUN_JOB="))
			continue;
		if (by_shell && str_starts(v, "SHLVL=") &&
		    strtol(v + 6, NULL, 10) > 0)
			v = arena_printf(a, "SHLVL=%ld", strtol(v + 6, NULL, 10) - 1);
		vec_push(a, &out, (char *)v);
	}
	if (sets_pwd)
		vec_push(a, &out, arena_concat(a, "PWD=", spec->dir, NULL));
	tree_mark(j->x, j->serial, getenv("PRUN_JOB"), &mark);
	vec_push(a, &out, sv_cstr(a, sb_sv(&mark)));
	vec_push(a, &out, NULL);
	return out.v;
}

static bool
wire_pipe(struct wiring *w, int stream, struct err *e)
{
	int fds[2];

	if (!spawn_pipe(fds))
		return err_sys(e, errno, "pipe");
	w->child[stream] = fds[1];
	w->ours[stream] = fds[0];
	w->close[w->n_close++] = fds[1];
	return true;
}

/* A system may have no ptys, or none left; whoever writes does not mind. */
static bool
wire_pty(struct wiring *w, int stream, struct err *e)
{
	int slave;

	if (!pty_open(&w->ours[stream], &slave)) {
		w->ours[stream] = -1;
		return wire_pipe(w, stream, e);
	}
	w->is_pty[stream] = true;
	w->close[w->n_close++] = slave;
	w->child[stream] = slave;
	return true;
}

int
wire_null(struct local *x, struct err *e)
{
	if (x->null_fd < 0)
		x->null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (x->null_fd < 0)
		err_sys(e, errno, "open /dev/null");
	return x->null_fd;
}

static bool
start_wire(struct local *x, struct wiring *w, int stream,
    const struct job_stdio *io, struct err *e)
{
	switch (io->kind) {
	case STDIO_INHERIT:
		/* few programs expect that they do not wait */
		fd_make_blocking(stream);
		w->child[stream] = stream;
		return true;
	case STDIO_FD:
		fd_make_blocking(io->fd);
		w->child[stream] = io->fd;
		return true;
	case STDIO_PIPE:
		if (stream != 0)
			return wire_pipe(w, stream, e);
		break;
	case STDIO_PTY:
		if (stream != 0)
			return wire_pty(w, stream, e);
		break; /* stdout's, when it is there */
	case STDIO_STDOUT:
		if (stream == 2) {
			w->child[2] = w->child[1];
			return true;
		}
		break;
	case STDIO_NULL:
		break;
	}
	w->child[stream] = wire_null(x, e);
	return w->child[stream] >= 0;
}

void
unwire(struct wiring *w, bool ours_too)
{
	for (int i = 0; i < w->n_close; i++)
		close(w->close[i]);
	for (int i = 0; ours_too && i < STREAMS; i++)
		if (w->ours[i] >= 0)
			close(w->ours[i]);
}

bool
wire_all(struct local *x, const struct job_spec *spec, struct wiring *w,
    struct err *e)
{
	const struct job_stdio *io[3] = { &spec->in, &spec->out, &spec->err };

	*w = (struct wiring){ .ours = { -1, -1, -1 } };
	for (int i = 0; i < 3; i++)
		if (!start_wire(x, w, i, io[i], e)) {
			unwire(w, true);
			return false;
		}
	if (spec->in.kind == STDIO_PTY && w->is_pty[1])
		w->child[0] = w->child[1];
	return true;
}

bool
know_shell(struct local *x, struct err *e)
{
	if (x->shell_found)
		return true;
	if (!shell_find(x->keep, getenv("PATH"), &x->shell, e))
		return false;
	x->shell_found = true;
	shell_find_dash(x->keep, getenv("PATH"), &x->shell);
	x->shell.locales = map_new(x->keep);
	x->shell.answers = map_new(x->keep);
	return true;
}

/* A file without a shebang is a script for the shell (L-220). */
static pid_t
spawn_plan(struct local *x, struct spawn *s, enum spawn_stage *stage,
    int *error)
{
	struct err ignored cleanup_err = ERR_INIT;
	const char *program = s->path, *const * argv;
	pid_t pid = spawn_process(s, stage, error);

	if (pid >= 0 || *stage != SPAWN_EXEC || *error != ENOEXEC)
		return pid;
	if (!know_shell(x, &ignored))
		return -1;
	argv = shell_argv_of_file(
	    x->scratch, &x->shell, program, (const char *const *)s->argv);
	s->env = shell_file_hush(x->scratch, &x->shell, s->env, &argv);
	s->argv = (char *const *)argv;
	s->path = x->shell.path;
	return spawn_process(s, stage, error);
}

bool
spawn_error(const char *path, const char *dir, enum spawn_stage stage,
    int error, struct err *e)
{
	if (stage == SPAWN_CHDIR)
		return err_sys(e, error, "chdir %s", dir);
	return err_sys(e, error, "fork/exec %s", path);
}

static struct job *
start_process(struct local *x, const struct job_spec *spec,
    const struct shell_plan *plan, struct err *e)
{
	struct spawn s = { .path = plan->program, .dir = spec->dir,
		.argv = (char *const *)plan->argv, .own_group = !spec->here,
		.pass = spec->pass };
	enum spawn_stage stage = SPAWN_FORK;
	struct wiring w;
	struct job *j;
	int script_fd cleanup_close = -1;
	int error = 0;
	bool reads_terminal;
	pid_t pid;

	if (!loop_up(x->base.loop, e))
		return NULL;
	if (plan->by_descriptor && !spawn_script_open(plan->script, &script_fd, e))
		return NULL;
	s.script_fd = script_fd > 0 ? script_fd : 0;
	if (!wire_all(x, spec, &w, e))
		return NULL;
	reads_terminal = spec->here && isatty(w.child[0]);
	j = job_new(x, spec);
	s.env = start_job_env(
	    j, spec, plan->kind == SHELL_SCRIPT && !plan->by_dash);
	memcpy(s.fd, w.child, sizeof(s.fd));
	s.own_session = spec->in.kind == STDIO_PTY && w.is_pty[1];
	if (spec->here)
		terminal_before(x);
	s.leash = guard_leash(x, j);
	pid = spawn_plan(x, &s, &stage, &error);
	unwire(&w, pid < 0);
	if (pid < 0) {
		spawn_error(s.path, s.dir, stage, error, e);
		guard_job_ended(x, j);
		job_free(j);
		return NULL;
	}
	job_has_pid(j, pid);
	j->on_pty = w.is_pty[1] || w.is_pty[2];
	j->pty_is_terminal = s.own_session;
	if (spec->here)
		terminal_lent(x, j, reads_terminal);
	if (plan->kind == SHELL_SCRIPT && !plan->by_dash)
		j->script = xstrdup(plan->script);
	for (int i = 0; i < STREAMS; i++)
		if (w.ours[i] >= 0)
			stream_start(j, i, w.ours[i], w.is_pty[i]);
	return j;
}

static struct job *
start_known(struct local *x, const struct job_spec *spec,
    const struct shell_plan *plan)
{
	struct job *j = job_new(x, spec);
	const struct job_stdio *err = &spec->err;
	int stream = 2;

	j->result.status = plan->status;
	if (err->kind == STDIO_STDOUT) {
		err = &spec->out;
		stream = 1;
	}
	if (plan->kind == SHELL_ECHO)
		job_print(j, 1, &spec->out, plan->text);
	else if (plan->kind == SHELL_REFUSED)
		job_print(j, stream, err, plan->text);
	j->exited = true;
	j->result.end_ns = clock_mono_ns();
	job_ready(j);
	return j;
}

/* Where the shell is no bash: does it know what the script has? */
static bool
has_all_of_it(struct local *x, const struct job_spec *spec,
    const struct shell_plan *plan, struct err *e)
{
	dialect_finds finds = { 0 };
	const struct dialect_find *lack;
	unsigned line = 1, column = 1;

	if (x->shell.is_bash || plan->kind != SHELL_SCRIPT)
		return true;
	dialect_read_options(x->scratch, spec->set, spec->shopt, &finds);
	dialect_read(x->scratch, sv_of(spec->script), &finds);
	lack = shell_lacks(x->scratch, &x->shell, &finds);
	if (lack == NULL)
		return true;
	for (size_t i = 0; i < lack->at; i++) {
		column = spec->script[i] == '\n' ? 1 : column + 1;
		line += spec->script[i] == '\n';
	}
	return err_set(e, ERR_TASK_FAILED,
	    "%u:%u: %s needs bash, which is not on PATH", line, column,
	    lack->name);
}

static bool
may_read_terminal(const struct job_spec *spec)
{
	return spec->here || spec->in.kind == STDIO_INHERIT;
}

static bool
make_plan(struct local *x, const struct job_spec *spec,
    struct shell_plan *plan, struct err *e)
{
	const char *why = "";

	if (spec->script != NULL) {
		struct shell sh = x->shell;

		/* its modes are the whole job's, and a shell that gets ^C waits
		 * for what its program makes of it, as bash alone does */
		bool has_keys = may_read_terminal(spec) && terminal_is_there(x);

		/* dash could not read what it is not to be seen with */
		sh.no_dash |= spec->hidden || has_keys;
		/* what programs write to a terminal cannot be waited for */
		sh.steps &= spec->out.kind != STDIO_PTY &&
			    spec->err.kind != STDIO_PTY && !has_keys;
		shell_plan(x->scratch, &sh, spec->script, spec->set,
		    spec->shopt, spec->dir, spec->env, plan, e);
		if (plan->kind != SHELL_SCRIPT || x->shell_found)
			return plan->kind != SHELL_INVALID &&
			       has_all_of_it(x, spec, plan, e);
		/* what it comes to depends on the shell */
		return know_shell(x, e) && make_plan(x, spec, plan, e);
	}
	*plan = (struct shell_plan){ .kind = SHELL_DIRECT, .argv = spec->argv };
	plan->program = shell_look_up(x->scratch, spec->argv[0], spec->dir,
	    spec->env, &why);
	if (plan->program == NULL) {
		plan->kind = SHELL_REFUSED;
		plan->status = 127;
		plan->text = sv_of(arena_printf(x->scratch, "%s\n", why));
	}
	return true;
}

static void
count_spared(struct local_spared *s, const struct shell_plan *plan)
{
	s->direct += plan->kind == SHELL_DIRECT;
	s->known += plan->kind == SHELL_NOTHING || plan->kind == SHELL_STATUS ||
		    plan->kind == SHELL_ECHO;
	s->stepped += plan->kind == SHELL_STEPS;
	s->by_dash += plan->by_dash;
}

struct job *
job_start(struct local *x, const struct job_spec *spec, struct err *e)
{
	struct arena *scratch = x->scratch;
	struct arena_mark mark = arena_mark(scratch);
	struct job_spec own = *spec;
	struct shell_plan plan;
	struct job *j = NULL;

	if (make_plan(x, spec, &plan, e)) {
		own.env =
		    shell_plan_hush(x->scratch, &x->shell, spec->env, &plan);
		if (shell_plan_is_long(&plan) ||
		    (spec->hidden && plan.kind == SHELL_SCRIPT))
			shell_plan_hide(x->scratch, &x->shell, &plan);
		if (plan.kind == SHELL_DIRECT || plan.kind == SHELL_SCRIPT)
			j = start_process(x, &own, &plan, e);
		else if (plan.kind == SHELL_STEPS)
			j = steps_start(x, spec, &plan, e);
		else
			j = start_known(x, spec, &plan);
		if (j != NULL && spec->script != NULL)
			count_spared(&x->spared, &plan);
	}
	/* a job that goes on step by step has it */
	if (x->scratch == scratch)
		arena_release(scratch, mark);
	return j;
}

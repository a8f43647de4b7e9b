/* SPDX-License-Identifier: MIT */
/* The files by which prun and the script on the node talk to each other. */
#include "exec/slurm_job.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/io.h"

static bool
write_in(const struct slurm *x, const char *name, sv text, mode_t mode,
    struct err *e)
{
	char *path cleanup_free = xasprintf("%s/%s", x->own->dir, name);

	return write_atomic(path, text, mode, e);
}

bool
slurm_files_make(struct slurm *x, struct err *e)
{
	const char *dir = x->own->dir;
	char *done cleanup_free = xasprintf("%s/done", dir);

	if (x->files_made)
		return true;
	if (!mkdir_all(dir, 0700, e) || !mkdir_all(done, 0700, e) ||
	    !write_atomic(x->o.mark, SV(""), 0600, e) ||
	    !write_in(x, "tree", sv_of(slurm_tree_id(x)), 0600, e) ||
	    !write_in(x, "node.sh", sv_of(slurm_script), 0700, e))
		return false;
	x->files_made = true;
	return true;
}

/* What a shell keeps for itself, or the node knows better, or leads to sockets
 * of this machine. */
static bool
env_stays_here(sv name)
{
	static const char *const names[] = { "PWD", "OLDPWD", "_", "SHLVL",
		"UID", "EUID", "PPID", "GROUPS", "BASHOPTS", "SHELLOPTS",
		"BASH_VERSINFO", "HOSTNAME", "PRUN_CONTROL", "PRUN_JOB",
		"PRUN_BIN", "MAKEFLAGS", "SLURM_CONF", NULL };

	for (const char *const *n = names; *n != NULL; n++)
		if (sv_is(name, *n))
			return true;
	return sv_starts(name, SV("SLURM_")) || sv_starts(name, SV("SBATCH_"));
}

static bool
is_shell_name(sv name)
{
	if (name.n == 0 || is_digit((unsigned char)name.p[0]))
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (!is_name_byte((unsigned char)name.p[i]))
			return false;
	return true;
}

/* What tells one session of the user from another, or one run. */
static bool
env_is_of_session(sv name)
{
	static const char *const names[] = { "TERM", "COLORTERM", "COLUMNS",
		"LINES", "DISPLAY", "WAYLAND_DISPLAY", "WINDOWID", "TMUX",
		"TMUX_PANE", "STY", "WINDOW", "GPG_TTY", "INVOCATION_ID",
		"JOURNAL_STREAM", "XDG_SESSION_ID", "XAUTHORITY",
		"DBUS_SESSION_BUS_ADDRESS", "VTE_VERSION", "TRACEPARENT",
		"TRACESTATE", NULL };

	for (const char *const *n = names; *n != NULL; n++)
		if (sv_is(name, *n))
			return true;
	return sv_starts(name, SV("SSH_")) || sv_starts(name, SV("PRUN_")) ||
	       sv_starts(name, SV("TERM_"));
}

static void
add_job_env(struct sb *out, char *const *env, bool is_key)
{
	for (; *env != NULL; env++) {
		sv name, rest;

		if (!sv_cut(sv_of(*env), '=', &name, &rest) ||
		    !is_shell_name(name) || env_stays_here(name) ||
		    (is_key && env_is_of_session(name)))
			continue;
		sb_adds(out, "export ");
		sb_addv(out, name);
		sb_addc(out, '=');
		shell_add_word(out, *env + name.n + 1);
		sb_addc(out, '\n');
	}
}

static void
add_shell_words(struct sb *out, const char *const *words)
{
	for (; words != NULL && *words != NULL; words++) {
		sb_addc(out, ' ');
		shell_add_word(out, *words);
	}
}

uint64_t
slurm_key(const struct slurm_job *j)
{
	const struct job_spec *s = &j->spec;
	struct sb text cleanup_sb = SB_INIT;

	add_job_env(&text, s->env, true);
	sb_printf(&text, "%d %" PRId64 " %" PRId64 " ", s->slots,
	    s->memory_bytes, s->timeout_ns);
	shell_add_word(&text, s->dir != NULL ? s->dir : "");
	add_shell_words(&text, s->set);
	sb_addc(&text, ';');
	add_shell_words(&text, s->shopt);
	sb_addc(&text, ';');
	shell_add_word(&text, s->script);
	return hash64(sb_sv(&text));
}

/* "DIR/N.env" for the suffix "env". */
static const char *
file_of_all(struct arena *a, const struct slurm_job *j, const char *suffix)
{
	return arena_printf(a, "%s/%u.%s", j->place->dir, j->number, suffix);
}

/* Where the node lacks the folder or the program the status is a shell's. */
static void
add_command(struct arena *a, struct sb *out, const struct slurm_job *j)
{
	sb_adds(out, ". ");
	shell_add_word(out, file_of_all(a, j, "env"));
	sb_adds(out, "\n");
	if (j->spec.dir != NULL && *j->spec.dir != '\0') {
		sb_adds(out, "cd ");
		shell_add_word(out, j->spec.dir);
		sb_adds(out, " || exit 127\nunset OLDPWD\n");
	}
	if (j->spec.err.kind == STDIO_STDOUT)
		sb_adds(out, "exec 2>&1\n");
	sb_adds(out, "exec ");
	shell_add_word(out, j->plan.program);
	add_shell_words(out, j->plan.argv + 1);
	if (j->plan.by_descriptor) {
		sb_printf(out, " %d<", SHELL_FD);
		shell_add_word(out, file_of_all(a, j, "script"));
	}
	sb_addc(out, '\n');
}

bool
slurm_files_of_job(struct slurm_job *j, struct err *e)
{
	struct arena *a cleanup_arena = arena_new();
	struct sb env cleanup_sb = SB_INIT, cmd cleanup_sb = SB_INIT;

	add_job_env(&env, j->spec.env, false);
	add_command(a, &cmd, j);
	return slurm_files_make(j->x, e) &&
	       write_atomic(file_of_all(a, j, "env"), sb_sv(&env), 0600, e) &&
	       (!j->plan.by_descriptor ||
		   write_atomic(file_of_all(a, j, "script"),
		       sv_of(j->plan.script), 0600, e)) &&
	       write_atomic(file_of_all(a, j, "cmd"), sb_sv(&cmd), 0600, e);
}

const char *
slurm_file(struct arena *a, const struct slurm_job *j, const char *suffix)
{
	return arena_printf(
	    a, "%s/%u.%u.%s", j->place->dir, j->number, j->attempt, suffix);
}

void
slurm_files_revoke(const struct slurm_job *j)
{
	struct err ignored cleanup_err = ERR_INIT;
	struct arena *a cleanup_arena = arena_new();

	write_atomic(slurm_file(a, j, "revoked"), SV(""), 0600, &ignored);
}

/* The environment may have secrets: it goes with the job.  What says that a
 * late script must not run stays. */
void
slurm_files_drop(struct slurm_job *j)
{
	static const char *const of_all[] = { "env", "cmd", "script", NULL };
	static const char *const of_attempt[] = { "out", "err", "slurm", NULL };
	struct arena *a cleanup_arena = arena_new();

	for (const char *const *s = of_all; *s != NULL; s++)
		unlink(file_of_all(a, j, *s));
	for (const char *const *s = of_attempt; *s != NULL; s++)
		unlink(slurm_file(a, j, *s));
	for (int is_end = 0; is_end < 2; is_end++)
		unlink(arena_printf(a, "%s/done/%u.%u.%s", j->place->dir,
		    j->number, j->attempt, is_end ? "result" : "start"));
}

bool
slurm_result_read(sv text, struct slurm_result *out)
{
	struct arena *a cleanup_arena = arena_new();
	char *line = sv_cstr(a, text);
	long long start, end, size[2];
	int used = 0;

	*out = (struct slurm_result){ 0 };
	if (sv_is(text, "revoked .\n")) {
		out->is_revoked = true;
		return true;
	}
	if (sscanf(line, "1 %d %lld %lld %63s %lld %lld .%n", &out->status,
		&start, &end, out->node, &size[0], &size[1], &used) != 6 ||
	    used == 0 || line[used] != '\n' || out->status < 0 ||
	    out->status > 255)
		return false;
	out->start_ns = start;
	out->end_ns = end;
	out->size[1] = size[0];
	out->size[2] = size[1];
	return true;
}

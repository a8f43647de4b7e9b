/* SPDX-License-Identifier: MIT */
/* The files by which prun and the script on the node talk to each other. */
#include "exec/slurm_job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"

extern char **environ;

/*
 * DIR TREE INODE NAME or DIR TREE INODE @BATCH: the latter names a file with a
 * line for each element of an array.  The mark that it began comes before the
 * look at what was revoked, and prun looks the other way round: one of both
 * sees the other.  A signal is for the command, which gets it as well; the
 * script lives on to tell how that ended.
 */
static const char node_script[] =
    "#!/bin/sh\n"
    "# Runs a command of prun on a node of a cluster.\n"
    "unset SLURM_EXPORT_ENV\n"
    "dir=$1 tree=$2 inode=$3 name=$4\n"
    "here=$(LC_ALL=C ls -di \"$tree\" 2>/dev/null | awk '{ print $1; exit }')\n"
    "if [ ! -e \"$dir/node.sh\" ] || [ \"$here\" != \"$inode\" ]; then\n"
    "	echo \"prun: this node does not share $dir and $tree\" >&2\n"
    "	exit 123\n"
    "fi\n"
    "case $name in\n"
    "@*)\n"
    "	i=0\n"
    "	while read -r line; do\n"
    "		[ \"$i\" -eq \"$SLURM_ARRAY_TASK_ID\" ] && name=$line\n"
    "		i=$((i + 1))\n"
    "	done <\"$dir/${name#@}.batch\"\n"
    "esac\n"
    "case $name in @*) exit 1 ;; esac\n"
    "done=$dir/done/$name\n"
    "host=$(uname -n)\n"
    "host=${host%%.*}\n"
    "say()\n"
    "{\n"
    "	printf '%s .\\n' \"$2\" >\"$done.tmp\" || return\n"
    "	sync \"$done.tmp\" 2>/dev/null\n"
    "	mv -f \"$done.tmp\" \"$done.$1\"\n"
    "}\n"
    "say start \"$host\"\n"
    "if [ -e \"$dir/$name.revoked\" ]; then\n"
    "	say result revoked\n"
    "	exit 0\n"
    "fi\n"
    "trap : HUP INT TERM USR1 USR2\n"
    "start=$(date +%s)\n"
    "/bin/sh \"$dir/${name%.*}.cmd\" </dev/null >\"$dir/$name.out\" "
    "2>\"$dir/$name.err\"\n"
    "status=$?\n"
    "out=$(($(wc -c <\"$dir/$name.out\")))\n"
    "err=$(($(wc -c <\"$dir/$name.err\")))\n"
    "say result \"1 $status $start $(date +%s) $host $out $err\"\n"
    "exit $status\n";

static bool
write_in(const struct slurm *x, const char *name, sv text, mode_t mode,
    struct err *e)
{
	char *path cleanup_free = xasprintf("%s/%s", x->dir, name);

	return write_atomic(path, text, mode, e);
}

bool
slurm_files_make(struct slurm *x, struct err *e)
{
	char *done cleanup_free = xasprintf("%s/done", x->dir);

	if (x->files_made)
		return true;
	if (!mkdir_all(x->dir, 0700, e) || !mkdir_all(done, 0700, e) ||
	    !write_in(x, "node.sh", sv_of(node_script), 0700, e))
		return false;
	x->files_made = true;
	return true;
}

void
slurm_quote(struct sb *out, const char *text)
{
	sb_addc(out, '\'');
	for (; *text != '\0'; text++)
		if (*text == '\'')
			sb_adds(out, "'\\''");
		else
			sb_addc(out, *text);
	sb_addc(out, '\'');
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

static void
add_job_env(struct sb *out, char *const *env)
{
	for (; *env != NULL; env++) {
		sv name, rest;

		if (!sv_cut(sv_of(*env), '=', &name, &rest) ||
		    !is_shell_name(name) || env_stays_here(name))
			continue;
		sb_adds(out, "export ");
		sb_addv(out, name);
		sb_addc(out, '=');
		slurm_quote(out, *env + name.n + 1);
		sb_addc(out, '\n');
	}
}

/* Where the node lacks the folder or the program the status is a shell's. */
static void
add_command(struct sb *out, const struct slurm_job *j, const char *env_file)
{
	sb_adds(out, ". ");
	slurm_quote(out, env_file);
	sb_adds(out, "\n");
	if (j->spec.dir != NULL && *j->spec.dir != '\0') {
		sb_adds(out, "cd ");
		slurm_quote(out, j->spec.dir);
		sb_adds(out, " || exit 127\nunset OLDPWD\n");
	}
	if (j->spec.err.kind == STDIO_STDOUT)
		sb_adds(out, "exec 2>&1\n");
	sb_adds(out, "exec ");
	slurm_quote(out, j->plan.program);
	for (const char *const *v = j->plan.argv + 1; *v != NULL; v++) {
		sb_addc(out, ' ');
		slurm_quote(out, *v);
	}
	sb_addc(out, '\n');
}

bool
slurm_files_of_job(struct slurm_job *j, struct err *e)
{
	struct sb env cleanup_sb = SB_INIT, cmd cleanup_sb = SB_INIT;
	char *name cleanup_free = xasprintf("%u.env", j->number);
	char *path cleanup_free = xasprintf("%s/%s", j->x->dir, name);
	char *cmd_name cleanup_free = xasprintf("%u.cmd", j->number);

	add_job_env(&env, j->spec.env != NULL ? j->spec.env : environ);
	add_command(&cmd, j, path);
	return slurm_files_make(j->x, e) &&
	       write_in(j->x, name, sb_sv(&env), 0600, e) &&
	       write_in(j->x, cmd_name, sb_sv(&cmd), 0600, e);
}

const char *
slurm_file(struct arena *a, const struct slurm_job *j, const char *suffix)
{
	return arena_printf(a, "%s/%u.%u.%s", j->x->dir, j->number, j->attempt,
	    suffix);
}

void
slurm_files_revoke(const struct slurm_job *j)
{
	struct err ignored cleanup_err = ERR_INIT;
	struct arena *a cleanup_arena = arena_new();

	write_atomic(slurm_file(a, j, "revoked"), SV(""), 0600, &ignored);
}

/* The environment may have secrets: it goes with the job.  What says that a late
 * script must not run stays. */
void
slurm_files_drop(struct slurm_job *j)
{
	static const char *const suffixes[] = { "out", "err", "slurm", NULL };
	struct arena *a cleanup_arena = arena_new();
	const char *dir = j->x->dir;

	unlink(arena_printf(a, "%s/%u.env", dir, j->number));
	unlink(arena_printf(a, "%s/%u.cmd", dir, j->number));
	for (const char *const *s = suffixes; *s != NULL; s++)
		unlink(slurm_file(a, j, *s));
	unlink(arena_printf(a, "%s/done/%u.%u.start", dir, j->number,
	    j->attempt));
	unlink(arena_printf(a, "%s/done/%u.%u.result", dir, j->number,
	    j->attempt));
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
	out->start_s = start;
	out->end_s = end;
	out->size[1] = size[0];
	out->size[2] = size[1];
	return true;
}

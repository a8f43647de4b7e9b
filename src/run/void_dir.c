/* SPDX-License-Identifier: MIT */
/*
 * Questions in a directory that is not there.  The reference asks them before
 * it is made, and its shell needs none for what is built into it; a program
 * cannot be started there.  So such a question runs in an empty folder under
 * the directory's name, and ends where it would start a program.
 */
#include <signal.h>
#include <stdlib.h>

#include "base/path.h"
#include "run/internal.h"

/* What the folder is hidden behind.  Programs are found by nobody but `command
 * -v` and `type`; where one is wanted the shell of the question kills itself,
 * from whichever subshell: no `!`, `||` or `if` may take that for an answer.
 * A shell that cannot tell has no answer at all. */
static const char FENCE[] =
    "if [ \"${BASH_VERSINFO:-0}\" -lt 4 ]; then kill -KILL $$; fi; "
    "prun_path=$PATH; "
    "pwd() { printf '%s\\n' \"$PWD\"; }; "
    "type() { PATH=$prun_path builtin type \"$@\"; }; "
    "command() { case ${1-} in "
    "-v | -V) PATH=$prun_path builtin command \"$@\" ;; "
    "*) builtin command \"$@\" ;; esac; }; "
    "command_not_found_handle() { "
    "if [ -n \"$(PATH=$prun_path builtin type -P -- \"$1\")\" ]; "
    "then kill -KILL $$; fi; return 127; }; "
    "set -T; trap 'case ${BASH_COMMAND%%[[:space:]]*} in "
    "*=* | \"((\"*) ;; */*) kill -KILL $$ ;; esac' DEBUG; "
    "PATH=/dev/null; ";

static const char *
void_folder(struct run *r)
{
	if (r->void_dir == NULL) {
		char *path = arena_printf(
		    r->arena, "%s/prun-void-XXXXXX", path_temp_dir());

		if (mkdtemp(path) != NULL)
			r->void_dir = path;
	}
	return r->void_dir;
}

void
void_ask(struct command *cm, struct job_spec *spec)
{
	const char *dir = void_folder(cm->r);
	struct sb b cleanup_sb = SB_INIT;

	if (dir == NULL)
		return;
	sb_adds(&b, FENCE);
	sb_adds(&b, "PWD='");
	for (const char *p = cm->dir; *p != '\0'; p++)
		if (*p == '\'')
			sb_adds(&b, "'\\''");
		else
			sb_addc(&b, *p);
	sb_adds(&b, "'; ");
	sb_adds(&b, cm->text);
	spec->script = arena_strdup(command_arena(cm), sb_cstr(&b));
	spec->dir = dir;
	cm->in_void = true;
}

bool
void_was_left(const struct command *cm, const struct job_result *res)
{
	return cm->in_void && !cm->signalled && res->signal == SIGKILL;
}

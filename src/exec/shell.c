/* SPDX-License-Identifier: MIT */
#include "exec/shell.h"

#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/vec.h"
#include "exec/capture.h"
#include "exec/shell_words.h"

extern char **environ;

typedef VEC(const char *) argv_vec;

/* `set:` by letter and by name (L-212); in the order of bash's own list. */
static const struct {
	char letter;
	const char *name;
} set_options[] = {
	{ 'a', "allexport" },
	{ 'e', "errexit" },
	{ 'n', "noexec" },
	{ 'f', "noglob" },
	{ 'u', "nounset" },
	{ 'x', "xtrace" },
	{ '\0', "pipefail" },
};

static const char *const shopt_options[] = { "dotglob", "expand_aliases",
	"extglob", "globstar", "nocaseglob", "nullglob" };

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const char *
set_name(const char *option)
{
	for (size_t i = 0; i < COUNT(set_options); i++) {
		if (strcmp(option, set_options[i].name) == 0)
			return set_options[i].name;
		if (option[0] != '\0' && option[1] == '\0' &&
		    option[0] == set_options[i].letter)
			return set_options[i].name;
	}
	return NULL;
}

static bool
options_are_known(struct arena *a, const char *const *set,
    const char *const *shopt, struct err *e)
{
	for (; set != NULL && *set != NULL; set++)
		if (set_name(*set) == NULL)
			return err_set(e, ERR_TASK_FAILED,
			    "invalid option: %s", quote_go(a, sv_of(*set)));
	for (; shopt != NULL && *shopt != NULL; shopt++) {
		bool known = false;

		for (size_t i = 0; i < COUNT(shopt_options); i++)
			known |= strcmp(*shopt, shopt_options[i]) == 0;
		if (!known)
			return err_set(e, ERR_TASK_FAILED,
			    "invalid option name: %s",
			    quote_go(a, sv_of(*shopt)));
	}
	return true;
}

static bool
has_set(const char *const *set, const char *name)
{
	for (; set != NULL && *set != NULL; set++)
		if (strcmp(set_name(*set), name) == 0)
			return true;
	return false;
}

static bool
has_shopt(const char *const *shopt, const char *name)
{
	for (; shopt != NULL && *shopt != NULL; shopt++)
		if (strcmp(*shopt, name) == 0)
			return true;
	return false;
}

/* 0.0 stands for unknown, which is taken for new. */
static bool
has_version(const struct shell *sh, int major, int minor)
{
	if (!sh->is_bash)
		return false;
	if (sh->bash_major == 0)
		return true;
	return sh->bash_major > major ||
	    (sh->bash_major == major && sh->bash_minor >= minor);
}

static void
shell_add_option(
    struct arena *a, argv_vec *argv, const char *flag, const char *name)
{
	vec_push(a, argv, flag);
	vec_push(a, argv, name);
}

/* bash reads and runs a script line by line; go-task parses all of it first,
 * so that nothing runs of a text with a mistake at its end (L-218).  A group
 * makes bash do the same.  Aliases work on later lines only without it. */
static const char *
whole_text(struct arena *a, const char *text, const struct words *words,
    const char *const *shopt, struct shell_plan *out)
{
	if (!words->lines || words->at_risk ||
	    has_shopt(shopt, "expand_aliases") ||
	    strstr(text, "expand_aliases") != NULL)
		return text;
	out->whole = true;
	return arena_printf(a, "{ %s\n}", text);
}

static void
plan_script(struct arena *a, const struct shell *sh, const char *text,
    const struct words *words, const char *const *set, const char *const *shopt,
    struct shell_plan *out)
{
	argv_vec argv = { 0 };

	vec_push(a, &argv, sh->path);
	if (sh->is_bash) {
		/* Neither start-up files nor functions and options of the
		 * environment reach go-task's interpreter. */
		vec_push(a, &argv, "--norc");
		vec_push(a, &argv, "-p");
	}
	vec_push(a, &argv, "-e");
	for (; set != NULL && *set != NULL; set++)
		shell_add_option(a, &argv, "-o", set_name(*set));
	if (has_version(sh, 4, 2))
		shell_add_option(a, &argv, "-O", "lastpipe");
	if (has_version(sh, 4, 4))
		shell_add_option(a, &argv, "-O", "inherit_errexit");
	/* Patterns are read with the group, before `shopt` in it could run. */
	if (sh->is_bash && strstr(text, "extglob") != NULL)
		shell_add_option(a, &argv, "-O", "extglob");
	if (sh->is_bash)
		for (const char *const *o = shopt; o != NULL && *o != NULL; o++)
			shell_add_option(a, &argv, "-O", *o);
	vec_push(a, &argv, "-c");
	out->script = whole_text(a, text, words, shopt, out);
	/* go-task's shell has it beside UID and EUID, where nobody set it */
	if (strstr(text, "GID") != NULL)
		out->script = arena_printf(a, "GID=${GID-%lu}; %s",
		    (unsigned long)getgid(), out->script);
	/* bash has these itself */
	if (!sh->is_bash && strstr(text, "UID") != NULL)
		out->script =
		    arena_printf(a, "UID=${UID-%lu}; EUID=${EUID-%lu}; %s",
			(unsigned long)getuid(), (unsigned long)geteuid(),
			out->script);
	out->script_at = argv.n;
	vec_push(a, &argv, out->script);
	vec_push(a, &argv, "gosh");
	vec_push(a, &argv, NULL);
	out->kind = SHELL_SCRIPT;
	out->program = sh->path;
	out->argv = argv.v;
}

/* Linux takes no argument of 128 KiB. */
bool
shell_plan_is_long(const struct shell_plan *plan)
{
	return plan->kind == SHELL_SCRIPT && strlen(plan->script) > 100 * 1024;
}

void
shell_plan_hide(
    struct arena *a, const struct shell *sh, struct shell_plan *plan)
{
	argv_vec argv = { 0 };

	for (const char *const *arg = plan->argv; *arg != NULL; arg++)
		vec_push(a, &argv, *arg);
	/* bash needs no program of the job's PATH for it */
	argv.v[plan->script_at] = sh->is_bash
	    ? "eval \"exec 9<&-;$(</dev/fd/9)\""
	    : "eval \"exec 9<&-;$(cat <&9)\"";
	vec_push(a, &argv, NULL);
	plan->argv = argv.v;
	plan->by_descriptor = true;
}

/* Builtins whose effect is known without running anything -------------- */

static bool
plan_exit(const struct words *w, struct shell_plan *out)
{
	const char *arg = w->argc > 1 ? w->argv[1] : "0";
	long n = 0;

	if (w->argc > 2 || *arg == '\0' || strlen(arg) > 9)
		return false;
	for (; *arg != '\0'; arg++) {
		if (*arg < '0' || *arg > '9')
			return false;
		n = n * 10 + (*arg - '0');
	}
	out->kind = SHELL_STATUS;
	out->status = (int)(n & 255);
	return true;
}

static bool
is_echo_flag(const char *arg)
{
	return arg[0] == '-' && arg[1] != '\0' &&
	    strspn(arg + 1, "neE") == strlen(arg + 1);
}

static bool
plan_echo(struct arena *a, const struct words *w, struct shell_plan *out)
{
	struct sb text cleanup_sb = SB_INIT;
	bool newline = true;
	size_t i = 1;

	if (i < w->argc && strcmp(w->argv[i], "-n") == 0) {
		newline = false;
		i++;
	}
	if (i < w->argc && is_echo_flag(w->argv[i]))
		return false;
	for (size_t first = i; i < w->argc; i++) {
		if (i > first)
			sb_addc(&text, ' ');
		sb_adds(&text, w->argv[i]);
	}
	if (newline)
		sb_addc(&text, '\n');
	out->kind = SHELL_ECHO;
	out->text = sb_take(&text, a);
	return true;
}

static bool
plan_builtin(struct arena *a, const struct words *w, struct shell_plan *out)
{
	const char *name = w->argv[0];

	if (strcmp(name, "echo") == 0)
		return plan_echo(a, w, out);
	if (strcmp(name, "exit") == 0)
		return plan_exit(w, out);
	if (strcmp(name, "true") != 0 && strcmp(name, ":") != 0 &&
	    strcmp(name, "false") != 0)
		return false;
	out->kind = SHELL_STATUS;
	out->status = strcmp(name, "false") == 0;
	return true;
}

static void
plan_program(struct arena *a, const struct words *w, const char *dir,
    char *const *env, struct shell_plan *out)
{
	const char *why = "";

	out->argv = w->argv;
	out->program = shell_look_up(a, w->argv[0], dir, env, &why);
	out->kind = SHELL_DIRECT;
	if (out->program == NULL) {
		out->kind = SHELL_REFUSED;
		out->status = 127;
		out->text = sv_of(arena_printf(a, "%s\n", why));
	}
}

static bool
may_skip_shell(const struct words *w, const char *const *set)
{
	return w->kind == WORDS_PLAIN && !has_set(set, "xtrace") &&
	       !has_set(set, "noexec");
}

bool
shell_is_known(struct arena *a, const struct shell *sh, const char *text,
    const char *const *set, char *const *env)
{
	struct err unknown cleanup_err = ERR_INIT;
	struct shell_plan ignored;
	struct words w;

	if (!options_are_known(a, set, NULL, &unknown))
		return true;
	words_read(a, sv_of(text), env != NULL ? env : environ, &w);
	return w.kind == WORDS_NONE || (!sh->asks && may_skip_shell(&w, set) &&
					   plan_builtin(a, &w, &ignored));
}

/*
 * Shells look at braces in each other again and again: 10,000 of them take bash
 * half a minute, 100,000 hours.  Nobody writes a hundred.
 */
enum { BRACES_MAX = 1000 };

static size_t
skip_quoted(sv text, size_t i)
{
	char quote = text.p[i];

	if (quote == '\\')
		return i + 2;
	for (i++; i < text.n && text.p[i] != quote; i++)
		if (quote == '"' && text.p[i] == '\\')
			i++;
	return i + 1;
}

static bool
braces_are_bounded(sv text, struct err *e)
{
	size_t depth = 0;

	for (size_t i = 0; i < text.n;) {
		switch (text.p[i]) {
		case '\\':
		case '\'':
		case '"':
			i = skip_quoted(text, i);
			continue;
		case '{':
			depth++;
			break;
		case '}':
			depth -= depth > 0;
			break;
		}
		if (depth > BRACES_MAX)
			return err_set(e, ERR_TASK_FAILED,
			    "more than %d braces in each other", BRACES_MAX);
		i++;
	}
	return true;
}

/* Other options are bash's. */
static bool
snippet_options_of(const char *const *set, const char *const *shopt,
    struct snippet_options *out)
{
	*out = (struct snippet_options){ .errexit = true };
	if (shopt != NULL && *shopt != NULL)
		return false;
	for (; set != NULL && *set != NULL; set++) {
		const char *name = set_name(*set);

		if (strcmp(name, "nounset") == 0)
			out->nounset = true;
		else if (strcmp(name, "pipefail") == 0)
			out->pipefail = true;
		else if (strcmp(name, "errexit") != 0)
			return false;
	}
	return true;
}

/* A snippet that needs no shell; all of it, or none. */
static bool
plan_steps(struct arena *a, const char *text, const char *const *set,
    const char *const *shopt, const char *dir, char *const *env,
    struct shell_plan *out)
{
	struct snippet_place place = { .env = env != NULL ? env : environ,
		.dir = dir };

	if (!snippet_options_of(set, shopt, &place.options))
		return false;
	out->snippet = snippet_read(a, sv_of(text));
	if (out->snippet == NULL || !snippet_suits(out->snippet, &place))
		return false;
	out->options = place.options;
	out->kind = SHELL_STEPS;
	return true;
}

void
shell_plan(struct arena *a, const struct shell *sh, const char *text,
    const char *const *set, const char *const *shopt, const char *dir,
    char *const *env, struct shell_plan *out, struct err *e)
{
	struct words w;

	*out = (struct shell_plan){ .kind = SHELL_INVALID };
	if (!options_are_known(a, set, shopt, e) ||
	    !braces_are_bounded(sv_of(text), e))
		return;
	words_read(a, sv_of(text), env != NULL ? env : environ, &w);
	if (w.kind == WORDS_UNCLOSED) {
		err_set(e, ERR_TASK_FAILED,
		    "%u:%u: reached EOF without closing quote `%c`", w.line,
		    w.column, w.quote);
		return;
	}
	if (w.kind == WORDS_NONE) {
		out->kind = SHELL_NOTHING;
		return;
	}
	if (may_skip_shell(&w, set)) {
		if (!sh->asks && plan_builtin(a, &w, out))
			return;
		if (sh->fast && !words_is_builtin(w.argv[0])) {
			plan_program(a, &w, dir, env, out);
			return;
		}
	}
	if (sh->steps && !sh->asks &&
	    plan_steps(a, text, set, shopt, dir, env, out))
		return;
	if (!shell_plan_by_dash(a, sh, text, set, shopt, dir, env, out))
		plan_script(a, sh, text, &w, set, shopt, out);
}

const char *const *
shell_argv_of_file(struct arena *a, const struct shell *sh, const char *program,
    const char *const *argv)
{
	argv_vec v = { 0 };

	vec_push(a, &v, sh->path);
	vec_push(a, &v, strchr(argv[0], '/') != NULL ? argv[0] : program);
	while (*argv != NULL && *++argv != NULL)
		vec_push(a, &v, *argv);
	vec_push(a, &v, NULL);
	return v.v;
}

/* From bash's `bash: line 3: REASON` to `3:1: REASON`. */
static void
parse_error(sv message, struct err *e)
{
	ptrdiff_t at = sv_find(message, SV("line "), 0);
	unsigned long line = 1;
	char *end = NULL;
	sv rest = message, first;

	if (at >= 0) {
		line = strtoul(message.p + at + 5, &end, 10);
		rest = sv_sub(message, (size_t)(end - message.p), SIZE_MAX);
		if (sv_starts(rest, SV(": ")))
			rest = sv_sub(rest, 2, SIZE_MAX);
	}
	sv_cut(rest, '\n', &first, &rest);
	err_set(e, ERR_TASK_FAILED, "%lu:1: %.*s", line, SV_ARG(first));
}

bool
shell_can_parse(const struct shell *sh, const char *text, struct err *e)
{
	struct arena *a cleanup_arena = arena_new();
	const char *bash[] = { sh->path, "--norc", "-p", "-n", "-O", "extglob",
		"-s", NULL };
	const char *posix[] = { sh->path, "-n", "-s", NULL };
	struct capture c = { .argv = sh->is_bash ? bash : posix,
		.env = shell_env_plain(a, NULL),
		.input = sv_of(text) };
	struct err ignored cleanup_err = ERR_INIT;
	sv message;
	int status;

	if (!capture_run(a, &c, &status, NULL, &message, &ignored) ||
	    status == 0)
		return true;
	parse_error(message, e);
	return false;
}

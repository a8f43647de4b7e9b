/* SPDX-License-Identifier: MIT */
#include "vcs/push_guard.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "exec/capture.h"
#include "go/shellword.h"
#include "vcs/commit.h"
#include "vcs/push_shown.h"

static const char *
guard_file(const struct push_guard *p, const char *name)
{
	return path_join(p->git->a, sv_of(p->folder), sv_of(name));
}

static struct git
guard_git(const struct push_guard *p)
{
	struct arena *a = p->git->a;
	struct git git = *p->git;
	VEC(char *) env = { 0 };

	for (char **v = git_clean_env(a, git.env); *v != NULL; v++)
		vec_push(a, &env, *v);
	vec_push(a, &env, arena_strdup(a, "GIT_CONFIG_COUNT=1"));
	vec_push(a, &env, arena_strdup(a, "GIT_CONFIG_KEY_0=core.hooksPath"));
	vec_push(a, &env, arena_printf(a, "GIT_CONFIG_VALUE_0=%s", p->folder));
	vec_push(a, &env, NULL);
	git.env = env.v;
	return git;
}

/* --no-verify, also shortened: the hooks of the user are left out, not ours. */
static bool
is_no_verify(const char *word)
{
	size_t n = strlen(word);

	return n >= strlen("--no-veri") && strncmp(word, "--no-verify", n) == 0;
}

static bool
has_no_verify(const string_vec *words)
{
	for (size_t i = 0; i < words->n && strcmp(words->v[i], "--") != 0; i++)
		if (is_no_verify(words->v[i]))
			return true;
	return false;
}

static void
add_guard_words(const struct push_guard *p, string_vec *out)
{
	for (size_t i = 0; i < p->words->n; i++)
		if (!is_no_verify(p->words->v[i]))
			vec_push(p->git->a, out, p->words->v[i]);
}

static bool
write_hook(const struct push_guard *p, sv text, struct err *e)
{
	return write_atomic(guard_file(p, "pre-push"), text, 0700, e);
}

/* The other hooks that git may start in a push are the user's. */
static void
link_hooks(const struct push_guard *p, const char *hooks)
{
	DIR *d cleanup_dir = opendir(hooks);
	struct dirent *entry;

	while (d != NULL && (entry = readdir(d)) != NULL)
		if (entry->d_name[0] != '.' &&
		    strcmp(entry->d_name, "pre-push") != 0 &&
		    symlink(path_join(
				p->git->a, sv_of(hooks), sv_of(entry->d_name)),
			guard_file(p, entry->d_name)) != 0)
			break;
}

/* A submodule that is pushed along has hooks of its own, and refs that nobody
 * has checked here. */
static const char elsewhere[] =
    "#!/bin/sh\n"
    "unset GIT_CONFIG_COUNT GIT_CONFIG_KEY_0 GIT_CONFIG_VALUE_0\n"
    "if [ \"$(pwd -P)\" != %s ]; then\n"
    "\thook=$(git rev-parse --git-path hooks/pre-push) || exit 1\n"
    "\t[ -x \"$hook\" ] || exit 0\n"
    "\texec \"$hook\" \"$@\"\n"
    "fi\n";

static const char asking[] = "printf '%%s\\n' \"$1\" \"$2\" >%s\n"
			     "exec cat >>%s\n";

static const char holding[] =
    "checked=%s\n"
    "input=\n"
    "while IFS= read -r line || [ -n \"$line\" ]; do\n"
    "\tinput=\"$input$line\n"
    "\"\n"
    "\tset -f\n"
    "\tcase $checked in\n"
    "\t*\"|${line%% *}|\"*) ;;\n"
    "\t*)\n"
    "\t\tprintf '%%s\\n' \"${line%%%% *}\" >%s\n"
    "\t\texit 1 ;;\n"
    "\tesac\n"
    "done\n"
    "[ -x %s ] || exit 0\n"
    "printf '%%s' \"$input\" 2>/dev/null | %s \"$@\"\n";

static bool
run_rehearsal(
    struct push_guard *p, sv *text, sv *said, int *status, struct err *e)
{
	struct git git = guard_git(p);
	string_vec argv = { 0 };
	struct capture c = { .dir = git.top, .env = git.env };

	vec_push(git.a, &argv, "git");
	vec_push(git.a, &argv, "push");
	vec_push(git.a, &argv, "--porcelain");
	vec_push(git.a, &argv, "--dry-run");
	add_guard_words(p, &argv);
	vec_push(git.a, &argv, NULL);
	c.argv = argv.v;
	return capture_run(git.a, &c, status, text, said, e);
}

static bool
read_refs(struct push_guard *p, struct err *e)
{
	struct arena *a = p->git->a;
	const char *path = guard_file(p, "refs");
	sv text, line;

	p->remote = p->url = "";
	p->refs = (push_ref_vec){ 0 };
	/* nothing to push: git asks no hook */
	if (!path_exists(path))
		return true;
	if (!read_file(a, path, &text, e))
		return false;
	sv_cut(text, '\n', &line, &text);
	p->remote = sv_cstr(a, line);
	sv_cut(text, '\n', &line, &text);
	p->url = sv_cstr(a, line);
	return push_refs_parse(a, text, &p->refs, e);
}

bool
push_guard_open(struct push_guard *p, struct err *e)
{
	struct arena *a = p->git->a;
	const char *file = shell_quote(a, sv_of(guard_file(p, "refs")));
	struct sb b cleanup_sb = SB_INIT;
	struct push_line line;
	const char *why;
	sv text = { NULL, 0 }, said = { NULL, 0 };
	int status = 0;

	sb_printf(&b, elsewhere, shell_quote(a, sv_of(p->git->top)));
	sb_printf(&b, asking, file, file);
	if (!mkdir_all(p->folder, 0700, e) || !write_hook(p, sb_sv(&b), e) ||
	    !run_rehearsal(p, &text, &said, &status, e))
		return false;
	if (status == 0)
		return read_refs(p, e);
	push_output_parse(a, text, "", &line);
	p->shown = arena_printf(a, "%s%.*s", push_shown(a, text), SV_ARG(said));
	why = line.refused ? line.refused : push_reason(a, said);
	return err_set(e, ERR_GENERIC, "%s",
	    *why != '\0'
		? why
		: arena_printf(a, "git push ended with status %d", status));
}

bool
push_guard_close(
    struct push_guard *p, struct git *out, string_vec *words, struct err *e)
{
	struct arena *a = p->git->a;
	struct sb b cleanup_sb = SB_INIT, checked cleanup_sb = SB_INIT;
	const char *hooks, *hook;

	if (!git_line(p->git,
		GIT_WORDS("rev-parse", "--path-format=absolute", "--git-path",
		    "hooks"),
		&hooks, e))
		return false;
	for (size_t i = 0; i < p->refs.n; i++) {
		const struct push_ref *r = &p->refs.v[i];

		sb_printf(&checked, "|%s %s %s|", r->local_ref, r->local_id,
		    r->remote_ref);
	}
	hook = has_no_verify(p->words)
		   ? "/dev/null"
		   : path_join(a, sv_of(hooks), SV("pre-push"));
	hook = shell_quote(a, sv_of(hook));
	sb_printf(&b, elsewhere, shell_quote(a, sv_of(p->git->top)));
	sb_printf(&b, holding, shell_quote(a, sb_sv(&checked)),
	    shell_quote(a, sv_of(guard_file(p, "moved"))), hook, hook);
	if (!write_hook(p, sb_sv(&b), e))
		return false;
	link_hooks(p, hooks);
	*out = guard_git(p);
	*words = (string_vec){ 0 };
	add_guard_words(p, words);
	return true;
}

const char *
push_guard_moved(const struct push_guard *p)
{
	struct err none cleanup_err = ERR_INIT;
	const char *path = guard_file(p, "moved");
	sv text;

	if (!path_exists(path) || !read_file(p->git->a, path, &text, &none))
		return NULL;
	return sv_cstr(p->git->a, sv_trim(text));
}

void
push_guard_free(struct push_guard *p)
{
	struct err none cleanup_err = ERR_INIT;

	if (p->folder != NULL)
		remove_all(p->folder, &none);
}

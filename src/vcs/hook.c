/* SPDX-License-Identifier: MIT */
#include "vcs/hook.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "go/shellword.h"

const char *const hook_names[] = { "pre-commit", "commit-msg", "pre-push",
	"prepare-commit-msg", "pre-merge-commit", "pre-rebase", "post-commit",
	"post-merge", "post-checkout", NULL };

static const char mark[] = "# Written by prun; `prun --hook remove %s` takes "
			   "it away.\n";
static const char kept_suffix[] = ".before-prun";

bool
hook_is_known(const char *name)
{
	for (size_t i = 0; hook_names[i] != NULL; i++)
		if (strcmp(hook_names[i], name) == 0)
			return true;
	return false;
}

static bool
hook_path(const struct git *g, const char *name, const char **path,
    struct err *e)
{
	const char *dir;

	if (!git_line(g, GIT_WORDS("rev-parse", "--path-format=absolute",
		"--git-path", "hooks"), &dir, e))
		return false;
	*path = path_join(g->a, sv_of(dir), sv_of(name));
	return true;
}

static bool
is_hook_ours(struct arena *a, const char *path)
{
	struct err ignored cleanup_err = ERR_INIT;
	sv text;

	return path_exists(path) && read_file(a, path, &text, &ignored) &&
	    sv_find(text, SV("# Written by prun;"), 0) >= 0;
}

/* A link to nowhere is there, too: it is the user's. */
static bool
is_hook_there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

bool
hook_look(const struct git *g, const char *name, struct hook_info *out,
    struct err *e)
{
	*out = (struct hook_info){ .name = name };
	if (!hook_path(g, name, &out->path, e))
		return false;
	out->installed = is_hook_ours(g->a, out->path);
	out->kept =
	    is_hook_there(arena_printf(g->a, "%s%s", out->path, kept_suffix));
	return true;
}

/*
 * The script.  It uses shell built-ins only, since PATH may hold nothing; reads
 * standard input to its end for the kept hook and prun both; and refuses when
 * prun is missing, cannot be started or dies (P-707, never-event 15).
 */
static const char body[] =
    "kept=\"$0.before-prun\"\n"
    "prun=%s\n"
    "%s"
    "if [ -x \"$kept\" ]; then\n"
    "\t%s\"$kept\" \"$@\" || exit\n"
    "fi\n"
    "if [ ! -x \"$prun\" ]; then\n"
    "\t[ \"$PRUN_HOOKS\" = 0 ] && exit 0\n"
    "\techo \"prun: %s refused: prun is missing ($prun)\" >&2\n"
    "\texit 1\n"
    "fi\n"
    "%s\"$prun\" --hook run %s%s -- \"$@\"\n"
    "status=$?\n"
    "case $status in\n"
    "12[6-9]|1[3-9]?)\n"
    "\techo \"prun: %s refused: prun ended with status $status\" >&2 ;;\n"
    "esac\n"
    "exit $status\n";

/* Only pre-push is given something to read; by hand, on a terminal, there is
 * nothing to wait for. */
static const char read_input[] =
    "give()\n"
    "{\n"
    "\tif [ -t 0 ]; then \"$@\"\n"
    "\telse printf '%s' \"$input\" 2>/dev/null | \"$@\"\n"
    "\tfi\n"
    "}\n"
    "input=\n"
    "[ -t 0 ] || while IFS= read -r line || [ -n \"$line\" ]; do\n"
    "\tinput=\"$input$line\n"
    "\"\n"
    "done\n";

/* A hook that does not read to the end breaks the pipe: no message for that. */
static const char give_input[] = "give ";

static sv
script_text(struct arena *a, const char *name, const char *prun_path,
    const char *const *tasks)
{
	struct sb words cleanup_sb = SB_INIT;
	struct sb b cleanup_sb = SB_INIT;
	bool reads = strcmp(name, "pre-push") == 0;

	for (; tasks != NULL && *tasks != NULL; tasks++)
		sb_printf(&words, " %s", shell_quote(a, sv_of(*tasks)));
	sb_adds(&b, "#!/bin/sh\n");
	sb_printf(&b, mark, name);
	sb_printf(&b, body, shell_quote(a, sv_of(prun_path)),
	    reads ? read_input : "", reads ? give_input : "", name,
	    reads ? give_input : "", name, sb_cstr(&words), name);
	return sb_take(&b, a);
}

bool
hook_install(const struct git *g, const char *name, const char *prun_path,
    const char *const *tasks, bool *changed, struct err *e)
{
	struct hook_info info;
	sv text = script_text(g->a, name, prun_path, tasks), there;
	const char *kept;

	*changed = false;
	if (!hook_look(g, name, &info, e) ||
	    !mkdir_all(path_dir(g->a, sv_of(info.path)), 0777, e))
		return false;
	kept = arena_printf(g->a, "%s%s", info.path, kept_suffix);
	if (info.installed) {
		if (!read_file(g->a, info.path, &there, e))
			return false;
		if (sv_eq(there, text) && access(info.path, X_OK) == 0)
			return true;
	} else if (is_hook_there(info.path)) {
		if (info.kept)
			return err_set(e, ERR_GENERIC,
			    "prun: %s and %s both exist; remove one of them",
			    info.path, kept);
		if (rename(info.path, kept) != 0)
			return err_sys(e, errno, "rename %s", info.path);
	}
	if (!write_atomic(info.path, text, 0755, e))
		return false;
	*changed = true;
	return true;
}

bool
hook_remove(const struct git *g, const char *name, bool *changed,
    struct err *e)
{
	struct hook_info info;
	const char *kept;

	*changed = false;
	if (!hook_look(g, name, &info, e))
		return false;
	if (!info.installed)
		return true;
	kept = arena_printf(g->a, "%s%s", info.path, kept_suffix);
	if (info.kept) {
		if (rename(kept, info.path) != 0)
			return err_sys(e, errno, "rename %s", kept);
	} else if (unlink(info.path) != 0) {
		return err_sys(e, errno, "remove %s", info.path);
	}
	*changed = true;
	return true;
}

static bool
is_zero(sv id)
{
	for (size_t i = 0; i < id.n; i++)
		if (id.p[i] != '0')
			return false;
	return id.n > 0;
}

static bool
is_object_id(sv id)
{
	for (size_t i = 0; i < id.n; i++)
		if (!(id.p[i] >= '0' && id.p[i] <= '9') &&
		    !(id.p[i] >= 'a' && id.p[i] <= 'f'))
			return false;
	return id.n >= 40;
}

bool
push_refs_parse(struct arena *a, sv text, push_ref_vec *out, struct err *e)
{
	sv line, word[4];

	*out = (push_ref_vec){ 0 };
	while (text.n > 0) {
		struct push_ref r;

		sv_cut(text, '\n', &line, &text);
		if (line.n == 0)
			continue;
		for (int i = 0; i < 4; i++)
			sv_cut(line, ' ', &word[i], &line);
		if (!is_object_id(word[1]) || !is_object_id(word[3]))
			return err_set(e, ERR_GENERIC, "prun: git gave the "
			    "hook a line that is no ref update");
		r = (struct push_ref){ sv_cstr(a, word[0]), sv_cstr(a, word[1]),
			sv_cstr(a, word[2]), sv_cstr(a, word[3]),
			is_zero(word[1]) };
		vec_push(a, out, r);
	}
	return true;
}

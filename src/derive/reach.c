/* SPDX-License-Identifier: MIT */
/*
 * What a task's commands do, as far as their texts say: known programs and
 * flags that write, questions to git whether the tree is clean.  A text that is
 * not understood says nothing; names are the first thing that is asked
 * (kind.c), this is the second.
 */
#include <string.h>

#include "base/map.h"
#include "compile/task_words.h"
#include "derive/internal.h"

/* ---- one simple command ---- */

typedef VEC(sv) words;

static bool
words_have(const words *w, const char *word)
{
	for (size_t i = 0; i < w->n; i++)
		if (sv_is(w->v[i], word))
			return true;
	return false;
}

static bool
words_have_one(const words *w, const char *const *any)
{
	for (; *any != NULL; any++)
		if (words_have(w, *any))
			return true;
	return false;
}

static sv
last_part(sv path)
{
	for (size_t i = path.n; i > 0; i--)
		if (path.p[i - 1] == '/')
			return sv_sub(path, i, SIZE_MAX);
	return path;
}

/* The program: behind assignments and what runs another program. */
static sv
program_of(const words *w)
{
	static const char *const wrappers[] = { "sudo", "env", "exec", "time",
		"command", "nice", "npx", "bunx", "uvx", "pipx", "bundle",
		"poetry", "pdm", "uv", "hatch", "rye", "run", "if", "then",
		"while", "!", "do", "else", "-", NULL };

	for (size_t i = 0; i < w->n; i++) {
		bool wraps = sv_find(w->v[i], SV("="), 0) >= 0 ||
			     sv_starts(w->v[i], SV("-"));

		for (size_t k = 0; wrappers[k] != NULL && !wraps; k++)
			wraps = sv_is(w->v[i], wrappers[k]);
		if (!wraps)
			return last_part(w->v[i]);
	}
	return SV("");
}

static bool
word_is_one_of(sv word, const char *const *any)
{
	for (; *any != NULL; any++)
		if (sv_is(word, *any))
			return true;
	return false;
}

static bool
only_looks(const words *w)
{
	static const char *const flags[] = { "--check", "-check", "--diff",
		"-diff", "--check-only", "--dry-run", "--list-different",
		"--verify-no-changes", "--set-exit-if-changed", "--verify",
		"--no-fix", "check", "--fix=false", "--test", NULL };

	return words_have_one(w, flags);
}

/* -w is "write" for formatters and something else for these. */
static bool
dash_w_writes(sv program)
{
	static const char *const others[] = { "grep", "egrep", "fgrep", "rg",
		"wc", "diff", "ping", "ps", "npm", "pnpm", "yarn", "tsc",
		"curl", "nl", "fold", "tmux", "iptables", "perl", "ruby", "php",
		"go", "gcc", "cc", "docker", "fmt", NULL };

	return !word_is_one_of(program, others);
}

static bool
git_writes(const words *w)
{
	static const char *const verbs[] = { "add", "commit", "push",
		"checkout", "switch", "reset", "stash", "clean", "rm", "mv",
		"merge", "rebase", "restore", "apply", "pull", "am",
		"cherry-pick", "revert", NULL };

	return words_have_one(w, verbs);
}

static bool
command_writes(const words *w, sv program)
{
	static const char *const flags[] = { "--fix", "--write", "--in-place",
		"--apply", "--fix=true", "--write-changes", "--autofix",
		"--auto-correct", "--autocorrect", "--unsafe-fixes", NULL };
	static const char *const verbs[] = { "fmt", "format", NULL };
	static const char *const speaks[] = { "echo", "printf", ":", NULL };
	static const char *const formatters[] = { "black", "isort", "rustfmt",
		"yapf", "autopep8", "scalafmt", "ktfmt", "goimports", "gofumpt",
		"stylua", "ormolu", "fourmolu", NULL };
	static const char *const in_place[] = { "sed", "clang-format",
		"autopep8", "yapf", "nixfmt", NULL };

	if (word_is_one_of(program, speaks) || only_looks(w))
		return false;
	if (words_have_one(w, flags) || words_have_one(w, verbs) ||
	    (words_have(w, "-w") && dash_w_writes(program)))
		return true;
	if (sv_is(program, "git"))
		return git_writes(w);
	if (sv_is(program, "go"))
		return words_have(w, "generate") || words_have(w, "tidy") ||
		       words_have(w, "vendor");
	if (sv_is(program, "cargo"))
		return words_have(w, "fix");
	if (words_have(w, "-i") && word_is_one_of(program, in_place))
		return true;
	/* these write unless they are asked for a list or a difference */
	return word_is_one_of(program, formatters) && w->n > 1 &&
	       !words_have(w, "-l") && !words_have(w, "-d") &&
	       !words_have(w, "--version");
}

static bool
asks_for_clean_tree(const words *w, sv program)
{
	static const char *const diffs[] = { "diff", "diff-index", "diff-files",
		NULL };
	static const char *const status[] = { "--porcelain", "-s", "--short",
		"--porcelain=v1", "--porcelain=v2", NULL };
	static const char *const lists[] = { "-m", "-o", "--others",
		"--modified", NULL };

	if (!sv_is(program, "git"))
		return false;
	if (words_have_one(w, diffs))
		return words_have(w, "--exit-code") || words_have(w, "--quiet");
	if (words_have(w, "status"))
		return words_have_one(w, status);
	return words_have(w, "ls-files") && words_have_one(w, lists);
}

static unsigned
reach_of_command(const words *w)
{
	static const char *const clusters[] = { "kubectl", "helm", "kind",
		"k3d", "minikube", "terraform", "tofu", NULL };
	sv program = program_of(w);
	unsigned found = 0;

	if (asks_for_clean_tree(w, program))
		found |= REACH_CLEAN;
	if (command_writes(w, program))
		found |= REACH_WRITES;
	if (word_is_one_of(program, clusters))
		found |= REACH_CLUSTER;
	return found;
}

/* ---- tasks ---- */

struct walk {
	struct arena *a;
	const struct taskfile *t;
	struct map *seen;
	unsigned found;
};

static void reach_walk(struct walk *w, const struct task *task);

static void
walk_name(struct walk *w, const char *name)
{
	const struct task *task = derive_find(w->t, name, true);

	if (task == NULL || map_get(w->seen, sv_of(task->name)) != NULL)
		return;
	map_put(w->seen, sv_of(task->name), (void *)task);
	/* what a check calls to change the tree is not harmless for being
	 * called by it */
	if (name_kind(task->name) == NAME_CHANGES)
		w->found |= REACH_WRITES;
	reach_walk(w, task);
}

static void
reach_words(struct walk *w, words *command)
{
	static const char *const runners[] = { "task", "prun", "go-task",
		NULL };

	w->found |= reach_of_command(command);
	if (word_is_one_of(program_of(command), runners))
		for (size_t i = 0; i < command->n; i++)
			walk_name(w, arena_strndup(w->a, command->v[i].p,
					 command->v[i].n));
	command->n = 0;
}

/* Words end at blanks and quotes, commands at what a shell ends them with. */
static void
walk_words(struct walk *w, const char *text)
{
	static const char ends[] = ";&|()\n`", gaps[] = " \t\r\"'$";
	words command = { 0 };

	for (const char *p = text; *p != '\0';) {
		size_t n = strcspn(p, " \t\r\"'$;&|()\n`");
		bool at_end = false;

		if (n > 0)
			vec_push(NULL, &command, ((sv){ p, n }));
		p += n;
		for (; *p != '\0'; p++) {
			bool ends_it = strchr(ends, *p) != NULL;

			if (!ends_it && strchr(gaps, *p) == NULL)
				break;
			at_end |= ends_it;
		}
		if (at_end)
			reach_words(w, &command);
	}
	reach_words(w, &command);
	vec_free(&command);
}

static void
walk_text(struct walk *w, const char *text)
{
	size_t at = 0;
	sv name;

	walk_words(w, text);
	while (task_words_next(sv_of(text), &at, &name))
		walk_name(w, arena_strndup(w->a, name.p, name.n));
}

static void
reach_walk(struct walk *w, const struct task *task)
{
	if (task->writes)
		w->found |= REACH_WRITES;
	if (task->interactive || task->rare->prompts.n > 0 || task->watch)
		w->found |= REACH_ASKS;
	for (size_t i = 0; i < task->deps.n; i++)
		walk_name(w, task->deps.v[i]->task);
	for (size_t i = 0; i < task->cmds.n; i++) {
		const struct cmd *c = task->cmds.v[i];

		if (c->kind == CMD_TASK)
			walk_name(w, c->task);
		else if (c->kind == CMD_SHELL)
			walk_text(w, c->cmd);
	}
}

unsigned
reach_of(struct arena *a, const struct taskfile *t, const struct task *task)
{
	struct walk w = { .a = a, .t = t, .seen = map_new(a) };

	reach_walk(&w, task);
	return w.found;
}

struct map *
reach_tasks(struct arena *a, const struct taskfile *t, const struct task *task)
{
	struct walk w = { .a = a, .t = t, .seen = map_new(a) };

	reach_walk(&w, task);
	return w.seen;
}

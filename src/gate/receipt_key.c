/* SPDX-License-Identifier: MIT */
/*
 * What a receipt is for: all that a run could see (P-706).  A name that its
 * Taskfiles have nowhere is none that its tasks look at.
 */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/path.h"
#include "base/real_path.h"
#include "exec/capture.h"
#include "gate/receipt.h"
#include "project/protocol.h"
#include "vcs/submodules.h"

/* What the Taskfiles say. */
struct said {
	struct map *words; /* every name in them */
	struct map *read;  /* what the tasks read; NULL: maybe anything */
};

/* As seen from the root of the tree, wherever that lies. */
static const char *
in_tree(const struct project *p, const char *path)
{
	size_t n = strlen(p->repo_dir);

	path = path_real_place(p->a, path);
	if (strncmp(path, p->repo_dir, n) == 0 &&
	    (path[n] == '/' || path[n] == '\0'))
		return path[n] == '/' ? path + n + 1 : ".";
	return path;
}

static bool
is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_';
}

static void
add_words(struct said *s, sv text)
{
	for (size_t i = 0, n; i < text.n; i += n + 1) {
		for (n = 0; i + n < text.n && is_name_char(text.p[i + n]);)
			n++;
		if (n > 0)
			map_put(s->words, (sv){ text.p + i, n }, s->words);
	}
}

/* All Taskfiles count by content: those inside the tree need not be part of its
 * id, as one that git ignores is not. */
static void
add_files(struct project *p, struct said *s, struct sb *key)
{
	for (size_t i = 0; i < p->taskfile->files.n; i++) {
		const char *path = p->taskfile->files.v[i];
		struct err none cleanup_err = ERR_INIT;
		sv text = { "", 0 };

		read_file(p->a, path, &text, &none);
		add_words(s, text);
		sb_printf(key, "file %s %s\n", in_tree(p, path),
		    sha256_hex(p->a, text));
	}
	for (size_t i = 0; i < p->taskfile->digests.n; i++)
		sb_printf(key, "remote %s\n", p->taskfile->digests.v[i]);
	for (size_t i = 0; i < p->taskfile->fetched.n; i++)
		add_words(s, p->taskfile->fetched.v[i]);
}

/* Files of variables, which git mostly ignores.  Where the name is made by a
 * template nothing is known of it: such a key is like no other. */
static void
add_dotenv(struct project *p, const char *dir, const string_vec *names,
    struct said *s, struct sb *key)
{
	for (size_t i = 0; i < names->n; i++) {
		const char *path = path_resolve(p->a,
		    sv_of(path_resolve(p->a, sv_of(p->root_dir), sv_of(dir))),
		    sv_of(names->v[i]));
		struct err none cleanup_err = ERR_INIT;
		sv text = { "", 0 };

		if (strstr(path, "{{") != NULL)
			sb_printf(key, "at %jd\n", (intmax_t)clock_real_ns());
		read_file(p->a, path, &text, &none);
		add_words(s, text);
		sb_printf(key, "dotenv %s %s\n", in_tree(p, path),
		    sha256_hex(p->a, text));
	}
}

static void
add_dotenvs(struct project *p, struct said *s, struct sb *key)
{
	const struct map_entry *entry;

	add_dotenv(p, "", &p->taskfile->dotenv, s, key);
	map_each (p->taskfile->tasks, entry) {
		const struct task *t = entry->value;

		add_dotenv(
		    p, t->dir != NULL ? t->dir : "", &t->rare->dotenv, s, key);
	}
}

/* `[receipt] tools`: commands separated by commas; what they print counts. */
static void
add_tools(struct project *p, struct sb *key)
{
	sv rest = sv_of(CFG_S(&p->config, receipt, tools)), tool;

	while (rest.n > 0) {
		const char *argv[] = { "sh", "-c", NULL, NULL };
		struct capture c = { .argv = argv,
			.env = environment_block(p->in->env) };
		struct err none cleanup_err = ERR_INIT;
		sv text = { "", 0 }, said = { "", 0 };
		int status = -1; /* it could not be asked */

		sv_cut(rest, ',', &tool, &rest);
		argv[2] = sv_cstr(p->a, sv_trim(tool));
		capture_run(p->a, &c, &status, &text, &said, &none);
		sb_printf(key, "tool %s %d %s %s\n", argv[2], status,
		    sha256_hex(p->a, text), sha256_hex(p->a, said));
	}
}

/* By its digest: a value may be a secret. */
static void
add_value(struct project *p, struct sb *key, const char *kind, const char *name,
    const char *text)
{
	sb_printf(key, "%s %s %s\n", kind, name, sha256_hex(p->a, sv_of(text)));
}

/* What a hook says differs from push to push, so it counts where it is looked
 * at. */
static bool
is_of_hook(const char *name)
{
	static const char *const names[] = { "PUSH_REMOTE", "PUSH_URL",
		"PUSH_RANGE", "CHANGED_FILES" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* Where a tree lies differs from one to the next, and what prun and git say of
 * themselves is no part of what a task does. */
static bool
is_of_place(const char *name)
{
	static const char *const names[] = { "PWD", "OLDPWD", "SHLVL", "_" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	for (size_t i = 0; protocol_names[i] != NULL; i++)
		if (strcmp(name, protocol_names[i]) == 0)
			return true;
	return git_is_local_env(name);
}

static bool
is_named(const struct said *s, sv name)
{
	return map_get(s->words, name) != NULL ||
	       (s->read != NULL && map_get(s->read, name) != NULL);
}

static void
add_variables(struct project *p, const struct map *typed, const struct said *s,
    struct sb *key)
{
	const struct map *env = environment_map(p->in->env);
	const struct map_entry *m;

	map_each (typed, m) {
		if (is_of_hook(m->key.p) && s->read != NULL &&
		    map_get(s->read, m->key) == NULL)
			continue;
		add_value(p, key, "var", m->key.p, m->value);
	}
	map_each (env, m)
		if (is_named(s, m->key) && !is_of_place(m->key.p))
			add_value(p, key, "env", m->key.p, m->value);
}

/* The tree names them, and a checkout may be without. */
static void
add_submodules(struct project *p, struct sb *key)
{
	struct err none cleanup_err = ERR_INIT;
	struct git git;

	if (project_git(p, p->repo_dir, &git, &none))
		sb_adds(key, submodules_there(&git));
}

/* What go-task's special variables say of the run itself; those of the Taskfile
 * and its place follow from the rest of the key. */
static void
add_specials(struct project *p, const struct receipt_run *run,
    const struct said *s, struct sb *key)
{
	const struct {
		const char *name, *text;
	} specials[] = {
		{ "USER_WORKING_DIR", in_tree(p, run->cwd) },
		{ "TASK_EXE", run->exe },
		{ "CLI_SILENT", p->s->silent ? "true" : "false" },
		{ "CLI_VERBOSE", p->s->verbose ? "true" : "false" },
		{ "CLI_OFFLINE", p->s->offline ? "true" : "false" },
		{ "CLI_ASSUME_YES", p->s->yes ? "true" : "false" },
	};

	for (size_t i = 0; i < sizeof(specials) / sizeof(specials[0]); i++)
		if (is_named(s, sv_of(specials[i].name)))
			add_value(p, key, "special", specials[i].name,
			    specials[i].text);
}

char *
receipt_key(struct project *p, const char *tree, const string_vec *tasks,
    const struct receipt_run *run)
{
	struct said s = { .words = map_new(p->a) };
	struct sb key cleanup_sb = SB_INIT;

	if (!tasks_read(p->a, &p->compiler, tasks, &s.read))
		s.read = NULL;
	sb_printf(&key, "tree %s\nprun %s\ntaskfile %s\ndir %s\n", tree,
	    PACKAGE_VERSION, in_tree(p, p->path), in_tree(p, p->work_dir));
	for (size_t i = 0; i < tasks->n; i++)
		sb_printf(&key, "task %s\n", tasks->v[i]);
	add_submodules(p, &key);
	add_files(p, &s, &key);
	add_dotenvs(p, &s, &key);
	add_variables(p, run->typed, &s, &key);
	add_specials(p, run, &s, &key);
	add_tools(p, &key);
	return (char *)sb_take(&key, p->a).p;
}

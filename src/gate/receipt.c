/* SPDX-License-Identifier: MIT */
/* Receipts: that a run passed whole on a certain tree (P-706). */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/path.h"
#include "exec/capture.h"
#include "gate/receipt.h"
#include "store/receipts.h"

#define DAY_NS (24 * 3600 * NS_PER_S)
enum { RECEIPT_DAYS = 30, RECEIPTS_KEPT = 500 };

const char *
receipt_dir(const struct project *p)
{
	return state_path(p->a, &p->state, "receipts");
}

/* As seen from the root of the tree, wherever that lies. */
static const char *
in_tree(const struct project *p, const char *path)
{
	size_t n = strlen(p->repo_dir);

	if (strncmp(path, p->repo_dir, n) == 0 && path[n] == '/')
		return path + n + 1;
	return path;
}

/* All Taskfiles count by content: those inside the tree need not be part of its
 * id, as one that git ignores is not. */
static void
receipt_add_files(struct project *p, struct sb *key)
{
	for (size_t i = 0; i < p->taskfile->files.n; i++) {
		const char *path = p->taskfile->files.v[i];
		struct err none cleanup_err = ERR_INIT;
		sv text = { "", 0 };

		read_file(p->a, path, &text, &none);
		sb_printf(key, "file %s %s\n", in_tree(p, path),
		    sha256_hex(p->a, text));
	}
	for (size_t i = 0; i < p->taskfile->digests.n; i++)
		sb_printf(key, "remote %s\n", p->taskfile->digests.v[i]);
}

/* `[receipt] tools`: commands separated by commas; what they print counts. */
static void
receipt_add_tools(struct project *p, struct sb *key)
{
	sv rest = sv_of(CFG_S(&p->config, receipt, tools)), tool;

	while (rest.n > 0) {
		const char *argv[] = { "sh", "-c", NULL, NULL };
		struct capture c = { .argv = argv,
			.env = environment_block(p->in->env) };
		struct err none cleanup_err = ERR_INIT;
		sv text = { "", 0 }, said = { "", 0 };
		int status = 0;

		sv_cut(rest, ',', &tool, &rest);
		argv[2] = sv_cstr(p->a, sv_trim(tool));
		capture_run(p->a, &c, &status, &text, &said, &none);
		sb_printf(key, "tool %s %d %s %s\n", argv[2], status,
		    sha256_hex(p->a, text), sha256_hex(p->a, said));
	}
}

/* P-406: the key is kept with the receipt, a secret is not. */
static void
receipt_add_var(
    struct project *p, struct sb *key, const char *name, const char *text)
{
	if (compiler_is_secret(&p->compiler, sv_of(name)))
		sb_printf(key, "secret %s %s\n", name,
		    sha256_hex(p->a, sv_of(text)));
	else
		sb_printf(key, "var %s=%s\n", name, text);
}

char *
receipt_key(struct project *p, const char *tree, const string_vec *tasks)
{
	struct sb key cleanup_sb = SB_INIT;
	const struct map_entry *m;

	sb_printf(&key, "tree %s\nprun %s\ntaskfile %s\n", tree,
	    PACKAGE_VERSION, in_tree(p, p->path));
	for (size_t i = 0; i < tasks->n; i++)
		sb_printf(&key, "task %s\n", tasks->v[i]);
	/* what the hook itself sets differs from push to push */
	map_each(p->compiler.globals_cli, m) {
		const struct var *v = m->value;

		if (sv_is(m->key, "PUSH_REMOTE") || sv_is(m->key, "PUSH_URL") ||
		    sv_is(m->key, "PUSH_RANGE") ||
		    sv_is(m->key, "CHANGED_FILES"))
			continue;
		receipt_add_var(p, &key, m->key.p,
		    v->value.kind == VALUE_STRING ? v->value.u.s : "");
	}
	receipt_add_files(p, &key);
	receipt_add_tools(p, &key);
	return (char *)sb_take(&key, p->a).p;
}

/* Name of a file in the state folder: gates use this repository. */
static const char *
wanted_path(const struct project *p)
{
	return state_path(p->a, &p->state, "gated");
}

bool
receipt_is_wanted(const struct project *p)
{
	return path_exists(wanted_path(p));
}

void
receipt_want(const struct project *p, bool on)
{
	struct err none cleanup_err = ERR_INIT;
	const char *path = wanted_path(p);

	if (!on)
		unlink(path);
	else if (!path_exists(path) && state_make(&p->state, &none))
		write_atomic(path, SV(""), 0600, &none);
}

void
receipt_leave(struct project *p, const char *before, const call_vec *calls,
    const char *run_id)
{
	struct err none cleanup_err = ERR_INIT;
	string_vec tasks = { 0 };
	struct receipt r = { .run = run_id, .at_ns = clock_real_ns() };
	struct sb title cleanup_sb = SB_INIT;
	const char *after, *dir;

	if (before == NULL)
		return;
	after = project_clean_tree(p);
	if (after == NULL || strcmp(before, after) != 0)
		return;
	for (size_t i = 0; i < calls->n; i++) {
		vec_push(p->a, &tasks, calls->v[i].task);
		sb_printf(&title, "%s ", calls->v[i].task);
	}
	sb_printf(&title, "on %.10s", after);
	r.title = sb_cstr(&title);
	r.key = receipt_key(p, after, &tasks);
	dir = receipt_dir(p);
	if (receipts_put(dir, &r, &none))
		receipts_expire(p->a, dir, r.at_ns, RECEIPT_DAYS * DAY_NS,
		    RECEIPTS_KEPT);
}

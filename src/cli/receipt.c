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
#include "cli/gate.h"
#include "cli/run_setup.h"
#include "exec/capture.h"
#include "store/receipts.h"

#define DAY_NS (24 * 3600 * NS_PER_S)
enum { RECEIPT_DAYS = 30, RECEIPTS_KEPT = 500 };

const char *
receipt_dir(struct app *app)
{
	struct state state;

	setup_state(app, &state);
	return state_path(app->a, &state, "receipts");
}

/* As seen from the root of the tree, wherever that lies. */
static const char *
in_tree(const struct app *app, const char *path)
{
	size_t n = strlen(app->repo_dir);

	if (strncmp(path, app->repo_dir, n) == 0 && path[n] == '/')
		return path + n + 1;
	return path;
}

/* All Taskfiles count by content: those inside the tree need not be part of its
 * id, as one that git ignores is not. */
static void
receipt_add_files(struct app *app, struct sb *key)
{
	for (size_t i = 0; i < app->taskfile->files.n; i++) {
		const char *path = app->taskfile->files.v[i];
		struct err none cleanup_err = ERR_INIT;
		sv text = { "", 0 };

		read_file(app->a, path, &text, &none);
		sb_printf(key, "file %s %s\n", in_tree(app, path),
		    sha256_hex(app->a, text));
	}
	for (size_t i = 0; i < app->taskfile->digests.n; i++)
		sb_printf(key, "remote %s\n", app->taskfile->digests.v[i]);
}

/* `[receipt] tools`: commands separated by commas; what they print counts. */
static void
receipt_add_tools(struct app *app, struct sb *key)
{
	sv rest = sv_of(CFG_S(&app->cfg, receipt, tools)), tool;

	while (rest.n > 0) {
		const char *argv[] = { "sh", "-c", NULL, NULL };
		struct capture c = { .argv = argv };
		struct err none cleanup_err = ERR_INIT;
		sv text = { "", 0 }, said = { "", 0 };
		int status = 0;

		sv_cut(rest, ',', &tool, &rest);
		argv[2] = sv_cstr(app->a, sv_trim(tool));
		capture_run(app->a, &c, &status, &text, &said, &none);
		sb_printf(key, "tool %s %d %s %s\n", argv[2], status,
		    sha256_hex(app->a, text), sha256_hex(app->a, said));
	}
}

char *
receipt_key(struct app *app, const char *tree, const string_vec *tasks)
{
	struct sb key cleanup_sb = SB_INIT;
	const struct map_entry *m;

	sb_printf(&key, "tree %s\nprun %s\ntaskfile %s\n", tree,
	    PACKAGE_VERSION, in_tree(app, app->path));
	for (size_t i = 0; i < tasks->n; i++)
		sb_printf(&key, "task %s\n", tasks->v[i]);
	/* what the hook itself sets differs from push to push */
	map_each(app->compiler.globals_cli, m) {
		const struct var *v = m->value;

		if (sv_is(m->key, "PUSH_REMOTE") || sv_is(m->key, "PUSH_URL") ||
		    sv_is(m->key, "PUSH_RANGE") ||
		    sv_is(m->key, "CHANGED_FILES"))
			continue;
		sb_printf(&key, "var %s=%s\n", m->key.p,
		    v->value.kind == VALUE_STRING ? v->value.u.s : "");
	}
	receipt_add_files(app, &key);
	receipt_add_tools(app, &key);
	return (char *)sb_take(&key, app->a).p;
}

const char *
clean_tree(struct app *app)
{
	struct err none cleanup_err = ERR_INIT;
	struct git git;
	change_vec changes;
	const char *tree;

	if (!git_is_repository(app->repo_dir) ||
	    !git_open(app->a, app->repo_dir, &git, &none) ||
	    !git_status(&git, &changes, &none) || changes.n > 0 ||
	    git_hides_changes(&git) ||
	    !git_line(&git, GIT_WORDS("rev-parse", "-q", "--verify",
		"HEAD^{tree}"), &tree, &none))
		return NULL;
	return tree;
}

/* Forced, narrowed, dry or half runs attest nothing; words behind `--` may
 * narrow what the tasks do. */
static bool
is_whole(const struct app *app)
{
	const struct options *o = &app->o;

	return !OPT_B(o, force) && !OPT_B(o, force_all) && !OPT_B(o, dry) &&
	    !OPT_B(o, status) && app->changed == NULL && !OPT_B(o, watch) &&
	    !OPT_B(o, no_receipt) && !OPT_B(o, failed) &&
	    (o->behind.n == 0 || OPT_B(o, push));
}

void
receipt_leave(struct app *app, const char *before, const call_vec *calls,
    const char *run_id)
{
	struct err none cleanup_err = ERR_INIT;
	string_vec tasks = { 0 };
	struct receipt r = { .run = run_id, .at_ns = clock_real_ns() };
	struct sb title cleanup_sb = SB_INIT;
	const char *after, *dir;

	if (before == NULL || !is_whole(app))
		return;
	after = clean_tree(app);
	if (after == NULL || strcmp(before, after) != 0)
		return;
	for (size_t i = 0; i < calls->n; i++) {
		vec_push(app->a, &tasks, calls->v[i].task);
		sb_printf(&title, "%s ", calls->v[i].task);
	}
	sb_printf(&title, "on %.10s", after);
	r.title = sb_cstr(&title);
	r.key = receipt_key(app, after, &tasks);
	dir = receipt_dir(app);
	if (receipts_put(dir, &r, &none))
		receipts_expire(app->a, dir, r.at_ns, RECEIPT_DAYS * DAY_NS,
		    RECEIPTS_KEPT);
}

int
cmd_receipts(struct app *app)
{
	struct sb out cleanup_sb = SB_INIT;
	receipt_vec list = { 0 };

	receipts_list(app->a, receipt_dir(app), &list);
	for (size_t i = 0; i < list.n; i++)
		sb_printf(&out, "%s  %s ago  run %s\n", list.v[i].title,
		    duration_short(app->a, clock_real_ns() - list.v[i].at_ns),
		    list.v[i].run);
	if (list.n == 0)
		sb_adds(&out, "no receipts\n");
	term_write(&app->term, STDOUT_FILENO, sb_sv(&out));
	return app->term.stdout_failed;
}

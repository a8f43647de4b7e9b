/* SPDX-License-Identifier: MIT */
/* Receipts: that a run passed whole on a certain tree (P-706). */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "gate/receipt.h"
#include "store/receipts.h"
#include "vcs/worktree.h"

#define DAY_NS (24 * 3600 * NS_PER_S)
enum { RECEIPT_DAYS = 30, RECEIPTS_KEPT = 500 };

const char *
receipt_dir(const struct project *p)
{
	return state_path(p->a, &p->state, "receipts");
}

/* The variables of the command line as the run had them. */
static const struct map *
typed_variables(struct project *p)
{
	struct map *typed = map_new(p->a);
	const struct map_entry *m;

	map_each (p->compiler.globals_cli, m) {
		const struct var *v = m->value;

		map_put(typed, m->key,
		    (void *)(v->value.kind == VALUE_STRING ? v->value.u.s
							   : ""));
	}
	return typed;
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
receipt_leave(struct project *p, const struct attested *before,
    const call_vec *calls, const char *run_id)
{
	struct err none cleanup_err = ERR_INIT;
	string_vec tasks = { 0 };
	struct receipt r = { .run = run_id, .at_ns = clock_real_ns() };
	struct sb title cleanup_sb = SB_INIT;
	const char *after, *dir;
	struct git git;

	if (before->tree == NULL || !project_git(p, p->repo_dir, &git, &none) ||
	    (after = worktree_clean_id(&git)) == NULL ||
	    strcmp(before->tree, after) != 0 ||
	    !tree_still_files(&git, before->still) ||
	    (!before->head_moves && !tree_still_head(&git, before->still)))
		return;
	for (size_t i = 0; i < calls->n; i++) {
		vec_push(p->a, &tasks, calls->v[i].task);
		sb_printf(&title, "%s ", calls->v[i].task);
	}
	sb_printf(&title, "on %.10s", after);
	r.title = sb_cstr(&title);
	r.key = receipt_key(p, after, &tasks,
	    &(struct receipt_run){
		typed_variables(p), p->in->cwd, p->in->argv.v[0] });
	dir = receipt_dir(p);
	if (receipts_put(dir, &r, &none))
		receipts_expire(p->a, dir, r.at_ns, RECEIPT_DAYS * DAY_NS,
		    RECEIPTS_KEPT);
}

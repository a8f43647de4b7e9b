/* SPDX-License-Identifier: MIT */
/* The pool as people see it. */
#include "config.h"

#include "vcs/pool_internal.h"

#include "base/clock.h"

static enum pool_state
tree_state(const struct pool *p, const char *name, const struct pool_record *r,
    const char **why)
{
	*why = r->why;
	if (pool_lease_holder(p, name) != NULL)
		return POOL_BUSY;
	if (r->mark == POOL_PRESERVED)
		return POOL_KEPT_FOR_PEOPLE;
	if (r->mark == POOL_MAKING)
		*why = "left half made; the next session removes it";
	else if (r->mark == POOL_MADE && !r->is_clean)
		*why = "left in use; the next session cleans it";
	else if (r->mark == POOL_MADE)
		return POOL_FREE;
	return POOL_ERROR;
}

void
pool_list(const struct pool *p, pool_entries *out)
{
	struct pool_record r;
	pool_numbers all;

	*out = (pool_entries){ 0 };
	pool_known(p, &all);
	for (size_t i = 0; i < all.n; i++) {
		struct pool_entry x = { .number = all.v[i] };

		x.name = pool_tree_name(p->git->a, x.number);
		if (!pool_record_read(p, x.name, &r))
			continue;
		x.path = r.path;
		x.branch = arena_printf(p->git->a, "worktree-%s", x.name);
		x.kind = r.kind;
		x.state = tree_state(p, x.name, &r, &x.why);
		x.test = r.test;
		x.session = r.session;
		x.made_ns = r.made_ns;
		x.used_ns = r.used_ns;
		vec_push(p->git->a, out, x);
	}
}

const char *
pool_state_name(enum pool_state state)
{
	switch (state) {
	case POOL_FREE:
		return "free";
	case POOL_BUSY:
		return "busy";
	case POOL_ERROR:
		return "error";
	case POOL_KEPT_FOR_PEOPLE:
		return "preserved";
	}
	return "";
}

/* On one line, whatever a test is called. */
static void
add_plain(struct sb *out, const char *text)
{
	for (; *text != '\0'; text++)
		sb_addc(out,
		    (unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text);
}

static void
print_entry(struct arena *a, const struct pool_entry *x, int64_t now_ns,
    int name_width, struct sb *out)
{
	sb_printf(out, "%-*s  %-9s  made %s ago, used %s ago  ", name_width,
	    x->name, pool_state_name(x->state),
	    duration_short(a, now_ns - x->made_ns),
	    duration_short(a, now_ns - x->used_ns));
	add_plain(out, x->path);
	if (x->kind == POOL_CLONE)
		sb_adds(out, " (clone)");
	else
		sb_printf(out, " (%s)", x->branch);
	if (*x->test != '\0') {
		sb_adds(out, "  ");
		add_plain(out, x->test);
	}
	if (x->state != POOL_BUSY && *x->why != '\0') {
		sb_adds(out, ": ");
		add_plain(out, x->why);
	}
	sb_addc(out, '\n');
}

void
pool_list_print(const pool_entries *list, int64_t now_ns, struct sb *out)
{
	struct arena *a cleanup_arena = arena_new();
	const struct pool_entry *x;
	size_t width = 0;

	if (list->n == 0)
		sb_adds(out, "no worktrees\n");
	vec_each(list, x) {
		if (strlen(x->name) > width)
			width = strlen(x->name);
	}
	vec_each(list, x) {
		print_entry(a, x, now_ns, (int)width, out);
	}
}

/* What no branch holds any more. */
static void
print_kept(const struct pool *p, struct sb *out)
{
	struct git git = pool_git_at(p->git, p->git->common_dir);
	sv text, line;

	if (!git_try(&git,
		GIT_WORDS("for-each-ref",
		    "--format=%(refname)  "
		    "%(objectname:short)  %(subject)",
		    "refs/prun/kept"),
		&text))
		return;
	while (text.n > 0) {
		sv_cut(text, '\n', &line, &text);
		sb_adds(out, "kept  ");
		add_plain(out, sv_cstr(git.a, line));
		sb_addc(out, '\n');
	}
}

void
pool_show(const struct pool *p, int64_t now_ns, struct sb *out)
{
	pool_entries list;

	pool_list(p, &list);
	pool_list_print(&list, now_ns, out);
	print_kept(p, out);
}

static void
hear_line(void *ctx, const char *text)
{
	struct sb *out = ctx;

	add_plain(out, text);
	sb_addc(out, '\n');
}

bool
pool_clean(const struct pool *p, struct sb *out, struct err *e)
{
	struct pool said = *p;
	pool_entries list;

	said.say = hear_line;
	said.ctx = out;
	pool_list(p, &list);
	if (list.n == 0)
		sb_adds(out, "no worktrees\n");
	return pool_remove(&said, true, e);
}

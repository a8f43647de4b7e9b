/* SPDX-License-Identifier: MIT */
/*
 * The commands that compiling waits for: `sh:` variables.  Those of one call
 * run side by side; compile/ sees to it that two calls share one run of the
 * same command.
 */
#include "run/internal.h"

static void
tell(struct node *n, const struct shell_need *need, sv out)
{
	sv text = compile_trim_output(out);

	node_emit(n,
	    &(struct event){ .kind = EVENT_DYNAMIC_VAR,
		.text = need->cmd,
		.text2 = need->secret ? "*****" :
					sv_cstr(n->arena, text) });
}

static void
on_answer(struct work *w)
{
	struct node *n = w->node;
	size_t i = (size_t)(w - n->needs), count;
	const struct shell_need *need = &compile_needs(n->cursor, &count)[i];
	sv out = sb_take(&w->out, n->arena);

	if (!err_is_set(&w->err))
		tell(n, need, out);
	compile_answer(n->cursor, i, out,
	    err_is_set(&w->err) ? &w->err : NULL);
	sb_free(&w->out);
	err_clear(&w->err);
	if (--n->open_needs == 0)
		node_wake(n);
}

void
needs_start(struct node *n)
{
	size_t count;
	const struct shell_need *need = compile_needs(n->cursor, &count);

	n->needs = arena_alloc(n->arena, count * sizeof(*n->needs));
	n->n_needs = n->open_needs = count;
	for (size_t i = 0; i < count; i++) {
		struct work *w = &n->needs[i];

		work_init(w, n->r, n, need[i].cmd, need[i].dir, need[i].env);
		w->captures = true;
		w->done = on_answer;
	}
	for (size_t i = 0; i < count; i++)
		work_start(&n->needs[i]);
}

void
needs_cancel(struct node *n, int sig, int64_t grace_ns)
{
	for (size_t i = 0; i < n->n_needs; i++)
		work_cancel(&n->needs[i], sig, grace_ns);
}

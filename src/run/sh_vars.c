/* SPDX-License-Identifier: MIT */
/*
 * The commands that compiling waits for: `sh:` variables.  Those of one call
 * run side by side; compile/ sees to it that two calls share one run of the
 * same command.
 */
#include "run/internal.h"

static void
sh_vars_tell(struct live_call *lc, const struct shell_need *need, sv out)
{
	sv text = compile_trim_output(out);

	live_call_emit(lc,
	    &(struct event){ .kind = EVENT_DYNAMIC_VAR,
		.text = need->cmd,
		.text2 = need->secret ? "*****" : sv_cstr(lc->arena, text) });
}

static void
on_answer(struct command *cm)
{
	struct live_call *lc = cm->owner;
	size_t i = (size_t)(cm - lc->sh_vars), count;
	const struct shell_need *need = &compile_needs(lc->cursor, &count)[i];
	sv out = sb_take(&cm->out, lc->arena);

	if (!err_is_set(&cm->err))
		sh_vars_tell(lc, need, out);
	compile_answer(
	    lc->cursor, i, out, err_is_set(&cm->err) ? &cm->err : NULL);
	sb_free(&cm->out);
	err_clear(&cm->err);
	if (--lc->open_sh_vars == 0)
		live_call_wake(lc);
}

void
sh_vars_start(struct live_call *lc)
{
	size_t count;
	const struct shell_need *need = compile_needs(lc->cursor, &count);

	lc->sh_vars = arena_alloc(lc->arena, count * sizeof(*lc->sh_vars));
	lc->n_sh_vars = lc->open_sh_vars = count;
	for (size_t i = 0; i < count; i++) {
		struct command *cm = &lc->sh_vars[i];

		command_init(
		    cm, lc->r, lc, need[i].cmd, need[i].dir, need[i].env);
		cm->captures = true;
		cm->done = on_answer;
	}
	for (size_t i = 0; i < count; i++)
		command_start(&lc->sh_vars[i]);
}

void
sh_vars_cancel(struct live_call *lc, const struct cancel *why)
{
	for (size_t i = 0; i < lc->n_sh_vars; i++)
		command_cancel(&lc->sh_vars[i], why);
}

/* SPDX-License-Identifier: MIT */
/*
 * Prompts (L-201): a call waits for its answer as it waits for anything else.
 * There is one user: calls that want to ask stand in a queue, and each asks all
 * that it has before the next one does.
 */
#include "run/internal.h"

enum verdict {
	VERDICT_WAITS,
	VERDICT_YES,
	VERDICT_NO, /* *e is why */
};

static void
prompt_join(struct live_call *lc)
{
	struct live_call **p = &lc->r->askers;

	if (lc->is_asker)
		return;
	while (*p != NULL)
		p = &(*p)->next_asker;
	*p = lc;
	lc->is_asker = true;
}

static void
prompt_leave(struct live_call *lc)
{
	struct live_call **p = &lc->r->askers;
	const struct run_config *c = &lc->r->config;

	if (!lc->is_asker)
		return;
	if (lc->is_asked)
		c->ask_stop(c->ctx);
	while (*p != lc)
		p = &(*p)->next_asker;
	*p = lc->next_asker;
	lc->next_asker = NULL;
	lc->is_asker = lc->is_asked = false;
	if (lc->r->askers != NULL)
		live_call_wake(lc->r->askers);
}

static void
prompt_told(void *arg, int answer)
{
	struct live_call *lc = arg;

	lc->is_asked = false;
	lc->has_answer = true;
	lc->answer = answer;
	live_call_wake(lc);
}

static bool
prompt_can_be_asked(struct live_call *lc, struct err *e)
{
	const struct run_config *c = &lc->r->config;

	return (c->stdin_is_tty && c->stdout_is_tty && c->ask != NULL) ||
	       err_set(e, ERR_CANCELLED,
		   "task: Task %s cancelled because it has a prompt and the "
		   "environment is not a terminal. Use --yes (-y) to run "
		   "anyway.",
		   quote_go(lc->arena, sv_of(lc->call.task)));
}

static enum verdict
prompt_one(struct live_call *lc, const char *text, struct err *e)
{
	const struct run_config *c = &lc->r->config;
	const struct event ev = {
		.kind = EVENT_PROMPT, .text = text, .status = c->yes
	};

	if (c->yes) {
		live_call_emit(lc, &ev);
		return VERDICT_YES;
	}
	if (!prompt_can_be_asked(lc, e))
		return VERDICT_NO;
	prompt_join(lc);
	if (lc->r->askers != lc || lc->is_asked)
		return VERDICT_WAITS;
	if (!lc->has_answer) {
		live_call_emit(lc, &ev);
		lc->is_asked = true;
		c->ask(c->ctx, text, prompt_told, lc);
		return VERDICT_WAITS;
	}
	lc->has_answer = false;
	if (lc->answer > 0)
		return VERDICT_YES;
	if (lc->answer < 0)
		err_set(e, ERR_GENERIC, "EOF");
	else
		err_set(e, ERR_CANCELLED, "task: Task %s cancelled by user",
		    quote_go(lc->arena, sv_of(lc->call.task)));
	return VERDICT_NO;
}

bool
step_prompt(struct live_call *lc)
{
	const string_vec *prompts = &lc->ctask->prompts;
	struct err e = ERR_INIT;

	if (live_call_is_cancelled(lc)) {
		prompt_leave(lc);
		return call_end_cancelled(lc);
	}
	while (!lc->r->config.dry && lc->next_prompt < prompts->n) {
		const char *text = prompts->v[lc->next_prompt];
		enum verdict v =
		    *text == '\0' ? VERDICT_YES : prompt_one(lc, text, &e);

		if (v == VERDICT_WAITS)
			return false;
		if (v == VERDICT_NO) {
			prompt_leave(lc);
			return call_end_failed(lc, &e, true);
		}
		lc->next_prompt++;
	}
	prompt_leave(lc);
	return call_go(lc, STATE_MARK);
}

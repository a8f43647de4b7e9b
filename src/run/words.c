/* SPDX-License-Identifier: MIT */
/*
 * P-103: a command text that is nothing but `task:NAME VAR=value …`, maybe with
 * ` &` behind it, is a call.  Anything a shell would have to look at leaves it
 * to the shell.
 */
#include "run/internal.h"

/* One word with its quotes taken off; false at the end or where the shell is
 * needed. */
static bool
words_next_word(sv text, size_t *at, struct sb *out, bool *ok)
{
	static const char special[] = "$`\\;&|<>()*?[]{}~#!\n";
	char quote = 0;
	bool any = false;

	sb_clear(out);
	while (*at < text.n && (text.p[*at] == ' ' || text.p[*at] == '\t'))
		++*at;
	for (; *at < text.n; ++*at) {
		char c = text.p[*at];

		if (quote == 0 && (c == ' ' || c == '\t'))
			break;
		any = true;
		if (c == quote) {
			quote = 0;
		} else if (quote == 0 && (c == '\'' || c == '"')) {
			quote = c;
		} else if (quote == '\'' ||
		    (strchr(special, c) == NULL && c != '\0')) {
			sb_addc(out, c);
		} else {
			*ok = false;
			return false;
		}
	}
	if (quote != 0)
		*ok = false;
	return any && *ok;
}

static bool
is_words_name(sv s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool alpha = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    c == '_';

		if (!alpha && (i == 0 || c < '0' || c > '9'))
			return false;
	}
	return s.n > 0;
}

static bool
words_add_var(struct arena *a, vars *all, sv word)
{
	struct var *v;
	sv name, text;

	if (!sv_cut(word, '=', &name, &text) || !is_words_name(name))
		return false;
	v = arena_new_of(a, struct var);
	v->has_value = true;
	v->value = value_cstr(sv_cstr(a, text));
	map_put(all, name, v);
	return true;
}

bool
words_is_task(struct live_call *lc, const char *name)
{
	struct err e cleanup_err = ERR_INIT;
	struct compiler quick = *lc->r->compiler;
	struct match m;

	quick.disable_fuzzy = true;
	return task_find(lc->arena, &quick, name, &m, &e);
}

const struct ccmd *
words_call(struct live_call *lc, const struct ccmd *cmd, bool *background)
{
	struct sb word cleanup_sb = SB_INIT;
	struct arena *a = lc->arena;
	struct ccmd *out;
	const char *name;
	vars *all;
	bool ok = true;
	size_t at = sizeof("task:") - 1;
	sv text;

	*background = false;
	if (cmd->kind != CMD_SHELL || !cmd->plain || cmd->text == NULL)
		return NULL;
	text = sv_trim(sv_of(cmd->text));
	if (!sv_starts(text, SV("task:")) || text.n == at)
		return NULL;
	if (sv_ends(text, SV(" &"))) {
		*background = true;
		text = sv_trim(sv_sub(text, 0, text.n - 2));
	}
	if (!words_next_word(text, &at, &word, &ok))
		return NULL;
	name = sv_cstr(a, sb_sv(&word));
	all = map_new(a);
	while (words_next_word(text, &at, &word, &ok))
		if (!words_add_var(a, all, sb_sv(&word)))
			return NULL;
	if (!ok || !words_is_task(lc, name)) {
		*background = false;
		return NULL;
	}
	out = arena_new_of(a, struct ccmd);
	*out = *cmd;
	out->kind = CMD_TASK;
	out->task = name;
	out->vars = all;
	return out;
}

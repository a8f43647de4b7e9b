/* SPDX-License-Identifier: MIT */
#include "compile/task_words.h"

#include <string.h>

#include "base/hash.h"
#include "go/fmt.h"

static const char prefix[] = "task:";
enum {
	PREFIX = sizeof(prefix) - 1
};

/* ---- a whole command ---- */

/* One word with its quotes taken off; false at the end or where the shell is
 * needed. */
static bool
word_next(sv text, size_t *at, struct sb *out, bool *ok)
{
	static const char special[] = "$`\\;&|<>()*?[]{}~#!\n";
	char quote = 0;
	bool any = false;

	sb_clear(out);
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
	while (*at < text.n && (text.p[*at] == ' ' || text.p[*at] == '\t'))
		++*at;
	return any && *ok;
}

static bool
is_var_name(sv s)
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
add_word_var(struct arena *a, vars *all, sv word)
{
	struct var *v;
	sv name, text;

	if (!sv_cut(word, '=', &name, &text) || !is_var_name(name))
		return false;
	v = arena_new_of(a, struct var);
	v->has_value = true;
	v->final = true;
	v->value = value_cstr(sv_cstr(a, text));
	map_put(all, name, v);
	return true;
}

/* Name and variables behind `task:`; false: it is the shell's. */
static bool
read_words_call(struct arena *a, sv text, struct task_words *out)
{
	struct sb word cleanup_sb = SB_INIT;
	bool ok = true;
	size_t at = 0;

	if (!word_next(text, &at, &word, &ok))
		return false;
	out->task = sv_cstr(a, sb_sv(&word));
	out->vars = map_new(a);
	while (word_next(text, &at, &word, &ok))
		if (!add_word_var(a, out->vars, sb_sv(&word)))
			return false;
	return ok;
}

void
task_words_read(struct arena *a, sv text, struct task_words *out)
{
	struct task_words call = { .kind = CMD_TASK };

	*out = (struct task_words){ .kind = CMD_SHELL };
	text = sv_trim(text);
	if (sv_is(text, "wait")) {
		out->kind = CMD_JOIN;
	} else if (sv_is(text, ":")) {
		out->kind = CMD_BARRIER;
	} else if (sv_starts(text, sv_of(prefix))) {
		if (sv_ends(text, SV(" &"))) {
			call.background = true;
			text = sv_trim(sv_sub(text, 0, text.n - 2));
		}
		if (text.n > PREFIX &&
		    read_words_call(a, sv_sub(text, PREFIX, SIZE_MAX), &call))
			*out = call;
	}
}

bool
task_words_possible(sv text)
{
	static const char *const words[] = { prefix, "wait", ":" };
	ptrdiff_t open = sv_find(text, SV("{{"), 0);
	sv head;

	if (open < 0)
		return true;
	head = sv_sub(text, 0, (size_t)open);
	while (head.n > 0 && strchr(" \t\r\n", head.p[0]) != NULL)
		head = sv_sub(head, 1, SIZE_MAX);
	if (sv_starts(head, sv_of(prefix)))
		return true;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (sv_starts(sv_of(words[i]), head))
			return true;
	return false;
}

bool
task_is_known(struct arena *a, const struct compiler *c, const char *name)
{
	struct err ignored cleanup_err = ERR_INIT;
	struct compiler exact = *c;
	struct match m;

	exact.disable_fuzzy = true;
	return task_find(a, &exact, name, &m, &ignored);
}

/* ---- words of a script ---- */

static const char breaks[] = " \t\n;&|()<>\"'`$\\{}";

/* The beginning of a word, maybe inside quotes: `sh -c 'task:a'`. */
static bool
begins_word(sv text, size_t at)
{
	return at == 0 || strchr(breaks, text.p[at - 1]) != NULL ||
	       text.p[at - 1] == '!';
}

bool
task_words_next(sv script, size_t *at, sv *name)
{
	ptrdiff_t found;

	while ((found = sv_find(script, sv_of(prefix), *at)) >= 0) {
		size_t start = (size_t)found + PREFIX, end = start;

		while (end < script.n && strchr(breaks, script.p[end]) == NULL)
			end++;
		*at = start;
		if (end == start || !begins_word(script, (size_t)found))
			continue;
		*name = sv_sub(script, start, end - start);
		return true;
	}
	return false;
}

/* ---- what the order of calls rests on ---- */

bool
task_is_conditional(const struct task *t)
{
	return *t->rare->if_text != '\0' || t->rare->status.n > 0 ||
	       t->sources.n > 0 || t->rare->preconditions.n > 0 ||
	       t->rare->prompts.n > 0;
}

bool
task_has_commands(struct arena *a, const struct task *t)
{
	for (size_t i = 0; i < t->cmds.n; i++) {
		const struct cmd *c = t->cmds.v[i];
		struct task_words words = { .kind = CMD_SHELL };

		if (c == NULL || c->kind != CMD_SHELL)
			continue;
		if (c->plain)
			task_words_read(a, sv_of(c->cmd), &words);
		if (words.kind == CMD_SHELL)
			return true;
	}
	return false;
}

bool
taskfile_has_writers(const struct taskfile *t)
{
	const struct map_entry *m;

	map_each(t->tasks, m)
		if (((const struct task *)m->value)->writes)
			return true;
	return false;
}

bool
task_writes(struct arena *a, const struct compiler *c, const char *name)
{
	struct err ignored cleanup_err = ERR_INIT;
	struct compiler exact = *c;
	struct match m;

	exact.disable_fuzzy = true;
	return task_find(a, &exact, name, &m, &ignored) && m.task->writes;
}

size_t *
writers_first(struct arena *a, const bool *writes, size_t n)
{
	size_t writers = 0, next = 0, *order;

	for (size_t i = 0; i < n; i++)
		writers += writes[i];
	if (writers == 0)
		return NULL;
	order = arena_alloc(a, n * sizeof(*order));
	for (size_t i = 0; i < n; i++)
		order[writes[i] ? next++ : writers++] = i;
	return order;
}

bool
ctask_share_key(struct arena *a, const struct compiler *c,
    const struct ctask *t, const char **key, struct err *e)
{
	const char *run = t->run;

	*key = NULL;
	if (run == NULL || *run == '\0')
		run = c->taskfile->run;
	if (run == NULL || *run == '\0' || sv_is(sv_of(run), "always"))
		return true;
	if (sv_is(sv_of(run), "once"))
		*key = t->once_key;
	else if (sv_is(sv_of(run), "when_changed"))
		*key = arena_printf(a, "%s:%llu", t->once_key,
		    (unsigned long long)t->when_changed_key);
	else
		return err_set(
		    e, ERR_TASK_FAILED, "task: invalid run \"%s\"", run);
	if (t->task->watch)
		*key = NULL;
	return true;
}

uint64_t
call_key(const struct match *m, const vars *all)
{
	struct sb b cleanup_sb = SB_INIT;
	const struct map_entry *e;

	sb_adds(&b, m->task->name);
	sb_addc(&b, '\0');
	sb_adds(&b, m->full_name);
	map_each(all, e) {
		const struct var *v = e->value;

		sb_addc(&b, '\0');
		sb_addv(&b, e->key);
		sb_addc(&b, '=');
		if (v->has_value)
			fmt_value(&b, v->value);
		sb_adds(&b, v->sh ? v->sh : "");
		sb_adds(&b, v->ref ? v->ref : "");
	}
	return hash64(sb_sv(&b));
}

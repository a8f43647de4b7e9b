/* SPDX-License-Identifier: MIT */
#include "advice/keys.h"

#include <string.h>
#include <unistd.h>

/* Keys of the smaller maps inside a task. */
static const char *const inner_keys[] = { "defer", "exclude", "sh", "msg",
	"name", "enum", "ref", "vars", "var", "split", "as", "matrix",
	"message", "paths", "push", "detached", "trailers", NULL };
static const char *const output_keys[] = { "group", "begin", "end",
	"error_only", NULL };

static void
keys_add(struct arena *a, string_vec *to, const char *const *from)
{
	for (; *from != NULL; from++)
		vec_push(a, to, *from);
}

static void
known_keys(struct arena *a, const char *where, string_vec *out)
{
	if (sv_starts(sv_of(where), SV("task "))) {
		keys_add(a, out, task_keys);
		keys_add(a, out, cmd_keys);
		keys_add(a, out, dep_keys);
		keys_add(a, out, inner_keys);
	} else if (sv_starts(sv_of(where), SV("include "))) {
		keys_add(a, out, include_keys);
	} else {
		keys_add(a, out, taskfile_keys);
		keys_add(a, out, output_keys);
	}
}

/* x-NAME is anybody's, .NAME at the top holds an anchor. */
static bool
is_private_key(const struct unknown_key *u)
{
	return sv_starts(sv_of(u->key), SV("x-")) ||
	       strcmp(u->key, "<<") == 0 ||
	       (u->key[0] == '.' && strcmp(u->where, "Taskfile") == 0);
}

/* An anchor that is used by several tasks has its keys in all of them. */
static bool
was_seen(const struct taskfile *tf, const struct unknown_key *u)
{
	const struct unknown_key *v;

	for (v = tf->unknown.v; v < u; v++)
		if (v->at.line == u->at.line && v->at.column == u->at.column &&
		    strcmp(v->at.taskfile, u->at.taskfile) == 0)
			return true;
	return false;
}

/* By spelling, else the longest key that it starts with: "description". */
static const char *
nearest_of(struct arena *a, const char *key, const string_vec *known)
{
	const char *near = fuzzy_nearest(a, key, known->v, known->n);

	if (near != NULL)
		return near;
	for (size_t i = 0, best = 2; i < known->n; i++) {
		size_t n = strlen(known->v[i]);

		if (n > best && strncmp(key, known->v[i], n) == 0) {
			near = known->v[i];
			best = n;
		}
	}
	return near;
}

bool
key_is_mistake(const struct taskfile *tf, const struct unknown_key *u)
{
	return !is_private_key(u) && !was_seen(tf, u);
}

const char *
key_nearest(struct arena *a, const struct unknown_key *u)
{
	string_vec known = { 0 };

	known_keys(a, u->where, &known);
	return nearest_of(a, u->key, &known);
}

/* Was one of the same file told of before? */
static bool
is_told(const string_vec *files, const char *file)
{
	for (size_t i = 0; i < files->n; i++)
		if (strcmp(files->v[i], file) == 0)
			return true;
	return false;
}

void
keys_warn(const struct project *p)
{
	const struct taskfile *tf = p->taskfile;
	const struct unknown_key *u;
	string_vec told = { 0 };

	if (p->s->is_compat || p->s->silent || p->in->outer.level > 0)
		return;
	vec_each(&tf->unknown, u) {
		const char *near;

		if (!key_is_mistake(tf, u) || is_told(&told, u->at.taskfile))
			continue;
		near = key_nearest(p->a, u);
		if (near == NULL || strcmp(near, u->key) == 0)
			continue;
		vec_push(p->a, &told, u->at.taskfile);
		term_print(p->term, STDERR_FILENO, COLOR_YELLOW,
		    "prun: %s:%d:%d: unknown key %s (%s); did you mean %s? "
		    "(prun --lint)\n",
		    u->at.taskfile, u->at.line, u->at.column,
		    quote_go(p->a, sv_of(u->key)), u->where,
		    quote_go(p->a, sv_of(near)));
	}
}

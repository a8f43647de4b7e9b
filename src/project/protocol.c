/* SPDX-License-Identifier: MIT */
#include "project/protocol.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/str.h"

/* name, kind, field of struct protocol */
#define PROTOCOL(X)                                                            \
	X("PRUN_LEVEL", NUMBER, level)                                         \
	X("PRUN_RUNS", IDS, runs)                                              \
	X("PRUN_FOLDERS", LINES, folders)                                      \
	X("PRUN_COMPAT", FLAG, compat)                                         \
	X("PRUN_COMPAT_OF_RUN", FLAG, compat_of_run)                           \
	X("PRUN_CONTROL", BELOW, control)                                      \
	X("PRUN_JOB", BELOW, job)                                              \
	X("PRUN_BIN", BELOW, bin)                                              \
	X("PRUN_JOBSERVER", BELOW, jobserver)                                  \
	X("PRUN_OWES", LINES, owes)                                            \
	X("PRUN_REPO", LINES, repos)                                           \
	X("PRUN_NO_COMMIT", FLAG, no_commit)                                   \
	X("PRUN_NO_COMMIT_IN", LINES, no_commit_in)                            \
	X("PRUN_NO_COMMIT_BY", LINES, no_commit_by)                            \
	X("PRUN_HOOK", FLAG, in_hook)                                          \
	X("PRUN_STATE_OF", TEXT, state_of)                                     \
	X("PRUN_ID_TO", TEXT, id_to)

enum protocol_kind {
	NUMBER, /* long */
	FLAG,   /* bool, "1" */
	TEXT,   /* const char *; NULL: not said */
	BELOW,  /* the same, written by the folders below */
	IDS,    /* string_vec, a colon between them */
	LINES,  /* string_vec, one a line */
};

static const struct {
	const char *name;
	enum protocol_kind kind;
	size_t at;
} variables[] = {
#define X(name, kind, field) { name, kind, offsetof(struct protocol, field) },
	PROTOCOL(X)
#undef X
};

enum {
	VARIABLES = sizeof(variables) / sizeof(variables[0])
};

const char *const protocol_names[] = {
#define X(name, kind, field) name,
	PROTOCOL(X)
#undef X
	    NULL
};

/* ---- reading ---- */

static void
protocol_split(struct arena *a, const char *text, char between, string_vec *out)
{
	sv part, rest = sv_of(text);

	while (rest.n > 0) {
		sv_cut(rest, between, &part, &rest);
		if (part.n > 0)
			vec_push(a, out, sv_cstr(a, part));
	}
}

static void
protocol_take(
    struct arena *a, enum protocol_kind kind, const char *text, void *field)
{
	switch (kind) {
	case NUMBER:
		*(long *)field = strtol(text, NULL, 10);
		break;
	case FLAG:
		*(bool *)field = *text != '\0' && strcmp(text, "0") != 0;
		break;
	case TEXT:
	case BELOW:
		*(const char **)field = text;
		break;
	case IDS:
		protocol_split(a, text, ':', field);
		break;
	case LINES:
		protocol_split(a, text, '\n', field);
		break;
	}
}

void
protocol_read(
    struct arena *a, const struct environment *env, struct protocol *out)
{
	const char *text;

	*out = (struct protocol){ 0 };
	for (size_t i = 0; i < VARIABLES; i++) {
		text = environment_get(env, variables[i].name);
		if (text != NULL)
			protocol_take(a, variables[i].kind, text,
			    (char *)out + variables[i].at);
	}
	out->has_level = environment_get(env, "PRUN_LEVEL") != NULL;
	out->has_repos = environment_get(env, "PRUN_REPO") != NULL;
	/* any text says that it is a hook's; PRUN_COMPAT is a user's, too, who
	 * may write it as all flags */
	out->in_hook = environment_get(env, "PRUN_HOOK") != NULL;
	text = environment_get(env, "PRUN_COMPAT");
	if (text == NULL || !go_bool_parse(text, &out->compat))
		out->compat = false;
}

/* ---- writing ---- */

static void
say_list(struct arena *a, const char *name, char between,
    const string_vec *list, string_vec *out)
{
	struct sb b cleanup_sb = SB_INIT;

	if (list->n == 0)
		return;
	sb_printf(&b, "%s=", name);
	for (size_t i = 0; i < list->n; i++) {
		if (i > 0)
			sb_addc(&b, between);
		sb_adds(&b, list->v[i]);
	}
	vec_push(a, out, sb_take(&b, a).p);
}

static void
protocol_say(struct arena *a, size_t i, const void *field, string_vec *out)
{
	const char *name = variables[i].name, *text;
	long number;

	switch (variables[i].kind) {
	case NUMBER:
		number = *(const long *)field;
		if (number > 0)
			vec_push(
			    a, out, arena_printf(a, "%s=%ld", name, number));
		break;
	case FLAG:
		if (*(const bool *)field)
			vec_push(a, out, arena_printf(a, "%s=1", name));
		break;
	case TEXT:
		text = *(const char *const *)field;
		if (text != NULL)
			vec_push(a, out, arena_printf(a, "%s=%s", name, text));
		break;
	case IDS:
		say_list(a, name, ':', field, out);
		break;
	case LINES:
		say_list(a, name, '\n', field, out);
		break;
	case BELOW:
		break;
	}
}

void
protocol_write(struct arena *a, const struct protocol *p, string_vec *out)
{
	for (size_t i = 0; i < VARIABLES; i++)
		protocol_say(a, i, (const char *)p + variables[i].at, out);
	/* nowhere at all: what the environment has of places counts no more */
	if (p->no_commit && p->no_commit_in.n == 0)
		vec_push(a, out, "PRUN_NO_COMMIT_IN=");
}

/* Is it a variable that protocol_write() decides on? */
static bool
is_decided(const char *assignment)
{
	for (size_t i = 0; i < VARIABLES; i++) {
		size_t n = strlen(variables[i].name);

		if (variables[i].kind != BELOW &&
		    strncmp(assignment, variables[i].name, n) == 0 &&
		    assignment[n] == '=')
			return true;
	}
	return false;
}

char **
protocol_environment(
    struct arena *a, char *const *env, const struct protocol *p)
{
	string_vec out = { 0 };

	for (; *env != NULL; env++)
		if (!is_decided(*env))
			vec_push(a, &out, *env);
	protocol_write(a, p, &out);
	vec_push(a, &out, NULL);
	return (char **)out.v;
}

void
protocol_leave(const struct protocol *p, struct environment *env)
{
	const char *path = environment_get(env, "PATH"), *bin;

	if (p->in_hook)
		environment_set(env, "PRUN_HOOK", NULL);
	if (p->state_of != NULL)
		environment_set(env, "PRUN_STATE_OF", NULL);
	if (p->id_to != NULL)
		environment_set(env, "PRUN_ID_TO", NULL);
	if (p->bin == NULL || *p->bin == '\0' || path == NULL)
		return;
	bin = arena_printf(env->a, "%s:", p->bin);
	if (sv_starts(sv_of(path), sv_of(bin)))
		environment_set(env, "PATH", path + strlen(bin));
}

/* SPDX-License-Identifier: MIT */
#include "session/talk.h"

#include <inttypes.h>

#include "go/json.h"

#define TALK_NONE_TEXT   ""
#define TALK_NONE_NUMBER 0
#define TALK_NONE_WORDS                                                        \
	{                                                                      \
		NULL, 0, 0                                                     \
	}

struct talk
talk_new(const char *say)
{
	struct talk t = {
#define X(kind, name) .name = TALK_NONE_##kind,
		TALK_FIELDS(X)
#undef X
	};

	t.say = say;
	return t;
}

/* ---- writing ---- */

static void
talk_key(struct sb *out, const char *name)
{
	sb_printf(out, "%s\"%s\":", out->p[out->n - 1] == '{' ? "" : ",", name);
}

static void
write_TEXT(struct sb *out, const char *name, const char *const *text)
{
	if (*text == NULL || **text == '\0')
		return;
	talk_key(out, name);
	json_quote(out, sv_of(*text), false);
}

static void
write_NUMBER(struct sb *out, const char *name, const int64_t *n)
{
	if (*n == 0)
		return;
	talk_key(out, name);
	/* as a text: a number of JSON is a float, and ns of the epoch are
	 * beyond what it holds */
	sb_printf(out, "\"%" PRId64 "\"", *n);
}

static void
write_WORDS(struct sb *out, const char *name, const string_vec *words)
{
	if (words->n == 0)
		return;
	talk_key(out, name);
	for (size_t i = 0; i < words->n; i++) {
		sb_addc(out, i == 0 ? '[' : ',');
		json_quote(out, sv_of(words->v[i]), false);
	}
	sb_addc(out, ']');
}

void
talk_write(struct sb *out, const struct talk *t)
{
	sb_addc(out, '{');
#define X(kind, name) write_##kind(out, #name, &t->name);
	TALK_FIELDS(X)
#undef X
	sb_adds(out, "}\n");
}

/* ---- reading ---- */

static void
read_TEXT(struct arena *a, value v, const char **text)
{
	*text = v.kind == VALUE_STRING ? sv_cstr(a, value_text(v)) : "";
}

static void
read_NUMBER(struct arena *a, value v, int64_t *n)
{
	(void)a;
	*n = v.kind == VALUE_STRING ? strtoll(v.u.s, NULL, 10) : 0;
}

static void
read_WORDS(struct arena *a, value v, string_vec *words)
{
	if (v.kind != VALUE_LIST)
		return;
	for (size_t i = 0; i < v.u.list->n; i++)
		if (v.u.list->v[i].kind == VALUE_STRING)
			vec_push(
			    a, words, sv_cstr(a, value_text(v.u.list->v[i])));
}

bool
talk_read(struct arena *a, sv line, struct talk *out)
{
	struct err ignored cleanup_err = ERR_INIT;
	value v;

	*out = (struct talk){ 0 };
	if (!json_read(a, line, &v, &ignored) || v.kind != VALUE_MAP)
		return false;
#define X(kind, name) read_##kind(a, value_map_get(v, SV(#name)), &out->name);
	TALK_FIELDS(X)
#undef X
	return *out->say != '\0';
}

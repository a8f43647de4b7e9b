/* SPDX-License-Identifier: MIT */
#include "base/secrets.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/mask.h"
#include "base/vec.h"

struct secrets {
	struct arena *arena;
	struct map *known;
	VEC(const char *) texts;
	struct mask *mask; /* of all; between two texts it holds nothing back */
	struct secrets_reader *readers;
};

struct secrets *
secrets_new(void)
{
	struct secrets *s = xcalloc(1, sizeof(*s));

	s->arena = arena_new();
	s->known = map_new(s->arena);
	s->mask = mask_new_empty();
	return s;
}

void
secrets_free(struct secrets *s)
{
	if (s == NULL)
		return;
	mask_free(s->mask);
	arena_free(s->arena);
	free(s);
}

bool
secrets_add(struct secrets *s, sv text)
{
	const char *kept;

	if (text.n < MASK_MIN || sv_is(text, MASK_TEXT) ||
	    map_get(s->known, text) != NULL)
		return false;
	kept = sv_cstr(s->arena, text);
	map_put(s->known, sv_of(kept), (void *)kept);
	vec_push(s->arena, &s->texts, kept);
	mask_learn(s->mask, &kept, 1);
	for (struct secrets_reader *r = s->readers; r != NULL; r = r->next)
		r->learnt(r->arg, kept);
	return true;
}

size_t
secrets_count(const struct secrets *s)
{
	return s != NULL ? s->texts.n : 0;
}

const char *const *
secrets_texts(const struct secrets *s)
{
	return s != NULL ? s->texts.v : NULL;
}

void
secrets_mask(struct secrets *s, sv text, struct sb *out)
{
	if (secrets_count(s) == 0) {
		sb_addv(out, text);
		return;
	}
	mask_add(s->mask, text, out);
	mask_end(s->mask, out);
}

const char *
secrets_masked(struct secrets *s, struct arena *a, const char *text)
{
	struct sb out cleanup_sb = SB_INIT;

	if (text == NULL || secrets_count(s) == 0)
		return text;
	secrets_mask(s, sv_of(text), &out);
	return sb_take(&out, a).p;
}

void
secrets_tell(struct secrets *s, struct secrets_reader *reader)
{
	reader->next = s->readers;
	s->readers = reader;
	for (size_t i = 0; i < s->texts.n; i++)
		reader->learnt(reader->arg, s->texts.v[i]);
}

void
secrets_leave(struct secrets *s, struct secrets_reader *reader)
{
	if (s == NULL)
		return;
	for (struct secrets_reader **p = &s->readers; *p != NULL;
	     p = &(*p)->next)
		if (*p == reader) {
			*p = reader->next;
			return;
		}
}

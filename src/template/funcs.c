/* SPDX-License-Identifier: MIT */
#include "template/funcs.h"

/* Where a name is in two tables the first one has it: go-task's functions win
 * over sprig's and both over the built-ins (`slice`). */
static const struct func *const tables[] = {
	funcs_misc,
	funcs_string,
	funcs_list,
	funcs_dict,
	funcs_math,
	funcs_path,
	funcs_os,
	funcs_encode,
	funcs_date,
	funcs_regex,
	funcs_builtin,
};

/* Functions with another result every time. */
static const char *const impure[] = { "now", "uuid", "randInt", "randIntN",
	"ago", "date", "dateInZone", "date_in_zone", "htmlDate",
	"htmlDateInZone", "durationRound", "getHostByName" };

/* A table by hash, made at the first look: several hundred names are looked up
 * in several thousand texts.  0 is free, else the number of a function + 1. */
enum {
	FUNCS_MAX = 400,
	BUCKETS = 1024
};
static struct {
	const struct func *funcs[FUNCS_MAX];
	bool impure[FUNCS_MAX];
	uint16_t n, buckets[BUCKETS];
} known;

/* Where a name stands, or would. */
static uint16_t *
bucket_of(sv name)
{
	uint32_t hash = (uint32_t)name.n;
	uint16_t *at;

	for (size_t i = 0; i < name.n; i++)
		hash = hash * 31 + (unsigned char)name.p[i];
	for (hash ^= hash >> 10;; hash++) {
		at = &known.buckets[hash % BUCKETS];
		if (*at == 0 || sv_is(name, known.funcs[*at - 1]->name))
			return at;
	}
}

static bool
is_impure_name(const char *name)
{
	for (size_t i = 0; i < sizeof(impure) / sizeof(impure[0]); i++)
		if (strcmp(name, impure[i]) == 0)
			return true;
	return false;
}

static void
func_index_add(const struct func *f)
{
	uint16_t *at = bucket_of(sv_of(f->name));

	if (*at != 0)
		return;
	if (known.n == FUNCS_MAX)
		BUG("more than %d functions", FUNCS_MAX);
	known.funcs[known.n] = f;
	known.impure[known.n] = is_impure_name(f->name);
	*at = ++known.n;
}

const struct func *
func_find(sv name, bool *is_impure)
{
	uint16_t at;

	if (known.n == 0)
		for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
			for (const struct func *f = tables[i]; f->name; f++)
				func_index_add(f);
	at = *bucket_of(name);
	*is_impure = at != 0 && known.impure[at - 1];
	return at != 0 ? known.funcs[at - 1] : NULL;
}

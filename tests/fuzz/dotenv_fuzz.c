/* SPDX-License-Identifier: MIT */
/* Any bytes as a dotenv file: `make fuzz`, then tests/fuzz/dotenv_fuzz. */
#include "fuzz/fuzz.h"

#include "taskfile/taskfile.h"

FUZZ_TARGET(dotenv)
{
	struct arena *a = arena_new();
	struct err e = ERR_INIT;
	struct map *out = map_new(a);

	if (!dotenv_parse(a, text, out, &e) && !err_is_set(&e))
		BUG("failure without an error");
	err_clear(&e);
	arena_free(a);
}

/* SPDX-License-Identifier: MIT */
/* Any bytes as a prun.ini. */
#include "fuzz/fuzz.h"

#include "project/ini.h"
#include "fuzz/file.h"

FUZZ_TARGET(settings)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	const char *path = fuzz_file(text);
	struct config c = { 0 };

	if (config_load(a, &path, 1, &c, &e)) {
		if (config_hook(&c, "pre-push").isolate == NULL)
			BUG("a hook without its defaults");
	} else if (!err_is_set(&e)) {
		BUG("failure without an error");
	}
}

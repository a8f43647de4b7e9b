/* SPDX-License-Identifier: MIT */
/* Any bytes as the record of a run. */
#include "fuzz/fuzz.h"

#include "fuzz/file.h"
#include "store/journal.h"

FUZZ_TARGET(journal)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	struct journal_log log = { 0 };

	if (!journal_read(a, fuzz_file(text), &log, &e)) {
		if (!err_is_set(&e))
			BUG("failure without an error");
		return;
	}
	for (size_t i = 0; i < log.calls.n; i++) {
		const struct journal_call *c = &log.calls.v[i];

		if (c->id != 0 && c->id != i + 1)
			BUG("a call is not in its place");
		if (c->name == NULL || c->log == NULL)
			BUG("a call without its texts");
	}
}

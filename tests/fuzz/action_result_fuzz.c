/* SPDX-License-Identifier: MIT */
/* Any bytes as the result that a remote cache has given; and what was read is
 * written as it was read. */
#include "fuzz/fuzz.h"

#include <string.h>

#include "store/action_result.h"

/* The entry that says the same; of files and links in their two orders. */
static void
entry_of(struct arena *a, const struct action_result *r, struct cache_entry *x)
{
	*x = (struct cache_entry){ .task = "", .log = r->log };
	for (size_t i = 0; i < r->files.n; i++)
		vec_push(a, &x->files,
		    ((struct cache_file){ .path = r->files.v[i].path,
			.blob = r->files.v[i].blob,
			.mode = r->files.v[i].is_executable ? 0755 : 0644 }));
	for (size_t i = 0; i < r->links.n; i++)
		vec_push(a, &x->files,
		    ((struct cache_file){ .path = r->links.v[i].path,
			.link = r->links.v[i].to }));
}

static bool
is_same_blob(const struct cache_blob *a, const struct cache_blob *b)
{
	return strcmp(a->digest, b->digest) == 0 && a->size == b->size;
}

FUZZ_TARGET(action_result)
{
	struct arena *a cleanup_arena = arena_new();
	struct sb b cleanup_sb = SB_INIT;
	struct action_result r, again;
	struct cache_entry x;

	if (!action_result_read(a, text, &r))
		return;
	entry_of(a, &r, &x);
	if (r.exit_code == 0 && !action_result_fits(&r, &x))
		BUG("a result does not fit what it says");
	if (r.manifest.digest[0] == '\0')
		return;
	action_result_write(&x, &r.manifest, "w", &b);
	if (!action_result_read(a, sb_sv(&b), &again))
		BUG("what was written cannot be read");
	if (!action_result_fits(&again, &x) ||
	    !is_same_blob(&again.manifest, &r.manifest))
		BUG("what was written is read as something else");
}

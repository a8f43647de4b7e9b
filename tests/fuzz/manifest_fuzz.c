/* SPDX-License-Identifier: MIT */
/* Any bytes as the manifest that a remote cache has given: nothing that leaves
 * the tree, and nothing for somebody with a key that is not in them. */
#include "fuzz/fuzz.h"

#include <string.h>

#include "store/manifest.h"

#define KEY "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static const struct manifest_scope here = { "host/a", "branch", "t" };

static void
check_entry(const struct cache_entry *x)
{
	for (size_t i = 0; i < x->files.n; i++) {
		const struct cache_file *f = &x->files.v[i];

		if (!cache_path_is_good(f->path) || (f->mode & ~0777u) != 0)
			BUG("a path or a mode that is not to be");
		if ((f->own[0] | f->own[1]) != 0)
			BUG("somebody else's own digest");
		if (f->link != NULL && !cache_link_is_good(f->path, f->link))
			BUG("a link that leads out");
	}
}

FUZZ_TARGET(manifest)
{
	struct arena *a cleanup_arena = arena_new();
	struct sb first cleanup_sb = SB_INIT, second cleanup_sb = SB_INIT;
	struct cache_entry x;
	const char *why;

	if (manifest_read(a, KEY, text, &here, SV("a key of ours"), &x, &why) ==
	    MANIFEST_GOOD)
		BUG("somebody guesses signatures");
	if (why == NULL)
		BUG("no reason");
	if (manifest_read(a, KEY, text, &here, SV(""), &x, &why) !=
	    MANIFEST_GOOD)
		return;
	check_entry(&x);
	manifest_write(KEY, &x, &here, SV("a key of ours"), &first);
	if (manifest_read(a, KEY, sb_sv(&first), &here, SV("a key of ours"), &x,
		&why) != MANIFEST_GOOD)
		BUG("what was written cannot be read: %s", why);
	manifest_write(KEY, &x, &here, SV("a key of ours"), &second);
	if (!sv_eq(sb_sv(&first), sb_sv(&second)))
		BUG("what was written is read as something else");
}

/* SPDX-License-Identifier: MIT */
/*
 * An entry of the cache as an ActionResult of the remote-execution protocol, in
 * protobuf's form, which servers of the HTTP caching protocol keep under
 * /ac/KEY, and may read and write anew: they know by it which blobs belong
 * together.  What an entry has and an ActionResult has not (times, modes, which
 * bytes of the log came on which stream) stands in a manifest, a blob like the
 * others (manifest.h), whose digest lies in the metadata.
 * May include: base/.
 */
#ifndef STORE_ACTION_RESULT_H
#define STORE_ACTION_RESULT_H

#include "store/cache.h"

struct action_result {
	int64_t exit_code;
	VEC(struct action_file {
		const char *path;
		struct cache_blob blob;
		bool is_executable;
	}) files;
	VEC(struct action_link {
		const char *path;
		const char *to;
	}) links;
	struct cache_blob log; /* digest "": none */
	struct cache_blob manifest; /* likewise */
};

/* Files and links in the entry's order.  `worker` says who made it. */
void action_result_write(const struct cache_entry *x,
    const struct cache_blob *manifest, const char *worker, struct sb *out);
/* Any bytes; fields that are not known are passed over.  false: they are no
 * ActionResult.  Paths may be anything: they say what is expected, and are
 * compared, never used. */
bool action_result_read(struct arena *a, sv bytes, struct action_result *out);
/* Does it say the same as the entry? */
bool action_result_fits(
    const struct action_result *r, const struct cache_entry *x);

#endif

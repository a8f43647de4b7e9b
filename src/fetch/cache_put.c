/* SPDX-License-Identifier: MIT */
/*
 * An upload: the blobs that the remote does not have, then the manifest, then
 * the result, so that whoever finds a result finds all of it.
 */
#include "config.h"

#include "base/map.h"
#include "fetch/cache.h"
#include "store/action_result.h"

struct upload {
	struct session *s;
	struct arena *a;
	unsigned long id;
	const char *key;
	struct cache_entry entry;
	sv manifest, result;
	size_t n_open; /* blobs */
	struct upload *next;
};

static void
upload_leave(struct upload *u)
{
	struct upload **at = &u->s->uploads;

	transfers_drop(u->s, u);
	while (*at != u)
		at = &(*at)->next;
	*at = u->next;
	arena_free(u->a);
	free(u);
}

void
uploads_leave(struct session *s)
{
	while (s->uploads != NULL)
		upload_leave(s->uploads);
}

static void
upload_end(struct upload *u, const char *what, const char *text)
{
	session_answer(u->s, u->id, what, text);
	upload_leave(u);
}

static void
upload_give_up(
    struct upload *u, const struct transfer *t, enum transfer_end end)
{
	if (end == TRANSFER_ABSENT)
		upload_end(u, "failed", "status 404: it takes nothing");
	else
		upload_end(
		    u, end == TRANSFER_REFUSED ? "refused" : "failed", t->why);
}

static struct transfer *
put(struct upload *u, const char *folder, const char *digest,
    void (*done)(struct transfer *t, enum transfer_end end))
{
	struct transfer *t =
	    transfer_new(u->s, TRANSFER_PUT, folder, digest, u, done);

	t->is_upload = true;
	transfer_start(t);
	return t;
}

static void
on_result_put(struct transfer *t, enum transfer_end end)
{
	struct upload *u = t->owner;

	if (end == TRANSFER_OK)
		upload_end(u, "put", "");
	else
		upload_give_up(u, t, end);
}

static void
on_manifest_put(struct transfer *t, enum transfer_end end)
{
	struct upload *u = t->owner;

	if (end != TRANSFER_OK)
		upload_give_up(u, t, end);
	else
		put(u, "ac", u->key, on_result_put)->body = u->result;
}

static void
put_manifest(struct upload *u)
{
	char digest[SHA256_HEX + 1];

	sha256_text(u->manifest, digest);
	put(u, "cas", digest, on_manifest_put)->body = u->manifest;
}

static void
on_blob_put(struct transfer *t, enum transfer_end end)
{
	struct upload *u = t->owner;

	if (end != TRANSFER_OK)
		upload_give_up(u, t, end);
	else if (--u->n_open == 0)
		put_manifest(u);
}

static void
on_head(struct transfer *t, enum transfer_end end)
{
	if (end == TRANSFER_ABSENT) {
		struct upload *u = t->owner;

		put(u, "cas", t->blob.digest, on_blob_put)->blob = t->blob;
		return;
	}
	on_blob_put(t, end);
}

static void
offer_blob(struct upload *u, struct map *seen, const struct cache_blob *b)
{
	struct transfer *t;

	if (map_get(seen, sv_of(b->digest)) != NULL)
		return;
	map_put(seen, sv_of(b->digest), u);
	t = transfer_new(u->s, TRANSFER_HEAD, "cas", b->digest, u, on_head);
	t->is_upload = true;
	t->blob = *b;
	u->n_open++;
	transfer_start(t);
}

static void
upload_describe(struct upload *u)
{
	struct session *s = u->s;
	struct sb text cleanup_sb = SB_INIT, result cleanup_sb = SB_INIT;
	char digest[SHA256_HEX + 1];
	struct cache_blob manifest;

	manifest_write(u->key, &u->entry, &s->scope, s->secret, &text);
	u->manifest = sb_take(&text, u->a);
	sha256_text(u->manifest, digest);
	manifest = (struct cache_blob){ digest, u->manifest.n };
	action_result_write(&u->entry, &manifest, s->worker, &result);
	u->result = sb_take(&result, u->a);
}

void
upload_begin(struct session *s, unsigned long id, const char *key)
{
	struct arena *a = arena_new();
	struct upload *u = xcalloc(1, sizeof(*u));
	const struct cache_file *f;
	struct map *seen;

	*u = (struct upload){ .s = s,
		.a = a,
		.id = id,
		.key = arena_strdup(a, key),
		.next = s->uploads };
	s->uploads = u;
	if (cache_find(s->cache, a, key, &u->entry) != CACHE_FOUND) {
		upload_end(u, "refused", "it is not here any more");
		return;
	}
	upload_describe(u);
	seen = map_new(a);
	vec_each(&u->entry.files, f)
		if (f->link == NULL)
			offer_blob(u, seen, &f->blob);
	if (u->entry.log.digest[0] != '\0')
		offer_blob(u, seen, &u->entry.log);
	if (u->n_open == 0)
		put_manifest(u);
}

/* SPDX-License-Identifier: MIT */
#include "store/manifest.h"

#include "base/hmac.h"
#include "store/cache_internal.h"

#define HEAD     "prun-manifest 1"
#define UNSIGNED "-"

/* Texts from outside stay on their line. */
static void
manifest_add_line(struct sb *out, const char *word, const char *text)
{
	sb_printf(out, "%s ", word);
	for (; *text != '\0'; text++)
		sb_addc(out, (unsigned char)*text < ' ' ? '?' : *text);
	sb_addc(out, '\n');
}

/* Digests that are somebody's own rest on nothing where they come from others.
 */
static void
manifest_hide_own(struct cache_entry *x)
{
	for (size_t i = 0; i < x->files.n; i++)
		x->files.v[i].own[0] = x->files.v[i].own[1] = 0;
}

/* All but the signature. */
static void
manifest_add_head(struct sb *out, const struct manifest_scope *scope)
{
	sb_adds(out, HEAD "\n");
	manifest_add_line(out, "repository", scope->repository);
	manifest_add_line(out, "ref", scope->ref);
	manifest_add_line(out, "taskfiles", scope->taskfiles);
}

static void
manifest_sign(sv secret, sv head, sv entry, char out[SHA256_HEX + 1])
{
	struct sb all cleanup_sb = SB_INIT;

	sb_addv(&all, head);
	sb_addv(&all, entry);
	hmac_sha256(secret, sb_sv(&all), out);
}

void
manifest_write(const char *key, struct cache_entry *x,
    const struct manifest_scope *scope, sv secret, struct sb *out)
{
	struct sb head cleanup_sb = SB_INIT, entry cleanup_sb = SB_INIT;
	char signature[SHA256_HEX + 1] = UNSIGNED;
	struct cache_entry told = *x;

	told.parts.n = 0;
	manifest_hide_own(x);
	manifest_add_head(&head, scope);
	cache_entry_write(key, &told, &entry);
	if (secret.n > 0)
		manifest_sign(secret, sb_sv(&head), sb_sv(&entry), signature);
	sb_addv(out, sb_sv(&head));
	sb_printf(out, "signature %s\n", signature);
	sb_addv(out, sb_sv(&entry));
}

/* ---- reading ---- */

struct manifest_parts {
	sv head; /* the lines before the signature */
	sv repository, ref, taskfiles, signature;
	sv entry;
};

static bool
manifest_line(sv *text, const char *word, sv *out)
{
	sv line, name;

	return sv_cut(*text, '\n', &line, text) &&
	       sv_cut(line, ' ', &name, out) && sv_is(name, word);
}

static bool
manifest_split(sv text, struct manifest_parts *p)
{
	sv rest = text, line;

	if (!sv_cut(rest, '\n', &line, &rest) || !sv_is(line, HEAD) ||
	    !manifest_line(&rest, "repository", &p->repository) ||
	    !manifest_line(&rest, "ref", &p->ref) ||
	    !manifest_line(&rest, "taskfiles", &p->taskfiles))
		return false;
	p->head = sv_sub(text, 0, text.n - rest.n);
	if (!manifest_line(&rest, "signature", &p->signature))
		return false;
	p->entry = rest;
	return true;
}

/* NULL, or why it is not for us. */
static const char *
manifest_foreign(struct arena *a, const struct manifest_parts *p,
    const struct manifest_scope *scope, sv secret)
{
	char signature[SHA256_HEX + 1];

	if (secret.n == 0)
		return NULL;
	if (sv_is(p->signature, UNSIGNED))
		return "it is not signed";
	manifest_sign(secret, p->head, p->entry, signature);
	if (!hmac_equal(p->signature, sv_of(signature)))
		return "its signature is not by our key";
	if (!sv_is(p->repository, scope->repository))
		return arena_printf(a, "it is of another repository, %.*s",
		    SV_ARG(p->repository));
	if (!sv_is(p->taskfiles, scope->taskfiles))
		return "other Taskfiles made it";
	if (!sv_is(p->ref, "branch") && !sv_is(p->ref, scope->ref))
		return arena_printf(
		    a, "it is of another ref: %.*s", SV_ARG(p->ref));
	return NULL;
}

enum manifest_kind
manifest_read(struct arena *a, const char *key, sv text,
    const struct manifest_scope *scope, sv secret, struct cache_entry *out,
    const char **why)
{
	struct manifest_parts p;

	*why = "its manifest is damaged";
	if (!manifest_split(text, &p))
		return MANIFEST_BROKEN;
	if ((*why = manifest_foreign(a, &p, scope, secret)) != NULL)
		return MANIFEST_FOREIGN;
	*why = "its manifest is damaged, or of another key";
	if (!cache_entry_read(a, key, p.entry, out))
		return MANIFEST_BROKEN;
	manifest_hide_own(out);
	return MANIFEST_GOOD;
}

/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as the address of a Taskfile and, behind a newline, as an include
 * in it.  Whatever they are: the canonical form of an address is its own, no
 * password is shown, and an include that is no address of its own leads to no
 * other repository and to no other host.
 */
#include "fuzz/fuzz.h"

#include <string.h>

#include "taskfile/source.h"

static bool
fuzz_parse(struct arena *a, const char *address, struct source_address *x)
{
	struct err e cleanup_err = ERR_INIT;
	bool good = source_parse(a, address, x, &e);

	if (good == err_is_set(&e))
		BUG("failure without an error, or the other way round");
	return good;
}

static void
check_shown(struct arena *a, const char *address)
{
	const char *shown = source_redacted(a, address);
	struct source_address x;

	if (fuzz_parse(a, shown, &x) && x.url.has_password &&
	    !sv_is(x.url.password, "xxxxx"))
		BUG("a password is shown: %s", shown);
	shown = source_masked(a, shown);
	if (strcmp(source_masked(a, shown), shown) != 0)
		BUG("masked twice is not masked once: %s", shown);
}

static sv
without_slashes(sv path)
{
	while (sv_starts(path, SV("/")))
		path = sv_sub(path, 1, SIZE_MAX);
	while (sv_ends(path, SV("/")))
		path.n--;
	return path;
}

static void
check_include(struct arena *a, const char *address,
    const struct source_address *base, const char *ref)
{
	bool plain = strpbrk(ref, "?#%") == NULL;
	struct source_address x;
	const char *to;

	/* without a host nothing was read that could include */
	if (base->kind == SOURCE_FILE || base->url.host.n == 0 ||
	    source_kind_of(sv_of(ref)) != SOURCE_FILE ||
	    sv_starts(sv_of(ref), SV("//")))
		return;
	to = source_resolve_remote(a, address, base->kind, ref);
	if (!fuzz_parse(a, to, &x))
		return;
	if (!sv_eq(x.url.scheme, base->url.scheme) ||
	    !sv_eq(x.url.host, base->url.host) ||
	    !sv_eq(x.url.user, base->url.user))
		BUG("%s leads to another host: %s", ref, to);
	if (base->kind != SOURCE_GIT)
		return;
	if (x.kind != SOURCE_GIT ||
	    !sv_eq(without_slashes(x.repo.path),
		without_slashes(base->repo.path)))
		BUG("%s leads to another repository: %s", ref, to);
	if (plain && !sv_eq(x.ref, base->ref))
		BUG("%s leads to another branch: %s", ref, to);
}

FUZZ_TARGET(address)
{
	struct arena *a cleanup_arena = arena_new();
	struct source_address x, again;
	sv line, rest;
	const char *address, *canonical;

	sv_cut(text, '\n', &line, &rest);
	address = sv_cstr(a, line);
	source_masked(a, sv_cstr(a, text));
	if (!fuzz_parse(a, address, &x))
		return;
	if (x.kind != source_kind_of(sv_of(address)))
		BUG("two kinds: %s", address);
	canonical = source_text(a, &x.url, true);
	/* git's short form has no fragment, so '#' is a letter of its query */
	if (x.kind != SOURCE_FILE && strstr(address, "://") != NULL &&
	    fuzz_parse(a, canonical, &again) &&
	    strcmp(source_text(a, &again.url, true), canonical) != 0)
		BUG("not canonical: %s", canonical);
	if (x.kind != SOURCE_FILE)
		check_shown(a, address);
	check_include(a, address, &x, sv_cstr(a, rest));
}

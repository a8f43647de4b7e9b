/* SPDX-License-Identifier: MIT */
/*
 * Where Taskfiles lie: names tried in a folder, remote addresses, and how an
 * address inside one file leads to the next.  Shared by find.c, read.c, rc.c
 * and by cli/, which fetches.
 * May include: base/, template/.
 */
#ifndef TASKFILE_SOURCE_H
#define TASKFILE_SOURCE_H

#include "base/err.h"
#include "base/str.h"
#include "base/vec.h"
#include "go/url.h"

enum source_kind { SOURCE_FILE, SOURCE_HTTP, SOURCE_GIT, SOURCE_STDIN };

/* What an address is, by its looks (C-600). */
enum source_kind source_kind_of(sv address);

/* A remote address taken apart; parts live in the arena. */
struct source_address {
	enum source_kind kind;
	struct url url;	 /* whole; git's short form of ssh made long */
	/* git: the repository alone, the branch or tag, the path inside */
	struct url repo;
	sv ref, inside;
};
/* ERR_GENERIC with Go's text. */
bool source_parse(struct arena *a, const char *address,
    struct source_address *out, struct err *e);
/* The text of a URL; without its password, "xxxxx" stands there (C-601). */
const char *source_text(struct arena *a, const struct url *u,
    bool with_password);
/* The address as messages, caches and variables name it: in the canonical
 * form and without its password. */
const char *source_redacted(struct arena *a, const char *address);
/* Any text that is kept, such as a word of the command line: in all addresses
 * in it passwords, users alone (tokens) and `?token=` are replaced alike.  A text
 * without any is given back itself. */
const char *source_masked(struct arena *a, const char *text);
/* `ref` as written in the remote file at `base` (C-616). */
const char *source_resolve_remote(struct arena *a, const char *base,
    enum source_kind kind, const char *ref);

/* The eight names of a Taskfile, in order (L-001); ends with NULL. */
extern const char *const taskfile_names[];

enum search_result { SEARCH_FOUND, SEARCH_NONE, SEARCH_DENIED, SEARCH_ERROR };

/* A file is itself; in a folder the first of `names` that exists.  *out is
 * absolute. */
enum search_result source_search(struct arena *a, const char *path,
    const char *const *names, const char **out, struct err *e);
/* The same in `dir` and the folders above it, until one is found or the owner
 * changes (SEARCH_DENIED); with `all` it goes on and collects every one. */
enum search_result source_walk(struct arena *a, const char *dir,
    const char *const *names, bool all,
    void (*found)(void *ctx, const char *path), void *ctx, struct err *e);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * From a place on disk to one merged Taskfile: finding, decoding, the graph of
 * includes, merging, dotenv files and the .taskrc configuration.
 * May include: base/, yaml/, template/.
 */
#ifndef TASKFILE_TASKFILE_H
#define TASKFILE_TASKFILE_H

#include "base/err.h"
#include "taskfile/file_text.h"
#include "taskfile/model.h"
#include "template/template.h"

/*
 * L-001 to L-008: where the Taskfile is.  `entrypoint` is -t ("" : search),
 * `dir` is -d made absolute ("" : none), `cwd` the process's directory.
 * On success *path is the absolute location ("__stdin__" for -) and *root_dir
 * the directory of root tasks (L-006).
 */
bool taskfile_find(struct arena *a, const char *entrypoint, const char *dir,
    const char *cwd, const char **path, const char **root_dir, struct err *e);

/* Transfer of a remote file, given by cli/ (this layer cannot spawn); NULL
 * means remote Taskfiles cannot be had.  `check` says whether the address may
 * be used at all, before anything is read (C-601); an optional include whose
 * address may not is left out.  `expect` says in advance what will be read, so that it
 * can be fetched side by side; it says nothing and fails nothing.  `read` returns
 * text or an error. */
struct remote_ops {
	bool (*check)(void *ctx, struct arena *a, const char *location,
	    struct err *e);
	void (*expect)(void *ctx, const char *location);
	bool (*read)(void *ctx, struct arena *a, const char *location,
	    const char *checksum_pin, sv *text, struct err *e);
	void *ctx;
};

struct load_options {
	const char *path;     /* of taskfile_find() */
	const char *root_dir;
	const char *cwd;
	sv stdin_text;	      /* for "__stdin__" */
	const char *phases_dir; /* where `prun:NAME` includes lie; NULL: none */
	struct map *env; /* the environment: name → text; NULL: empty */
	struct templater *templater;
	const struct remote_ops *remote; /* NULL: none */
	bool compat;	      /* `prun:` is an ordinary path */
};

/* Reads, decodes and merges all files.  The model lives in `a`. */
bool taskfile_load(struct arena *a, const struct load_options *o,
    struct taskfile **out, struct err *e);

/* One file's text to an unmerged model; for read.c, tests and fuzzing. */
bool taskfile_decode(struct arena *a, struct file_text *text,
    const char *location, const char *cwd, struct taskfile **out,
    struct err *e);

/*
 * Parses a dotenv text (L-120 to L-123) into `out` (name → NUL-terminated
 * string) in order; names that are there already are kept.
 */
bool dotenv_parse(struct arena *a, sv text, struct map *out, struct err *e);

struct rc_header {
	const char *host, *name, *value;
};

/* What .taskrc.yml files say (C-500 to C-505); the environment is the
 * caller's. */
struct taskrc {
	enum tristate verbose, silent, color, disable_fuzzy, interactive,
	    failfast, insecure, offline;
	bool has_concurrency;
	int concurrency;
	const char *temp_dir; /* NULL: not given */
	struct map *experiments; /* name → const char * number text */
	int64_t remote_timeout_ns, remote_expiry_ns; /* -1: not given */
	const char *remote_cache_dir, *cacert, *cert, *cert_key;
	string_vec trusted_hosts;
	VEC(struct rc_header) headers;
};

struct taskrc_world {
	const char *(*getenv_fn)(void *ctx, const char *name);
	void *ctx;
	/* may a file be read that was found on the way up?  NULL: all may */
	bool (*may_read)(void *ctx, const char *path);
	void *may_read_ctx;
};
/* Reads and merges the config files for `dir`; a broken one is an error that
 * names it (decisions: C-504). */
bool taskrc_load(struct arena *a, const char *dir,
    const struct taskrc_world *w, struct taskrc *out, struct err *e);

#endif

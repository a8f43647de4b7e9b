/* SPDX-License-Identifier: MIT */
/*
 * Remote Taskfiles (C-600 to C-642): what is asked of the network, what is
 * taken from the cache, and what the user is asked first.  The transfer itself
 * is done by other programs, prun-fetch and git.  Nothing here reads options,
 * the environment or the terminal: the caller hands in what is wanted.
 * May include: base/ to vcs/.
 */
#ifndef REMOTE_REMOTE_H
#define REMOTE_REMOTE_H

#include "taskfile/taskfile.h"
#include "template/template.h"

/* All of it is the caller's and lives as long as what is opened with it. */
struct remote_options {
	const char *root;      /* the entrypoint, named when the time is up */
	const char *cache_dir; /* of remote_cache_dir() */
	bool offline, download, insecure;
	/* older copies are fetched again; all reading together may take */
	int64_t expiry_ns, timeout_ns;
	const char *cacert, *cert, *cert_key; /* PEM files; "": none */
	const string_vec *trusted_hosts;      /* host[:port] */
	const struct rc_header *headers;
	size_t n_headers;
	struct templater *templater; /* for the values of headers */
	/* the running program, beside which prun-fetch is looked for */
	const char *self;
	/* for git, and for PRUN_FETCH, XDG_CACHE_HOME, HOME and TMPDIR;
	 * NULL-ended */
	char *const *env;
	bool compat; /* no words that go-task has not */
	/* A line for --verbose, without its end; NULL: not wanted. */
	void (*say)(void *ctx, const char *line);
	/* Asks the user; false where nobody can be asked.  The time that it
	 * takes is none of the network's. */
	bool (*ask)(void *ctx, const char *question);
	void *ctx;
};

struct remote;

/* The time of `timeout_ns` runs from here; memory is of `a`. */
struct remote *remote_open(struct arena *a, const struct remote_options *o);
/* For taskfile_load(); as long as `r` is open. */
const struct remote_ops *remote_ops(struct remote *r);
/* Ends what is under way and removes the clones of this run. */
void remote_close(struct remote *r);

/* prun-fetch: PRUN_FETCH of `env`, else what lies beside the running program
 * (a build, an installation that was moved), else the place it was installed
 * to; NULL: there is none, and *where says where it should be. */
const char *remote_fetch_program(struct arena *a, const char *self,
    char *const *env, const char **where);

/* C-602: the folder of the copies: `told` (--remote-cache-dir), else
 * TASK_REMOTE_DIR of `env`, else `temp_dir` (--temp-dir), else ".task";
 * relative ones lie in `root_dir`. */
const char *remote_cache_dir(struct arena *a, const char *told,
    const char *temp_dir, const char *root_dir, char *const *env);
/* C-107: forgets all copies in it. */
bool remote_clear_cache(const char *cache_dir, struct err *e);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Shared by the files of this folder: the policy (remote.c), whom it trusts
 * (trust.c), the copies on disk (cache.c), web servers (http.c), repositories
 * (git.c), and what is under way at a time (flight.c).
 * May include: base/ to vcs/.
 */
#ifndef REMOTE_INTERNAL_H
#define REMOTE_INTERNAL_H

#include "exec/capture.h"
#include "remote/remote.h"
#include "taskfile/source.h"

/* A chain of programs that fetches something; the first member of what knows
 * what. */
struct flight {
	/* starts the first program, or takes in what the last one said and
	 * starts another, or says that it is done */
	void (*next)(struct remote *r, struct flight *f);
	struct capture_job *job; /* the program that runs, or NULL */
	bool done;
	struct err e; /* when done; ERR_FETCH_TIMEOUT: too late, without a
		       * message for the user yet */
};

struct remote {
	const struct remote_options *o;
	struct arena *a;
	struct remote_ops ops;
	int64_t deadline_ns;    /* monotonic */
	bool files_checked;     /* --cacert, --cert and --cert-key were read */
	const char *program;    /* prun-fetch, once it is found */
	const char *clones;     /* folder of this run's clones, or NULL */
	struct map *by_repo;    /* host/path/ref → struct clone * */
	struct map *by_address; /* struct web_file *, fetched ahead */
	VEC(struct flight *) flights; /* all, in order */
};

/* One remote file on its way. */
struct remote_file {
	struct source_address at;
	const char *location; /* canonical, without the password */
	const char *shown;    /* the same without tokens, too, for messages */
	const char *cached, *checksum, *timestamp; /* paths of the copies */
};

/* ---- flight.c ---- */

void flight_add(struct remote *r, struct flight *f);
/* Waits until it is done, while others go on. */
bool flight_land(struct remote *r, struct flight *f, struct err *e);
/* The deadlines of all that runs are so much later. */
void flights_give_time(struct remote *r, int64_t ns);
/* Ends all that is under way. */
void flights_stop(struct remote *r);

/* ---- remote.c ---- */

/* A line of --verbose (M-78). */
void remote_say(struct remote *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* A variable of the environment that was handed in; NULL: none. */
const char *remote_env(char *const *env, const char *name);

/* ---- trust.c ---- */

/* Content that came, and what is known of it. */
struct remote_claim {
	const char *shown; /* its address */
	sv host;           /* host[:port] as it stands there */
	sv from;  /* another host, to which redirects led; "": none did */
	sv known; /* the checksum that was trusted last; "": none */
	const char *sum; /* that of the content */
};
/* What the user is to be asked before it is used (C-607); NULL: nothing. */
const char *remote_question(struct arena *a, const string_vec *trusted_hosts,
    const struct remote_claim *claim);

/* ---- cache.c ---- */

/* C-603: sets the three paths below `dir`. */
bool remote_cache_paths(
    struct arena *a, const char *dir, struct remote_file *f, struct err *e);
/* When the copy was made, in seconds since 1970; without a readable
 * timestamp Go's zero time. */
int64_t remote_cache_time(struct remote *r, const struct remote_file *f);
/* The checksum of the last copy that was trusted; "" when there is none. */
sv remote_cache_checksum(struct remote *r, const struct remote_file *f);
/* The content of the copy; false: it cannot be read, or is not what was
 * trusted.
 */
bool remote_cache_read(struct remote *r, const struct remote_file *f, sv *text);
bool remote_cache_write(struct remote *r, const struct remote_file *f,
    const char *checksum, int64_t now_s, sv text, struct err *e);
/* RFC 3339 in UTC. */
const char *remote_time_text(struct arena *a, int64_t sec);

/* ---- http.c ---- */

/* C-618: the files of --cacert, --cert and --cert-key can be used. */
bool remote_http_check_files(struct remote *r, struct err *e);
/* The file is wanted soon: its way begins. */
void remote_http_begin(struct remote *r, const struct remote_file *f);
/* C-610 to C-613; `from` as in struct remote_claim.  ERR_FETCH_TIMEOUT: too
 * late, without a message for the user yet. */
bool remote_http_read(struct remote *r, const struct remote_file *f, sv *text,
    sv *from, struct err *e);

/* ---- git_env.c ---- */

bool remote_is_web(const struct url *u);
/* For a clone of `repo`; quiet: git asks nobody.  NULL-ended. */
char *const *remote_git_env(
    struct remote *r, const struct url *repo, bool quiet);

/* ---- git.c ---- */

void remote_git_begin(struct remote *r, const struct remote_file *f);
/* C-640; errors as above. */
bool remote_git_read(struct remote *r, const struct remote_file *f, sv *text,
    sv *from, struct err *e);

#endif

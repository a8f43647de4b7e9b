/* SPDX-License-Identifier: MIT */
/*
 * Shared by the remote*.c files: the policy (remote.c), the copies on disk
 * (remote_cache.c), web servers (remote_http.c), repositories (remote_git.c), and
 * what is under way at a time (remote_flight.c).
 * May include: everything below cli/.
 */
#ifndef CLI_REMOTE_INTERNAL_H
#define CLI_REMOTE_INTERNAL_H

#include "cli/remote.h"
#include "exec/capture.h"
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
	struct app *app;
	struct arena *a; /* of the app */
	struct remote_ops ops;
	int64_t deadline_ns; /* monotonic */
	const char *cache_dir; /* where the copies lie */
	bool files_checked;  /* --cacert, --cert and --cert-key were read */
	const char *program; /* prun-fetch, once it is found */
	const char *clones;  /* folder of this run's clones, or NULL */
	struct map *by_repo; /* host/path/ref → struct clone * */
	struct map *by_address; /* struct web_file *, fetched ahead */
	VEC(struct flight *) flights; /* all, in order */
};

/* One remote file on its way. */
struct remote_file {
	struct source_address at;
	const char *location; /* canonical, without the password */
	const char *cached, *checksum, *timestamp; /* paths of the copies */
};

/* ---- remote_flight.c ---- */

void flight_add(struct remote *r, struct flight *f);
/* Waits until it is done, while others go on. */
bool flight_land(struct remote *r, struct flight *f, struct err *e);
/* The deadlines of all that runs are so much later. */
void flights_give_time(struct remote *r, int64_t ns);
/* Ends all that is under way. */
void flights_stop(struct remote *r);

/* A line of --verbose (M-78). */
void remote_say(struct remote *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* M-24; the address named is that of the root (C-614). */
bool remote_timed_out(struct remote *r, struct err *e);

/* ---- remote_cache.c ---- */

/* C-602: the folder of the copies. */
const char *remote_cache_dir(struct app *app);
/* C-603: sets the three paths. */
bool remote_cache_paths(struct remote *r, struct remote_file *f,
    struct err *e);
/* When the copy was made, in seconds since 1970; without a readable
 * timestamp Go's zero time. */
int64_t remote_cache_time(struct remote *r, const struct remote_file *f);
/* The checksum of the last copy that was trusted; "" when there is none. */
sv remote_cache_checksum(struct remote *r, const struct remote_file *f);
bool remote_cache_write(struct remote *r, const struct remote_file *f,
    const char *checksum, int64_t now_s, sv text, struct err *e);
/* RFC 3339 in UTC. */
const char *remote_time_text(struct arena *a, int64_t sec);

/* ---- remote_http.c ---- */

/* C-618: the files of --cacert, --cert and --cert-key can be used. */
bool remote_http_check_files(struct remote *r, struct err *e);
/* The file is wanted soon: its way begins. */
void remote_http_begin(struct remote *r, const struct remote_file *f);
/* C-610 to C-613.  ERR_FETCH_TIMEOUT: too late, without a message for the
 * user yet. */
bool remote_http_read(struct remote *r, const struct remote_file *f, sv *text,
    struct err *e);

/* ---- remote_git.c ---- */

void remote_git_begin(struct remote *r, const struct remote_file *f);
/* C-640; errors as above. */
bool remote_git_read(struct remote *r, const struct remote_file *f, sv *text,
    struct err *e);

#endif

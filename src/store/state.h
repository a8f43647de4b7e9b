/* SPDX-License-Identifier: MIT */
/*
 * Where prun keeps what it knows of a repository (P-901): folders, run ids,
 * the folder of a run with its logs, the removal of old ones (P-405), and a
 * short private folder for sockets.  Nothing here is
 * needed for a run to be right: where a folder cannot be made, callers go on
 * without it.
 * May include: base/, template/ (dates).
 */
#ifndef STORE_STATE_H
#define STORE_STATE_H

#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"

/* What the environment says; NULL or "" where it says nothing. */
struct state_env {
	const char *home, *xdg_state_home, *xdg_cache_home, *xdg_runtime_dir;
};
struct state_env state_env_of_process(void);

struct state_options {
	const char *root_dir; /* of the repository or project, absolute */
	const char *dir;      /* [state] dir; NULL or "" : the default.  Relative
			       * to root_dir. */
	const char *logs;     /* [logs] dir, likewise; "" or NULL: below dir */
	struct state_env env;
};

/* Paths of one repository; nothing is created before it is needed. */
struct state {
	const char *root;
	const char *dir;   /* logs, history, receipts */
	const char *cache; /* what may be deleted at any time */
	const char *runs;  /* dir + "/runs", or [logs] dir */
	bool runs_apart;   /* it is [logs] dir, maybe in a work tree of git */
};
void state_init(struct arena *a, const struct state_options *o,
    struct state *out);
/* `name` below the state folder, which is made when `make`. */
char *state_path(struct arena *a, const struct state *s, const char *name);
bool state_make(const struct state *s, struct err *e);

/* What tells one repository from all others: its folder's name and a hash of
 * its path. */
char *state_key(struct arena *a, const char *root);
/* A name for a file made of any text: letters, digits, ".", "_", "-", never
 * empty, never with a leading dot, at most 80 bytes (P-404). */
char *state_file_name(struct arena *a, const char *text);

/* ---- runs ---- */

/* A run's folder, held by a lock until run_dir_close(). */
struct run_dir {
	const char *id;	    /* "20261121-094617-123456", sorts by time (UTC) */
	const char *path;   /* "" when there is none */
	const char *events; /* path + "/events.jsonl" */
	int lock_fd;
	bool is_unlocked; /* it cannot be locked there */
	uint64_t size;    /* bytes, once it is closed */
};
#define RUN_DIR_INIT { "", "", "", -1, false, 0 }

/* The lock, in that folder; its text is RUN_LOCK_LIVE and the process while
 * that goes on. */
#define RUN_LOCK_NAME "lock"
#define RUN_LOCK_LIVE "live "
/* Of one that was left to itself: what it prints, locked until its program has
 * ended, and how that ended. */
#define RUN_OUTPUT_NAME "output.log"
#define RUN_EXIT_NAME "exit"

/* The id for a time alone, for where nothing can be written. */
char *run_id_text(struct arena *a, int64_t now_ns);
/* Makes the folder of a new run.  The id is unique also where several runs
 * start at once. */
bool run_dir_new(struct arena *a, const struct state *s, int64_t now_ns,
    struct run_dir *out, struct err *e);
/* The run is one of a session's: it is not counted among those that are kept,
 * and stays as long as the folder of that is below "sessions". */
void run_dir_of_session(const struct run_dir *r, const char *session);
/* Gives the lock up, and notes the size of the folder in its file. */
void run_dir_close(struct run_dir *r);
/* Adding up the sizes of all runs takes a look at each of them.  Is it time for
 * that behind this one?  Behind one in five, and behind each that is not small
 * beside the bound. */
bool run_dir_is_heavy(const struct run_dir *r, uint64_t max_size);
/* "logs/0007-build.log", seen from the folder of the run. */
char *run_log_name(struct arena *a, unsigned number, const char *task_name);
/* runs/ID/logs/0007-build.log, its folder made; P-404. */
char *run_log_path(struct arena *a, const struct run_dir *r, unsigned number,
    const char *task_name);

typedef VEC(const char *) state_names;

/* Ids, newest first. */
void state_runs(struct arena *a, const struct state *s, state_names *out);
/* Folder of a run by id or its unambiguous beginning; NULL and an error when
 * there is none.  What is no id is none, whatever path it looks like. */
char *state_run_path(struct arena *a, const struct state *s, const char *id,
    struct err *e);
/* Is a process still at it? */
bool state_run_is_live(struct arena *a, const struct state *s, const char *id);
/* The same by the folder of a run. */
bool run_dir_is_live(const char *path);
/* Removes the oldest runs beyond `keep` (0: no bound) and beyond `max_size`
 * bytes in all (0: no bound), never `current` nor a live one (P-405); one that
 * was left to itself stays beyond `keep` for an hour from its end. */
void state_prune(struct arena *a, const struct state *s, size_t keep,
    uint64_t max_size, const char *current);

#endif

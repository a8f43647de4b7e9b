/* SPDX-License-Identifier: MIT */
/*
 * Is a task up to date?  go-task's .task files byte for byte (C-300 to C-328),
 * beside them .task/prun with what D-1 to D-3 add.  Nothing is recorded before
 * the task has succeeded, and what is being executed is marked as unfinished
 * until then.  The order of calls for one task:
 *
 *	fp_check → stale → fp_lock_try (before the first command)
 *	→ fp_record | fp_forget | fp_unlock
 *
 * May include: base/, template/, taskfile/, compile/.
 */
#ifndef FINGERPRINT_FP_H
#define FINGERPRINT_FP_H

#include "base/err.h"
#include "compile/compile.h"

struct fp;

/* All strings are lent until fp_free(). */
struct fp_options {
	const char *temp_dir; /* absolute state folder (C-300) */
	const char *root_dir;
	const char *memo_path; /* digest memo (P-1003); NULL: none */
	const char *default_method; /* of the Taskfile; "" : checksum */
	bool dry;	      /* writes nothing */
	bool compat;	      /* without D-2 and D-3 */
	int (*threads)(void); /* how many read large trees; NULL: one */
	const char *run_id;   /* who holds a lock; NULL: "" */
	/* variables of the environment that say nothing of what a task does,
	 * NULL-ended; or NULL */
	const char *const *ignored_env;
	const vars *cli_vars; /* NAME=value of the command line; or NULL */
	const vars *file_vars; /* of the root Taskfile, to name the changed
				* ones; or NULL */
	struct compiler *compiler; /* to see what calls would run; NULL: they
				    * count by their names */
	int64_t (*now)(void); /* ns of the epoch; NULL: the real clock */
};
struct fp *fp_new(const struct fp_options *o);
/* Were there marks of work under way that could not be locked?  Other runs have
 * not seen them. */
bool fp_is_unlocked(const struct fp *f);
/* How often a file was not read, since its digest was remembered. */
unsigned fp_digests_kept(const struct fp *f);
/* Something may have changed: time has passed, or something has run or been
 * put in place.  Between two of these the same file is looked at once for all
 * tasks that name it.  NULL is fine. */
void fp_look_again(struct fp *f);
/* Its state folder (C-300). */
const char *fp_temp_dir(const struct fp *f);
/* Writes the digest memo when it changed, gives up locks, and frees. */
void fp_free(struct fp *f);

/* What fp_check() found, for fp_record() and --explain; all in the arena. */
struct fp_state {
	bool has_sources;    /* the sources part applies */
	bool up_to_date;     /* by sources (status is the engine's) */
	bool busy;	     /* another process is executing it (P-114) */
	const char *reason;  /* why not: "source added: a.c", "command changed" */
	string_vec reasons;  /* all that is known (P-507) */
	const char *method;  /* "checksum", "timestamp", "none" */
	uint64_t hash[2];    /* checksum: high, low */
	void *snapshot;      /* sources as seen, to notice changes meanwhile */
};

/* The sources part (C-310 to C-319) plus D-2, D-3 unless compat.  Writes
 * nothing.  false for an invalid method only (`task: invalid method "x"`);
 * what cannot be read is stale. */
bool fp_check(struct fp *f, struct arena *a, const struct ctask *t,
    struct fp_state *out, struct err *e);
/* After success: writes the .task file and prun's record, unless a source
 * changed while the task ran (then *disturbed; `disturbed` may be NULL). */
bool fp_record(struct fp *f, struct arena *a, const struct ctask *t,
    const struct fp_state *s, bool *disturbed, struct err *e);
/* After failure, cancel or timeout: removes what says that it was done (C-315).
 * An error is Go's `remove PATH: …` (M-71): there was nothing to remove. */
bool fp_forget(struct fp *f, struct arena *a, const struct ctask *t,
    struct err *e);

/* ---- two pruns in one repository (P-114) ---- */

/* Who executes a task. */
struct fp_owner {
	long pid;
	const char *run; /* run id; "" when unknown */
};
enum fp_lock {
	FP_LOCK_TAKEN, /* go on; also where nothing can be or need be locked */
	FP_LOCK_BUSY,  /* *owner is at it: ask again later, then check again */
	FP_LOCK_OURS,  /* as busy, but by this process: nothing to wait for */
};
/* Marks a task with sources as being executed, also under --force.  The mark
 * vanishes with fp_record() and fp_forget(); when the process dies it stays,
 * unlocked, and says that the work was not finished (D-1).  `owner` may be
 * NULL. */
enum fp_lock fp_lock_try(struct fp *f, struct arena *a, const struct ctask *t,
    struct fp_owner *owner);
/* Takes the mark away without a verdict: a forced run that passed (C-316). */
void fp_unlock(struct fp *f, struct arena *a, const struct ctask *t);

/* ---- for compile/ and others ---- */

/* Files of globs, sorted, absolute (C-330 to C-343). */
bool fp_files(struct arena *a, const char *dir, const glob_vec *globs,
    bool use_gitignore, string_vec *out, struct err *e);
/* For compiler.files: the same, `ctx` unused. */
bool fp_files_for(void *ctx, struct arena *a, const char *dir,
    const glob_vec *globs, bool use_gitignore, string_vec *out, struct err *e);
/* For compiler.checksum and compiler.timestamp: the value of the task's own
 * method, "" for the other's (C-327). */
bool fp_checksum_value(void *fp, struct arena *a, const struct ctask *t,
    value *out, struct err *e);
bool fp_timestamp_value(void *fp, struct arena *a, const struct ctask *t,
    value *out, struct err *e);

#endif

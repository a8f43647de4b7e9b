/* SPDX-License-Identifier: MIT */
/* What the files of fingerprint/ share. */
#ifndef FINGERPRINT_INTERNAL_H
#define FINGERPRINT_INTERNAL_H

#include "fingerprint/called.h"
#include "fingerprint/checksum.h"
#include "fingerprint/fp.h"
#include "fingerprint/record.h"

struct held; /* unfinished.c: a mark that this process holds */

/* The marks that were in .task/prun when it was last read. */
struct mark_list {
	struct arena *arena; /* NULL: it was not read yet */
	struct file_sig dir;
	string_vec names;
};

struct fp {
	struct fp_options o;
	struct memo *memo;
	struct look *look;
	struct called *called; /* NULL in compat */
	struct held *held;
	struct arena *arena; /* of `contended` */
	struct map *contended; /* marks that two calls wanted at once */
	struct map *names; /* of fp_name_of() */
	struct mark_list marks;
	bool is_unlocked; /* a mark could not be locked */
};

enum fp_method { METHOD_CHECKSUM, METHOD_TIMESTAMP, METHOD_NONE };

/* Where things of one task lie; all absolute. */
struct fp_paths {
	const char *checksum, *timestamp; /* go-task's files */
	const char *dir;    /* .task/prun */
	const char *record; /* of this variant */
	const char *mark;   /* while it is being executed */
	/* How the names of all marks end whose work goes into the same file of
	 * go-task's. */
	const char *shared_end;
	/* How the names of all records begin whose work does, and more: what
	 * reads alike, or is too long to be told apart. */
	const char *shared_start;
};

/* What was seen at fp_check(), for fp_record(). */
struct snapshot {
	enum fp_method method;
	struct fp_paths paths;
	int64_t at_ns;
	bool readable; /* all sources could be read */
	bool has_outputs; /* every entry of `generates` matched something */
	struct source_list sources;
	part_vec parts;
	struct map *programs; /* as in recipe_input */
	struct map *outputs; /* path → digest, without reading it; or NULL */
};

bool fp_method_of(const struct fp *f, const struct ctask *t,
    enum fp_method *out, struct err *e);
void fp_paths_of(struct fp *f, struct arena *a, const struct ctask *t,
    struct fp_paths *out);

/* A text as records may keep it (P-406).  In compat they are go-task's, and so
 * is what they keep. */
const char *fp_kept(const struct fp *f, struct arena *a, const char *text);
/* The recipe of a task, as records may keep it; `look` as in recipe_input. */
void fp_recipe(const struct fp *f, struct arena *a, const struct ctask *t,
    struct look *look, struct map *programs, part_vec *out);
const char *fp_method_name(enum fp_method m);
struct recipe_input fp_recipe_input(const struct fp *f, const struct ctask *t);
/* In the order in which records have them: what the run itself may have changed
 * comes last. */
void fp_order_parts(struct arena *a, part_vec *parts);
/* Has the run itself perhaps changed it?  What a call would run has programs of
 * the project in it as well. */
bool fp_is_made_by_run(const struct part *p);
/* What go-task's checksum file says; "" where it is missing. */
const char *fp_stored_checksum(struct arena *a, const char *path);

/* ---- files.c ---- */

/* The sources as they are now, without prun's own state. */
bool fp_read_sources(struct fp *f, struct arena *a, const struct ctask *t,
    enum fp_method method, struct source_list *out, struct err *e);
/* As records hold them, sorted by path. */
record_file_vec fp_recorded_sources(const struct fp *f, struct arena *a,
    const struct source_list *l);
record_file_vec fp_recorded_outputs(struct fp *f, struct arena *a,
    const found_files *outputs, const struct map *known);
/* What `generates` names, ignored files as well, which outputs mostly are;
 * `unmatched` gets the entries that match nothing, and may be NULL. */
void fp_outputs(struct arena *a, const struct ctask *t, found_files *out,
    string_vec *unmatched);
/* The same without what git ignores. */
void fp_outputs_seen_by_git(const struct fp *f, struct arena *a,
    const struct ctask *t, found_files *out);

/* ---- unfinished.c ---- */

enum unfinished_state {
	MARK_NONE,
	MARK_BUSY, /* somebody holds it */
	MARK_LEFT, /* whoever held it is gone, or it failed */
};
/* A mark that this process holds counts as what it found when it took it. */
enum unfinished_state unfinished_look(
    struct fp *f, struct arena *a, const char *path, struct fp_owner *owner);
enum fp_lock unfinished_take(
    struct fp *f, struct arena *a, const char *path, struct fp_owner *owner);
/* Of all marks in the folder whose names have that end, but for those that this
 * process holds: is one of them left, or held by others? */
enum unfinished_state unfinished_look_all(
    struct fp *f, struct arena *a, const char *dir, const char *end);
/* Removes those of them that nobody holds. */
void unfinished_clear_all(
    struct fp *f, struct arena *a, const char *dir, const char *end);
bool unfinished_is_held(const struct fp *f, const char *path);
/* Did two calls of this process ever want it at once? */
bool unfinished_is_contended(const struct fp *f, const char *path);
/* Gives the mark up, and removes it unless `keep`. */
void unfinished_release(struct fp *f, const char *path, bool keep);
void unfinished_release_all(struct fp *f);

/* ---- timestamp.c ---- */

/* Signatures without contents; the digest of a source is its size and time. */
bool sources_stat(struct memo *m, struct arena *a, const found_files *files,
    struct source_list *out);
/* C-317 without writing: says what is newer, or why there is no time to compare
 * with; nothing when it is up to date. */
void timestamp_check(struct arena *a, const struct ctask *t, const char *file,
    const struct source_list *sources, const found_files *outputs,
    string_vec *reasons);
/* Creates the file where it is missing, and sets its time. */
bool timestamp_write(struct arena *a, const char *file, int64_t at_ns,
    struct err *e);

#endif

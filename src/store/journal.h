/* SPDX-License-Identifier: MIT */
/*
 * The journal of a run: events.jsonl in its folder, one JSON object a line,
 * written as things happen, so that the run can be followed while it goes on.
 * `--log`, `--failed` and reports read nothing else, and `--events` hands on
 * the same lines.  journal_fields.h says which lines there are and what is in
 * them; each has "ev", its kind.
 *
 * Times are ns since the start of the run, but for "at".  Texts that somebody
 * else wrote go through the mask of the journal, so that none keeps a secret.
 * May include: base/, go/ (JSON).
 */
#ifndef STORE_JOURNAL_H
#define STORE_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "base/vec.h"
#include "store/journal_fields.h"

/* What is written.  Readers take all up to it: 1 had a line per call, at its
 * end, and none of jobs. */
enum {
	JOURNAL_FORMAT = 2
};

typedef VEC(const char *) journal_words;

enum journal_line {
#define X(name, ev, object, text) JOURNAL_LINE_##name,
	JOURNAL_LINES(X)
#undef X
	JOURNAL_LINE_COUNT
};

/* The objects; NULL texts read as "". */
#define X(kind, name, ...) JOURNAL_TYPE_##kind name;
struct journal_run {
	JOURNAL_RUN_FIELDS(X)
};
struct journal_call {
	JOURNAL_CALL_FIELDS(X)
};
struct journal_job {
	JOURNAL_JOB_FIELDS(X)
};
struct journal_end {
	JOURNAL_END_FIELDS(X)
};
struct journal_sample {
	JOURNAL_SAMPLE_FIELDS(X)
};
struct journal_gap {
	JOURNAL_GAP_FIELDS(X)
};
#undef X

/* ---- the table, for who walks over fields ---- */

struct journal_field {
	enum journal_kind kind;
	size_t at; /* in the struct */
	const char *key, *text;
	unsigned lines; /* bits: 1 << enum journal_line */
};
struct journal_object {
	const struct journal_field *fields;
	size_t n;
};
struct journal_line_def {
	const char *ev, *text;
	const struct journal_object *object;
};
extern const struct journal_line_def journal_lines[JOURNAL_LINE_COUNT];

/* Appends the JSON schema of a line, made of the table (`--schema=events`). */
void journal_schema(struct sb *out);

/* ---- writing ---- */

struct journal;

/* Without a file so far. */
struct journal *journal_new(void);
/* Lines go to a new file from now on; false with an error where there can be
 * none. */
bool journal_open(struct journal *j, const char *path, struct err *e);
/* What texts and words are written as: the text itself, or another one in the
 * arena. */
struct journal_mask {
	const char *(*fn)(void *ctx, struct arena *a, const char *text);
	void *ctx;
};
void journal_set_mask(struct journal *j, const struct journal_mask *mask);
/* All lines, whole ones, go there as well when they are written. */
void journal_tell(
    struct journal *j, void (*fn)(void *ctx, sv lines), void *ctx);
/* Each makes a line.  Those about calls and jobs wait for the next
 * journal_flush(); `line` must be one of the object's. */
void journal_add_run(struct journal *j, const struct journal_run *r);
void journal_add_call(
    struct journal *j, enum journal_line line, const struct journal_call *c);
void journal_add_job(
    struct journal *j, enum journal_line line, const struct journal_job *job);
void journal_add_sample(struct journal *j, const struct journal_sample *sample);
void journal_add_end(struct journal *j, const struct journal_end *end);
/* What is waiting is written now. */
void journal_flush(struct journal *j);
/* Flushes and frees; NULL is fine.  A full disk is told here, once: false with
 * an error. */
bool journal_close(struct journal *j, struct err *e);
/* Appends one line, as it is written where nothing is masked. */
void journal_add_line(
    struct sb *out, enum journal_line line, const void *object);

/* ---- reading ---- */

struct journal_log {
	struct journal_run run;
	VEC(struct journal_call) calls; /* by id; calls.v[i].id == i + 1 but
					 * for holes, which have id 0 */
	VEC(struct journal_job) jobs;   /* likewise */
	VEC(struct journal_sample) samples; /* in the order of time */
	struct journal_end end;
	bool has_run, has_end;
	bool leaves_jobs; /* but those that could not be started */
	int64_t read_bytes; /* of the file: whole lines */
};

void journal_log_init(struct journal_log *log);
/* Reads what has come since the last time; texts are in `a`.  A line without
 * its end waits, lines of unknown kinds are passed over.  A line tells what it
 * tells of a call or a job, the rest stays.  false when the file cannot be
 * read. */
bool journal_read_more(
    struct arena *a, const char *path, struct journal_log *log, struct err *e);
/* All of a file. */
bool journal_read(struct arena *a, const char *path, struct journal_log *out,
    struct err *e);
/* For who asks for calls: of the jobs those alone that have an error. */
bool journal_read_calls(struct arena *a, const char *path,
    struct journal_log *out, struct err *e);
/* The first line of a file, and the last one that is whole of the first `size`
 * bytes; false: there is none. */
bool journal_first_line(struct arena *a, int fd, sv *out);
bool journal_last_line(struct arena *a, int fd, off_t size, sv *out);
/* What these two tell, whatever is between them; has_run and has_end say
 * whether they are what they should be.  false when the file cannot be read. */
bool journal_read_ends(struct arena *a, const char *path,
    struct journal_log *out, struct err *e);
/* The log of a call that has not ended is that of its jobs; "" : it has none
 * so far. */
static inline bool
journal_call_has_ended(const struct journal_call *c)
{
	return *c->status != '\0';
}

#endif

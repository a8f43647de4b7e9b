/* SPDX-License-Identifier: MIT */
/*
 * What is known of a run without reading all of its journal: how it began, how
 * it ended, where the log of one call is.
 * May include: base/, go/, store/, serve/ (json_out).
 */
#ifndef SERVE_RUN_FILE_H
#define SERVE_RUN_FILE_H

#include "go/value.h"
#include "serve/json_out.h"
#include "store/state.h"

enum {
	RUN_ID_N = 22 /* "20261121-094617-123456" */
};
/* Is it an id of a run or a session?  Nothing else ever becomes a path. */
bool run_id_is_one(const char *text);

struct run_file {
	const char *id, *path, *events;
	bool is_live;
	value run, end; /* lines of the journal; VALUE_ABSENT: not there */
	int left;       /* status that a detached one has left; -1: none */
};

/* false: there is no such run. */
bool run_file_read(
    struct arena *a, const struct state *s, const char *id, struct run_file *r);
/* "running", "passed", "failed", "cancelled", "killed" */
const char *run_file_status(const struct run_file *r);
/* A text of the first line; "" where it says nothing. */
const char *run_file_text(const struct run_file *r, const char *key);
/* A RunSummary, without its braces. */
void run_file_json(const struct run_file *r, struct json_out *j);

struct call_log {
	bool is_there; /* there is such a call */
	bool has_ended, had_some;
	const char *path; /* of its log; NULL: it has none so far */
};
void run_file_log(struct arena *a, const struct run_file *r, unsigned call,
    struct call_log *out);

/* ---- lines of a journal ---- */

/* "call_end" of {"ev":"call_end",...; "" : it has no such beginning. */
sv journal_line_kind(sv line);
/* Of a line that is an object; 0 and "" where it says nothing. */
bool journal_line_read(struct arena *a, sv line, value *out);
int64_t journal_line_int(value line, const char *key);
const char *journal_line_text(value line, const char *key);

#endif

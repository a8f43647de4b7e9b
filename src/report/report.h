/* SPDX-License-Identifier: MIT */
/*
 * Reports of a run: what its journal and its logs say, in the formats that
 * others read.  Whoever ends a run or looks at an older one asks for them
 * (cli/cmd_report.c); a kind is a file here and a line in the table of
 * report.c.  Nothing is asked of the run itself, so a report of a run that was
 * killed says all that is known.
 * May include: base/, go/, store/, exec/ (capture.h).
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <stdbool.h>

#include "base/err.h"
#include "base/vec.h"
#include "store/journal.h"

/* The run, lent for as long as reports are made of it. */
struct report_run {
	const char *id;
	const char *dir; /* its folder, absolute: logs are seen from it */
	const struct journal_log *log;
	bool is_live; /* it goes on still */
	/* Where GitHub takes the summary of a step: markdown goes to the end of
	 * that file; NULL: there is none */
	const char *step_summary;
	/* The program that speaks HTTP; NULL: there is none.  Headers for whom
	 * spans are sent to: "name=value,name=value", values as in an address;
	 * NULL: none */
	const char *fetch, *otlp_headers;
	const char *history; /* the database of earlier runs; NULL: none */
};

struct report_kind;

/* One that is wanted. */
struct report_wish {
	const struct report_kind *kind;
	const char *target; /* absolute path; "-": stdout */
	struct err err;     /* why it is not there; the caller's to clear */
};
typedef VEC(struct report_wish) report_wishes;

/* Adds what KIND:FILE asks for, FILE seen from `dir`; the same once more is no
 * second one.  false with an error: there is no such kind, or no file. */
bool report_wish_parse(struct arena *a, const char *text, const char *dir,
    report_wishes *out, struct err *e);
/* The same for a kind by name, which must be one. */
void report_wish_add(struct arena *a, const char *kind, const char *file,
    const char *dir, report_wishes *out);
/* "html, json, ...": for messages and completions; NULL behind the last. */
const char *report_kind_name(size_t i);

/* Makes them side by side.  Each file appears whole or not at all.  false: at
 * least one failed, its wish says why; the others are whole. */
bool report_make(const struct report_run *run, report_wishes *wishes);

/* Appends what the kind `json` says of it. */
void report_json_text(
    struct arena *a, const struct report_run *run, struct sb *out);
/* Appends the JSON schema of the kind `json`. */
void report_schema(struct sb *out);

#endif

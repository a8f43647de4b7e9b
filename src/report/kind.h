/* SPDX-License-Identifier: MIT */
/*
 * What a kind of report is, and what all kinds see of a run.  For report/
 * alone. May include: base/, go/, stats/, store/.
 */
#ifndef REPORT_KIND_H
#define REPORT_KIND_H

#include "report/report.h"
#include "store/history_db.h"

/* What became of a call, as far as formats of others tell it apart. */
enum verdict {
	VERDICT_PASSED,  /* up to date and the like, too */
	VERDICT_SKIPPED, /* or kept from running by what failed */
	VERDICT_FAILED,  /* a command of it ended with a status */
	VERDICT_ERROR,   /* its time was up, it could not start, a signal */
	VERDICT_EXCUSED, /* one of the two, and it did not count: ignored, in
			  * quarantine, put right by its caller */
	VERDICT_CANCELLED,
	VERDICT_UNFINISHED, /* the run was killed, or goes on */
	VERDICT_COUNT,
};

/* What follows from the journal for one call. */
struct call_facts {
	enum verdict verdict;
	const char *status; /* the word of the journal, or of what it lacks */
	const char *why;    /* error or reason, or "" */
	const char *type;   /* of what went wrong: exit, timeout, spawn, ... */
	const char *log;    /* seen from the folder of the run; "" : none */
	unsigned root;      /* id of the requested call above it */
	int64_t start_ns, end_ns; /* the last known moment where it is open */
	int64_t own_ns;  /* its jobs, without the calls of its scripts */
	int64_t wait_ns; /* for slots, and in queues */
	unsigned first_job, last_job; /* ids; 0: none */
	bool on_path;                 /* critical */
};

/* A part of the critical path: the run would have been shorter without it. */
struct path_part {
	unsigned call, job; /* ids; job 0: the call did something else */
	int64_t from_ns, to_ns;
};

/* Made once, then read by all. */
struct picture {
	const struct report_run *run;
	const struct journal_log *log;
	const struct call_facts *facts; /* [id - 1] */
	size_t count[VERDICT_COUNT], n_calls;
	VEC(struct path_part) path; /* in the order of time */
	int64_t wall_ns, busy_ns;   /* sum of the times of all jobs */
	const char *title;          /* the requested tasks */
	const char *verdict;        /* passed, failed, unfinished or running */
};

void picture_make(
    struct arena *a, const struct report_run *run, struct picture *out);

/* Calls that went wrong come first: the order in which people read. */
void picture_order(struct arena *a, const struct picture *p, unsigned **ids);
/* The command that runs the requested call above this one again; "": nobody
 * would copy one that long. */
const char *picture_rerun(
    struct arena *a, const struct picture *p, const struct journal_call *c);

/* ---- past.c ---- */

enum {
	PAST_MOST = 20
};

/* The runs of a call before this one, newest first. */
struct past {
	unsigned number; /* from 1; calls that are alike share one */
	const struct history_call *calls;
	size_t n;
	const double *times; /* of those that passed at once, seconds */
	size_t n_times;
	double usual; /* their median; 0: too few */
};

/* By id - 1; NULL where nothing is known. */
const struct past **past_read(struct arena *a, const struct picture *p);
/* Does it take far longer than it did? */
bool past_is_slow(const struct past *past, int64_t own_ns);

struct report_kind {
	const char *name;
	bool takes_address; /* the target may be a web server's */
	bool (*write)(struct arena *a, const struct picture *p,
	    const char *target, struct sb *out, struct err *e);
	/* NULL: to the target, in place of what was there */
	bool (*deliver)(struct arena *a, const struct picture *p,
	    const char *target, sv text, struct err *e);
};

bool report_html(struct arena *a, const struct picture *p, const char *target,
    struct sb *out, struct err *e);
bool report_json(struct arena *a, const struct picture *p, const char *target,
    struct sb *out, struct err *e);
bool report_junit(struct arena *a, const struct picture *p, const char *target,
    struct sb *out, struct err *e);
bool report_trace(struct arena *a, const struct picture *p, const char *target,
    struct sb *out, struct err *e);
bool report_markdown(struct arena *a, const struct picture *p,
    const char *target, struct sb *out, struct err *e);
bool report_markdown_deliver(struct arena *a, const struct picture *p,
    const char *target, sv text, struct err *e);
bool report_otlp(struct arena *a, const struct picture *p, const char *target,
    struct sb *out, struct err *e);
bool report_otlp_deliver(struct arena *a, const struct picture *p,
    const char *target, sv text, struct err *e);
bool report_ctrf(struct arena *a, const struct picture *p, const char *target,
    struct sb *out, struct err *e);

/* http://… or https://… */
bool report_is_address(const char *target);
/* Puts a text where the target says: a file appears whole, its folder is made;
 * what is no plain file is written to; "-" is stdout. */
bool report_put(struct arena *a, const char *target, sv text, struct err *e);

/* ---- text.c ---- */

/* Appends what people can read of a text: no escape sequences of terminals, no
 * control characters but tab and newline, U+FFFD for what is no UTF-8 or no
 * character of XML 1.0. */
void text_clean(struct sb *out, sv s);
/* The same with & < > " ' written as XML and HTML have them. */
void text_markup(struct sb *out, sv s);
/* What text_clean() makes of it, on one line of at most so many bytes; an
 * ellipsis stands for what is cut off. */
const char *text_line(struct arena *a, const char *text, size_t most);
/* The head and the tail of a part of a log, cleaned; what is between is left
 * out by one line that says so.  to < 0: to its end.  Appends nothing where
 * there is no log. */
struct log_part {
	const char *name; /* seen from the folder of the run */
	int64_t from, to;
	size_t head, tail; /* bytes of the log */
};
void text_log(struct arena *a, const struct picture *p,
    const struct log_part *part, struct sb *out);
/* Seconds with three digits behind a dot, whatever the locale. */
void text_seconds(struct sb *out, int64_t ns);
/* 2026-11-21T09:46:17.123Z */
void text_time(struct sb *out, int64_t epoch_ns);

#endif

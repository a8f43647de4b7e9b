/* SPDX-License-Identifier: MIT */
/* What the files of output/ share. */
#ifndef OUTPUT_INTERNAL_H
#define OUTPUT_INTERNAL_H

#include "base/clock.h"
#include "base/vec.h"
#include "output/block.h"
#include "output/mode.h"
#include "output/output.h"
#include "output/spool.h"

/* The log of a call (log.c). */
struct call_log {
	struct spool file;
	const char *path;      /* NULL: it was not opened yet */
	bool was_lent;	       /* a job had the terminal: its output is not in
				* it */
	struct mask *masks[2]; /* of stream 1, 2; NULL: there are no secrets,
				* nor will there be */
	size_t known;	       /* so many of the run's secrets they have */
};

/* What output knows of a call; by its id, so that the run's record need not
 * know of it. */
struct call_out {
	struct run_call *call;
	struct call_log log;
	void *mode; /* the mode's own: call_size bytes, zeroed at first */
};

struct output {
	struct output_config c;
	struct arena *arena;
	VEC(struct call_out *) calls; /* by id; NULL: nothing was kept */
	void *mode; /* the mode's own: run_size bytes, zeroed at first */
	int log_errno;
	bool asked_pty, has_no_pty; /* were they looked for, in vain? */
	int signals; /* told so far */
};

/* message.c: go-task's lines for an event. */
void message_event(struct output *o, const struct event *ev);
/* Of EVENT_UP_TO_DATE, by another name than the task's. */
void message_up_to_date(
    struct output *o, const struct event *ev, const char *name);
/* summary.c: why a call failed, in a few words. */
const char *failure_text(struct arena *a, const struct run_call *c);
/* The time of its own commands, without the waits for slots and for calls that
 * its scripts made; 0: none has started. */
int64_t own_time_ns(const struct run_call *c);
/* Less is nothing: it would be shown as 0ms. */
#define OWN_TIME_MIN_NS (NS_PER_MS / 2)
/* "207ms" or "-". */
const char *own_time_text(struct arena *a, const struct run_call *c);
/* "313ms", what it waited for slots; NULL: that is not worth a word. */
const char *wait_text(struct arena *a, const struct run_call *c);
/* The call that failed by itself and made this one fail; NULL: it did so itself.
 */
const struct run_call *root_cause(const struct run_call *c);
/* Adds what a line or row says of a call that has ended: sign, name (padded to
 * `width` columns), time, wait, and why. */
void add_call(const struct output *o, struct sb *out, const struct run_call *c,
    size_t width);
/* What is to be said of how a call ended, behind its time; NULL: nothing. */
const char *ending_text(
    struct arena *a, const struct output *o, const struct run_call *c);
/* summary_table.c: a row per call, what failed first (P-502). */
void add_table(
    const struct output *o, struct sb *out, const struct run_result *r);
/* wire.c: may the job have the terminal itself?  Then nothing of it is kept
 * (P-402). */
bool wire_lends(const struct output *o, const struct run_call *call,
    const struct job_spec *spec);
/* Stdout and stderr as they come, through prun where there is a log. */
void wire_through(struct output *o, struct job_spec *spec);
/* Both streams to prun: as one where they are one file, else apart. */
void wire_pipes(struct job_spec *spec);
/* Of a call that a script made (P-104). */
void wire_relayed(
    struct output *o, const struct run_call *call, struct job_spec *spec);
void wire_stdin(const struct output *o, struct job_spec *spec);
/* ci.c: the lines around a group of output that starts now, where the CI system
 * has such; and the annotation of a call that failed by itself. */
void ci_group_begin(
    struct output *o, const struct run_call *call, struct block *b);
/* What failed is to be seen at once: changes the lines before they are shown. */
void ci_group_open(struct output *o, struct block *b);
void ci_group_end(struct output *o, struct block *b);
void ci_annotate(struct output *o, struct arena *a, const struct run_call *call,
    const char *why);
/* In place of so many further ones. */
void ci_annotate_more(struct output *o, size_t n);
/* log.c: what is kept of a call, made on first use. */
struct call_out *call_out(struct output *o, struct run_call *call);
/* NULL where nothing is kept. */
struct call_out *call_out_seen(
    const struct output *o, const struct run_call *call);
/* Says in the log that a job has the terminal. */
void log_lent(struct output *o, struct call_out *co);
/* The log of a call, opened on first use; false: there can be none. */
bool log_open(struct output *o, struct call_out *co);
/* Adds to the log, with secrets masked: a secret in two writes to one stream as
 * well, whatever the other one says in between. */
void log_add(struct output *o, struct call_out *co, int stream, sv bytes);
/* Nothing more of this job will come. */
void log_end(struct output *o, struct call_out *co);
void log_close(struct call_out *co);
static inline bool
log_is_masked(const struct call_out *co)
{
	return co->log.masks[0] != NULL;
}

#endif

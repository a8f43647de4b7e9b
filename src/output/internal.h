/* SPDX-License-Identifier: MIT */
/* What the files of output/ share. */
#ifndef OUTPUT_INTERNAL_H
#define OUTPUT_INTERNAL_H

#include <sys/types.h>

#include "base/vec.h"
#include "output/output.h"

/* A stretch of a call's file that came from one stream. */
struct stretch {
	off_t end;
	int stream;
};

/* What output keeps about a call; run_call.sink_data. */
struct call_out {
	int fd;		   /* its log, or an unlinked file; -1: not open */
	int masked_fd;	   /* with secrets: the log; fd then is unlinked */
	off_t shown;	   /* up to here the terminal has seen it */
	struct mask *masks[2]; /* of stream 1, 2; NULL: there are no secrets */
	VEC(struct stretch) stretches; /* group-task: heap */
	struct sb line;	   /* prefixed: a line without its end yet */
	const char *begin, *end; /* group: templates done at job start */
	bool is_full;	   /* no more can be collected */
	const char *section; /* with a CI system's marks: its name */
	struct call_out *next;	 /* all of the run, for the clean-up */
};

struct output {
	struct output_config c;
	struct arena *arena;
	struct call_out *calls;
	struct map *prefixes; /* prefix → colour, by appearance */
	int log_errno;
	int signals; /* told so far */
	string_vec secrets;
	struct map *secret_set;
};

/* message.c: go-task's lines for an event. */
void message_event(struct output *o, const struct event *ev);
/* group.c: into the file that the block is shown from. */
void group_add(struct output *o, struct call_out *co, const struct event *ev);
/* One block: begin, what was written since it was last shown, end. */
void group_show(struct output *o, struct run_call *call, bool failed);
/* A job that failed while it wrote straight into its log was told of a full
 * disk, maybe, and has no place to say so. */
void group_check_space(struct output *o, const struct call_out *co);
/* secrets.c */
void secrets_of_file(struct output *o, const struct taskfile *file);
void secrets_of_call(struct output *o, const struct run_call *call);
/* ci.c: the lines around a group of output that starts now, where the CI system
 * has such; and the annotation of a call that failed by itself. */
void ci_group_begin(struct output *o, const struct run_call *call,
    struct call_out *co);
void ci_group_end(struct output *o, struct call_out *co);
void ci_annotate(struct output *o, const struct run_call *call,
    const char *why);
/* log.c */
struct call_out *call_out(struct output *o, struct run_call *call);
/* The log of a call, opened on first use; -1 where there can be none. */
int log_open(struct output *o, struct run_call *call);
/* The file that grouped output is collected in: the log itself, or an unlinked
 * file where there is no log, or where the log must not show secrets. */
int log_open_group(struct output *o, struct run_call *call);
/* Adds to the log, with secrets masked: a secret in two writes to one stream as
 * well, whatever the other one says in between. */
void log_write(struct output *o, struct run_call *call, int stream, sv bytes);
/* Nothing more of this job will come. */
void log_end(struct output *o, struct run_call *call);
static inline bool
log_is_masked(const struct call_out *co)
{
	return co->masks[0] != NULL;
}
off_t log_size(const struct call_out *co);
/* Copies what was not shown yet, up to `end`, to fd 1 or 2 without holding it
 * in memory (P-403). */
void log_show(struct output *o, struct call_out *co, off_t end, int to);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A block of output: collected in a file, shown when a job or a call has ended,
 * for the modes that do so (C-145 to C-148, P-403).
 * May include: base/, output/spool.h.
 */
#ifndef OUTPUT_BLOCK_H
#define OUTPUT_BLOCK_H

#include "base/vec.h"
#include "output/spool.h"

struct output;
struct call_out;
struct run_call;
struct event;

/* Up to `end` it came from one stream. */
struct stretch {
	off_t end;
	int stream;
};

/* What the blocks of a run have left of a line, for modes in which those of
 * different calls are kept apart; by stream. */
struct open_lines {
	bool is_open[3];
};

/* All zero: nothing was collected yet. */
struct block {
	struct spool *from; /* the log of the call, or `own` */
	struct spool own;   /* where there is no log, or it must not show what
			     * the terminal may: secrets */
	off_t shown;        /* up to here it was shown */
	const char *begin, *end;       /* lines around it; NULL: none */
	const char *section;           /* with a CI system's marks: its name */
	bool is_full;                  /* no more can be collected */
	struct open_lines *lines;      /* NULL: they may be glued together */
	bool has_begun[3];             /* on that stream */
	VEC(struct stretch) stretches; /* heap */
};

/* The file to collect in; false: there can be none. */
bool block_open(struct output *o, struct call_out *co, struct block *b);
/* May a job write into it without passing through prun? */
bool block_is_direct(
    const struct output *o, const struct call_out *co, const struct block *b);
/* The lines around what comes: the user's templates, else a CI system's marks.
 */
void block_frame(struct output *o, struct call_out *co, struct block *b);
/* What a job wrote.  When the file is full, what it has is shown at once, and
 * so is all that comes. */
void block_add(struct output *o, struct call_out *co, struct block *b,
    const struct event *ev, bool by_stream);
/* What was written since it was last shown, with the lines around it: all on
 * stdout but for stretches of stderr. */
void block_show(struct output *o, struct block *b, bool failed);
/* A job that failed while it wrote straight into its log was told of a full
 * disk, maybe, and has no place to say so. */
void block_check_space(struct output *o, const struct block *b);
void block_close(struct block *b);

#endif
